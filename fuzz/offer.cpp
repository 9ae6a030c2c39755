// SPDX-License-Identifier: Apache-2.0
// SDP offers of WebRTC listeners, and the answers made of them.
#include "webrtc/offer.hpp"

#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "text/ascii.hpp"

namespace {

using namespace infinara::webrtc;
using infinara::fuzz::require;

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != text.npos; at += word.size()) ++found;
  return found;
}

/// Lines "x=…" that end with CRLF, without any other control character.
bool is_sdp(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    if (end == text.npos || end < 2 || text[1] != '=') return false;
    if (std::ranges::any_of(text.substr(0, end), infinara::text::is_control)) return false;
    text.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_offer(infinara::fuzz::text_of(data, size));
  if (!read) {
    const BadOffer& bad = read.error();
    require(bad.status == 400 || bad.status == 413 || bad.status == 422, "the status is known");
    require(!bad.why.empty() && bad.why.size() < 200, "a refusal has a reason");
    return 0;
  }
  const Offer& offer = *read;
  require(is_sdp(offer.sdp), "our own SDP is well formed");
  require(count(offer.sdp, "\r\nm=") == 1, "our own SDP has one section");
  require(count(offer.sdp, "\r\na=candidate:") <= kMostCandidates, "candidates are limited");
  require(offer.payload_type >= 0 && offer.payload_type <= 127, "a payload type has seven bits");
  require(offer.others.size() < kMostSections && offer.place <= offer.others.size(),
          "the sound has a place among the sections");

  const auto own = read_offer(offer.sdp);
  require(own && own->sdp == offer.sdp, "our own SDP reads as itself");
  require(own->ufrag == offer.ufrag && own->payload_type == offer.payload_type,
          "reading our own SDP changes nothing");

  std::string answer = offer.sdp;
  answer.replace(answer.find("a=recvonly"), 10, "a=sendonly");
  const auto whole = whole_answer(offer, answer);
  require(whole && is_sdp(*whole), "the whole answer is well formed");
  require(count(*whole, "\r\nm=") == offer.others.size() + 1, "each section is answered");
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Trickle ICE fragments: the bodies of PATCH requests.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "text/ascii.hpp"
#include "webrtc/offer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace infinara::webrtc;
  using infinara::fuzz::require;
  const auto read = read_trickle(infinara::fuzz::text_of(data, size));
  if (!read) {
    const BadOffer& bad = read.error();
    require(bad.status == 400 || bad.status == 413, "the status is known");
    require(!bad.why.empty() && bad.why.size() < 200, "a refusal has a reason");
    return 0;
  }
  const Trickle& trickle = *read;
  require(trickle.candidates.size() <= kMostCandidates, "candidates are limited");
  require(trickle.ufrag.size() <= 256, "a user fragment is limited");
  std::string text = "a=ice-ufrag:" + trickle.ufrag + "\r\n";
  if (trickle.ufrag.empty()) text = "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n";
  for (const std::string& candidate : trickle.candidates) {
    require(candidate.starts_with("candidate:") && candidate.size() <= 512, "a candidate is one");
    require(std::ranges::none_of(candidate, infinara::text::is_control), "a candidate is a line");
    text += "a=" + candidate + "\r\n";
  }
  const auto own = read_trickle(text);
  require(own && own->ufrag == trickle.ufrag && own->candidates == trickle.candidates,
          "what was read reads as itself");
  return 0;
}

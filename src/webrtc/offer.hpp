// SPDX-License-Identifier: Apache-2.0
// A listener's WebRTC offer judged before anything acts on it. Of a good one only what was
// understood goes on, as a text of our own; of a bad one comes the reason. Words in, words out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/result.hpp"

namespace infinara::webrtc {

/// Why it is refused: a status of HTTP and a sentence's end.
struct BadOffer {
  int status = 400;  // 400: no SDP, or a broken one; 422: a good one that cannot be met
  std::string why;
};

/// A section that the answer refuses, since nothing but sound is sent.
struct OtherMedia {
  std::string media, proto, format, mid;
};

struct Offer {
  std::string sdp;              // one m-line: the sound alone
  int payload_type = 0;         // of Opus
  std::string ufrag, password;  // of the client's ICE
  std::vector<OtherMedia> others;
  std::size_t place = 0;  // of the sound among all sections
};

inline constexpr std::size_t kMostSdpBytes = 65536;
inline constexpr std::size_t kMostSections = 32;
inline constexpr std::size_t kMostCandidates = 32;  // what comes beyond is left out

Result<Offer, BadOffer> read_offer(std::string_view sdp);

/// The answer to the client's whole offer, made of webrtcbin's answer to `offer.sdp` and what WHEP
/// wants beside it: one MediaStream, rtcp-mux-only, trickle and the end of candidates. Nothing if
/// webrtcbin's answer sends no sound.
std::optional<std::string> whole_answer(const Offer& offer, std::string_view answer);

/// What PATCH brings: application/trickle-ice-sdpfrag.
struct Trickle {
  std::string ufrag, password;          // empty if not said
  std::vector<std::string> candidates;  // each "candidate:…"
};
Result<Trickle, BadOffer> read_trickle(std::string_view fragment);

}  // namespace infinara::webrtc

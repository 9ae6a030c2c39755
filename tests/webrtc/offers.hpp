// SPDX-License-Identifier: Apache-2.0
// WebRTC offers for tests: a good one, and it with lines changed.
#pragma once

#include <string>

namespace infinara::webrtc {

inline const std::string kFingerprint =
    "a=fingerprint:sha-256 "
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:"
    "FF\r\n";

/// As a browser writes it, in brief.
inline const std::string kGoodOffer =
    "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:Ab1/\r\na=ice-pwd:0123456789abcdefghijkl+/\r\na=ice-options:trickle\r\n" +
    kFingerprint +
    "a=setup:actpass\r\na=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:63 red/48000/2\r\n";

/// The offer with each `from` replaced; the text itself if there is none.
inline std::string with(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); !from.empty() && at != text.npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

inline const std::string kVideo =
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=recvonly\r\n"
    "a=rtpmap:96 VP8/90000\r\n";

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
// The SRTP fast path to a WebRTC client: packets are encrypted here and given to libnice's agent,
// past a dozen elements inside webrtcbin. It uses webrtcbin's own SRTP key and ICE agent, so a peer
// uses it only after it has made the same bytes of a packet as webrtcbin has.
// PeersSettings::fast_path switches it off.
#pragma once

#include <gst/gst.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "webrtc/ice_path.hpp"
#include "webrtc/srtp_sender.hpp"

namespace infinara::webrtc {

class SrtpFastPath {
 public:
  /// Null if these elements are not what is expected: webrtcbin's "dtlsenc" and "nicesink" for RTP,
  /// with a key for AES-CM of 128 bits.
  static std::unique_ptr<SrtpFastPath> between(GstElement* dtls, GstElement* nice);
  SrtpFastPath(const SrtpFastPath&) = delete;
  SrtpFastPath& operator=(const SrtpFastPath&) = delete;

  /// The packet encrypted, each packet once; valid until the next call. Empty if that failed.
  std::span<const std::uint8_t> encrypt(std::span<const std::uint8_t> rtp, int payload_type);
  /// False if it did not leave.
  bool send(std::span<const std::uint8_t> packet) const { return path_.send(packet); }

 private:
  static constexpr std::size_t kMostPacket = 1400;
  SrtpFastPath(SrtpSender srtp, IcePath path) : srtp_(srtp), path_(std::move(path)) {}

  SrtpSender srtp_;
  IcePath path_;
  std::array<std::uint8_t, kMostPacket + SrtpSender::kLongestTag> bytes_;
};

}  // namespace infinara::webrtc

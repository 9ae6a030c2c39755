// SPDX-License-Identifier: Apache-2.0
// A packet's short way to a WebRTC client: encrypted here and given to the ICE agent, past a dozen
// elements inside webrtcbin. It borrows what webrtcbin keeps to itself (the SRTP key and the
// agent), so it is used only after it has made of a packet the very bytes that webrtcbin made of
// it.
#pragma once

#include <gst/gst.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "station/ice_path.hpp"
#include "station/srtp_sender.hpp"

namespace infinara::station {

class ShortWay {
 public:
  /// Null if these elements are not what is expected: webrtcbin's "dtlsenc" and "nicesink" for RTP,
  /// with a key for AES-CM of 128 bits.
  static std::unique_ptr<ShortWay> between(GstElement* dtls, GstElement* nice);
  ShortWay(const ShortWay&) = delete;
  ShortWay& operator=(const ShortWay&) = delete;

  /// The packet encrypted, each packet once; valid until the next call. Empty if that failed.
  std::span<const std::uint8_t> encrypt(std::span<const std::uint8_t> rtp, int payload_type);
  /// False if it did not leave.
  bool send(std::span<const std::uint8_t> packet) const { return path_.send(packet); }

 private:
  static constexpr std::size_t kMostPacket = 1400;
  ShortWay(SrtpSender srtp, IcePath path) : srtp_(srtp), path_(std::move(path)) {}

  SrtpSender srtp_;
  IcePath path_;
  std::array<std::uint8_t, kMostPacket + SrtpSender::kLongestTag> bytes_;
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// One RTP stream made of the packets of many payloaders, one after the other (RFC 3550): sequence
// numbers go up by one, timestamps go on by the time that passed, the SSRC stays. A receiver does
// not notice that the pipeline was replaced.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace infinara::webrtc {

class RtpStream {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t kMostBytes = 1400;  // of a packet
  static constexpr std::uint32_t kRate = 48000;    // timestamps per second, for Opus (RFC 7587)

  /// `sequence` and `timestamp` are those of the first packet. RFC 3550 wants them random.
  RtpStream(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp)
      : ssrc_(ssrc), next_(sequence), timestamp_(timestamp) {}

  /// The packet as a part of this stream, valid until the next call. `source` tells payloaders
  /// apart; `now` is when the packet was made. Empty if that is no RTP packet or too long a one.
  std::span<const std::uint8_t> adopt(std::span<const std::uint8_t> packet, unsigned source,
                                      Time now);

 private:
  const std::uint32_t ssrc_;
  std::uint16_t next_;       // sequence number
  std::uint32_t timestamp_;  // of the last packet; of the first one before it
  Time last_{};              // when the last packet was made
  bool began_ = false;
  unsigned source_ = 0;
  std::uint32_t offset_ = 0;  // from the source's timestamps to ours
  std::array<std::uint8_t, kMostBytes> bytes_;
};

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "webrtc/rtp_stream.hpp"

#include <algorithm>

#include "webrtc/big_endian.hpp"

namespace infinara::webrtc {
namespace {

constexpr std::size_t kHead = 12;  // bytes of an RTP header (RFC 3550, section 5.1)

}  // namespace

std::span<const std::uint8_t> RtpStream::adopt(std::span<const std::uint8_t> packet,
                                               unsigned source, Time now) {
  if (packet.size() < kHead || packet.size() > kMostBytes || packet[0] >> 6 != 2) return {};
  const std::uint32_t theirs = get_big_endian(&packet[4]);
  if (!began_ || source != source_) {
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, kRate>>;
    const auto passed = began_ ? std::chrono::floor<Ticks>(now - last_).count() : 0;
    offset_ =
        timestamp_ + static_cast<std::uint32_t>(std::max<std::int64_t>(passed, began_)) - theirs;
    began_ = true;
    source_ = source;
  }
  timestamp_ = theirs + offset_;
  last_ = now;
  std::ranges::copy(packet, bytes_.begin());
  bytes_[2] = static_cast<std::uint8_t>(next_ >> 8);
  bytes_[3] = static_cast<std::uint8_t>(next_);
  ++next_;
  put_big_endian(&bytes_[4], timestamp_);
  put_big_endian(&bytes_[8], ssrc_);
  return std::span(bytes_).first(packet.size());
}

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "webrtc/rtp_stream.hpp"

#include <algorithm>

namespace infinara::webrtc {
namespace {

constexpr std::size_t kHead = 12;  // bytes of an RTP header (RFC 3550, section 5.1)

void put(std::uint8_t* to, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(number >> shift);
}

std::uint32_t get(const std::uint8_t* from) {
  return std::uint32_t{from[0]} << 24 | std::uint32_t{from[1]} << 16 | std::uint32_t{from[2]} << 8 |
         from[3];
}

}  // namespace

std::span<const std::uint8_t> RtpStream::adopt(std::span<const std::uint8_t> packet,
                                               unsigned source, Time now) {
  if (packet.size() < kHead || packet.size() > kMostBytes || packet[0] >> 6 != 2) return {};
  const std::uint32_t theirs = get(&packet[4]);
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
  put(&bytes_[4], timestamp_);
  put(&bytes_[8], ssrc_);
  return std::span(bytes_).first(packet.size());
}

}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "cast/ts_packets.hpp"

namespace infinara::cast {

namespace {
constexpr std::uint8_t kSync = 0x47;
constexpr std::size_t kPacket = 188;
}  // namespace

/// The packet after it, if its first bytes are here, must look like one as well.
bool TsPackets::is_packet(Bytes bytes) const {
  const std::size_t sync = size_ - kPacket;
  return bytes[sync] == kSync && (bytes.size() <= size_ + sync || bytes[size_ + sync] == kSync);
}

void TsPackets::push(Bytes bytes, const std::function<void(Bytes packets)>& take) {
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  const Bytes all(held_);
  std::size_t run = 0, at = 0;  // whole packets lie from run to at
  const auto give = [&] {
    if (at > run) take(all.subspan(run, at - run));
  };
  while (all.size() - at >= size_) {
    if (is_packet(all.subspan(at))) {
      at += size_;
      continue;
    }
    give();
    run = ++at;
    ++skipped_;
  }
  give();
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// An MPEG transport stream cut into its packets, whatever pieces it comes in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

class TsPackets {
 public:
  /// `size`: bytes of a packet. 188, or 192 with the time stamp that M2TS puts before each.
  explicit TsPackets(std::size_t size = 188) : size_(size) {}

  /// Calls `take` with runs of whole packets; the bytes live until it returns.
  void push(Bytes bytes, const std::function<void(Bytes packets)>& take);
  /// Forgets a part of a packet: the next bytes begin anew.
  void reset() { held_.clear(); }
  /// Bytes so far that belonged to no packet.
  std::uint64_t skipped() const { return skipped_; }

 private:
  bool is_packet(Bytes bytes) const;

  std::size_t size_;
  std::vector<std::uint8_t> held_;
  std::uint64_t skipped_ = 0;
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// The last seconds of the stream, once in memory, for all listeners. A listener is a position in
// it. One thread owns it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

/// Bytes since the stream began. Positions never wrap and are never reused.
using Position = std::uint64_t;
using Seconds = std::chrono::duration<double>;
/// When a packet is presented, by the clock of whoever made it; nothing if it did not say.
using Pts = std::optional<std::chrono::nanoseconds>;

class BurstRing {
 public:
  /// Keeps at least `kept` of the stream, and at most a block of 32 KB more.
  explicit BurstRing(std::chrono::nanoseconds kept) : kept_(kept) {}

  /// Adds a packet, such as an MP3 frame. A listener can start at a packet with `random_access`.
  void append(Bytes packet, std::chrono::nanoseconds duration, bool random_access = true,
              Pts pts = {});

  /// One past the newest byte.
  Position end() const { return end_; }
  /// The oldest byte that is still here.
  Position begin() const;

  /// Where to start for a burst of `length`: the newest random-access point with at least that
  /// much from it to the end, else the oldest random-access point. Returns end() if the length is
  /// zero or the ring is empty.
  Position start_for(std::chrono::nanoseconds length) const;
  /// The first random-access point at or after `position`; end() if there is none yet.
  Position random_access_from(Position position) const;
  /// The duration from `position` to the end. A packet that holds `position` counts whole.
  std::chrono::nanoseconds ahead_of(Position position) const;
  /// Of the packet that holds `position`; nothing at the end.
  Pts pts_at(Position position) const;
  /// The bytes from `position` on that lie together in memory; none at the end or before begin().
  Bytes read(Position position) const;
  /// The packets before the one at `position`, oldest first, at most `max`.
  std::vector<Bytes> before(Position position, std::size_t max) const;
  /// The packet that begins at `position`; empty if none does.
  Bytes packet_at(Position position) const;

 private:
  struct Packet {
    Position position;
    std::chrono::nanoseconds time;  // where it begins, since the stream began
    std::uint32_t size;
    bool random_access;
    Pts pts;
  };
  /// A packet lies in one block; a block begins with a packet.
  struct Block {
    Position position;
    std::vector<std::uint8_t> bytes;  // its capacity is never exceeded, so the bytes stay in place
  };

  Bytes bytes_of(const Packet& packet) const;
  std::deque<Packet>::const_iterator packet_holding(Position position) const;
  void forget_old();

  std::chrono::nanoseconds kept_;
  std::chrono::nanoseconds time_{};  // of the end
  Position end_ = 0;
  std::deque<Packet> packets_;
  std::deque<Block> blocks_;
};

}  // namespace infinara::cast

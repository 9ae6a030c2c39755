// SPDX-License-Identifier: Apache-2.0
// The last seconds of the stream, once in memory, for all listeners. One thread owns it, so nothing
// in it is counted or locked; a listener is a position in it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

/// Bytes since the stream began. Positions never wrap and are never reused.
using Position = std::uint64_t;
using Seconds = std::chrono::duration<double>;

class BurstRing {
 public:
  /// Keeps at least `kept` of the stream, and little more.
  explicit BurstRing(std::chrono::nanoseconds kept) : kept_(kept) {}

  /// Adds a unit, such as an MP3 frame. Only at `sync` units can a listener start.
  void append(Bytes unit, std::chrono::nanoseconds duration, bool sync = true);

  /// One past the newest byte.
  Position end() const { return end_; }
  /// The oldest byte that is still here.
  Position begin() const;

  /// Where to start for a burst of `length`: the newest sync unit with at least that much from it
  /// to the end, else the oldest sync unit; the end, if the length is zero or nothing is here.
  Position start_for(std::chrono::nanoseconds length) const;
  /// The first sync unit at or after `position`; the end, if there is none yet.
  Position sync_from(Position position) const;
  /// How much there is from `position` to the end. It may lie inside a unit, which then counts
  /// whole.
  std::chrono::nanoseconds ahead_of(Position position) const;
  /// The bytes from `position` on that lie together in memory; none at the end or before begin().
  Bytes read(Position position) const;
  /// The units before the one at `position`, oldest first, at most `most`.
  std::vector<Bytes> before(Position position, std::size_t most) const;
  /// The unit that begins at `position`; empty if none does.
  Bytes unit_at(Position position) const;

 private:
  struct Unit {
    Position position;
    std::chrono::nanoseconds time;  // where it begins, since the stream began
    std::uint32_t size;
    bool sync;
  };
  /// Units lie in blocks, never across two; a block begins with a unit.
  struct Block {
    Position position;
    std::vector<std::uint8_t> bytes;  // its capacity is never exceeded, so the bytes stay in place
  };

  Bytes bytes_of(const Unit& unit) const;
  std::deque<Unit>::const_iterator unit_holding(Position position) const;
  void forget_old();

  std::chrono::nanoseconds kept_;
  std::chrono::nanoseconds time_{};  // of the end
  Position end_ = 0;
  std::deque<Unit> units_;
  std::deque<Block> blocks_;
};

}  // namespace infinara::cast

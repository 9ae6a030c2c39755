// SPDX-License-Identifier: Apache-2.0
// One listener of a broadcaster: its connection and its place in the stream.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

#include "cast/feed.hpp"
#include "cast/stream.hpp"
#include "cast/stream_request.hpp"

namespace infinara::cast {

using Clock = std::chrono::steady_clock;

/// The broadcaster's thread owns it; other threads read `request` and the atomics.
struct Listener {
  static constexpr std::int64_t kNoPosition = std::numeric_limits<std::int64_t>::min();
  struct Sent {
    std::uint64_t bytes = 0;
    bool broken = false;  // the connection is gone
  };

  int fd = -1;  // -1: disconnected, to be removed
  StreamRequest request;
  std::shared_ptr<void> keep;
  Clock::time_point joined;
  Clock::time_point next_check;        // of whether its host still answers
  std::chrono::nanoseconds max_lag{};  // how far behind it began, and BroadcasterOptions::max_lag
  Feed feed;
  Position start = 0;
  Position next_packet = 0;  // where the first packet begins that is appended after it joined
  std::atomic<std::int64_t> position = kNoPosition;  // of its first decoded sample
  bool answered = false;                             // has its response head
  bool begun = false;                                // the feed is set up
  bool blocked = false;                              // its socket is full
  std::size_t index = 0;                             // among all listeners of the broadcaster
  // SendSchedule sets these three.
  bool at_live_edge = false;
  std::size_t slot = 0;
  std::size_t index_in_slot = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::int64_t> lag_ns = 0;
  const char* reason = "";  // of the disconnect
  bool dropped = false, behind = false;

  ~Listener();
  ListenerInfo info(Clock::time_point now) const;
  /// Sends all that is there and that the socket takes; sets `blocked` if some is left.
  Sent send(const Stream& stream);
};

}  // namespace infinara::cast

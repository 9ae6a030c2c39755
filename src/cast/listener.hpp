// SPDX-License-Identifier: Apache-2.0
// One client: what it asked for and where it is in the stream.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cast/feed.hpp"
#include "cast/stream.hpp"

namespace infinara::cast {

using Clock = std::chrono::steady_clock;

/// What a client asked for.
struct Asked {
  enum class Want { kStream, kHead, kPreflight } want = Want::kStream;
  int minor = 1;                // HTTP/1.0 or HTTP/1.1
  bool icy = false;             // title blocks
  std::optional<double> burst;  // seconds
  std::string agent;
  std::string address;
};

struct ListenerFacts {
  std::string address;
  std::string agent;
  Seconds since{};          // joined so long ago
  std::uint64_t bytes = 0;  // of the stream, sent to it
  Seconds lag{};            // of the stream, not sent yet
};

/// A client that listens. The broadcaster's thread owns it; other threads read the atomics.
struct Listener {
  struct Sent {
    std::uint64_t bytes = 0;
    bool broken = false;  // the connection
  };

  int fd = -1;  // -1: closed, to be swept
  Asked asked;
  std::shared_ptr<void> keep;
  Clock::time_point joined;
  Clock::time_point next_check;        // of whether its host still answers
  std::chrono::nanoseconds max_lag{};  // where it began, and Options::max_lag behind that
  Feed feed;
  Position start = 0;
  bool answered = false;  // has its response head
  bool begun = false;     // the feed is set up
  bool blocked = false;   // its socket is full
  std::size_t place = 0;  // among all that the writer has
  bool prompt = false;    // this and where it stands is the Rota's to change
  std::size_t slot = 0;
  std::size_t place_in_slot = 0;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::int64_t> lag_ns = 0;
  const char* reason = "";  // why it is closed
  bool dropped = false;

  ~Listener();
  ListenerFacts facts(Clock::time_point now) const;
  /// Sends all that is there and that the socket takes; `blocked` says whether some is left.
  Sent send(const Stream& stream);
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// Connections that the broadcaster has ended and whose clients have not acknowledged the end yet.
// They stay open for a while, so that a client that pauses, or whose network is down, still reads
// an ordinary end of the stream. One thread owns an object of this class.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>

#include "cast/burst_ring.hpp"

namespace infinara::cast {

class ClosingConnections {
 public:
  using Clock = std::chrono::steady_clock;

  /// Each connection stays for at most `max_wait`, and there are at most `max_count` of them: then
  /// the oldest is closed with a reset, which frees its send buffer.
  ClosingConnections(Seconds max_wait, std::size_t max_count)
      : max_wait_(max_wait), max_count_(max_count) {}
  ClosingConnections(const ClosingConnections&) = delete;
  ClosingConnections& operator=(const ClosingConnections&) = delete;
  /// Closes all of them; the kernel goes on sending what their send buffers hold.
  ~ClosingConnections();

  /// Takes over a connected socket and ends its stream with a FIN. `keep` lives as long as the
  /// connection.
  void add(int fd, std::shared_ptr<void> keep, Clock::time_point now);
  /// Closes what has been acknowledged and what has waited too long. Looks twice a second, however
  /// often it is called.
  void close_finished(Clock::time_point now);

  std::size_t size() const { return connections_.size(); }

 private:
  struct Connection {
    int fd;
    std::shared_ptr<void> keep;
    Clock::time_point deadline;
  };

  const Seconds max_wait_;
  const std::size_t max_count_;
  Clock::time_point next_look_;
  std::deque<Connection> connections_;  // in the order of their deadlines
};

}  // namespace infinara::cast

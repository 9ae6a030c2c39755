// SPDX-License-Identifier: Apache-2.0
// One client's connection: what it asked for, where it is in the stream, and what the kernel knows
// of how it keeps up.
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

/// Tells a client that has stopped reading from one that reads, long before its socket is full: the
/// window that it offers with each acknowledgement shrinks by what has arrived, for as long as it
/// reads nothing. (Not while its system still makes room, which only a client does that has asked
/// for a large buffer: then nothing tells it from a reader until that is full.)
class Reading {
 public:
  /// `acked`: bytes that have arrived there; `edge`: up to which byte it has room. True if it has
  /// read nothing for `longest` although there was something to read; `waits` says that more is
  /// due.
  bool has_stopped(std::uint64_t acked, std::uint64_t edge, bool waits, Clock::time_point now,
                   Seconds longest);

 private:
  std::uint64_t acked_ = 0;
  std::uint64_t edge_ = 0;
  Clock::time_point looked_{};
  Seconds still_{};
};

struct Listener {
  struct Sent {
    std::uint64_t bytes = 0;
    bool broken = false;  // the connection
  };

  int fd = -1;  // -1: closed, to be swept
  Asked asked;
  std::shared_ptr<void> keep;
  Clock::time_point joined;
  Clock::time_point progress;  // when it last took something, or nothing was due
  Clock::time_point looked;    // when the kernel was last asked
  Feed feed;
  Position start = 0;
  bool answered = false;  // has its response head
  bool begun = false;     // the feed is set up
  bool blocked = false;   // its socket is full
  std::size_t place = 0;  // among all that the writer has
  bool prompt = false;    // this and where it stands is the Rota's to change
  std::size_t slot = 0;
  std::size_t place_in_slot = 0;
  Reading reading;
  std::atomic<std::uint64_t> bytes = 0;
  std::atomic<std::int64_t> lag_ns = 0;
  const char* reason = "";  // why it is closed
  bool dropped = false;

  ~Listener();
  ListenerFacts facts(Clock::time_point now) const;
  /// Sends all that is there and that the socket takes; `blocked` says whether some is left.
  Sent send(const Stream& stream);
  /// Asks the kernel, which knows nothing of a socket that is not TCP.
  bool has_stopped_reading(Clock::time_point now, Seconds longest);
};

/// Bounds what the kernel keeps for a client: a large buffer would hide that it has stalled, and
/// what it sends after its request is read by nobody.
void bound_buffers(int fd, int send_buffer);

/// The request's own bytes: left unread they would turn the close into a reset.
void discard_input(int fd);

/// A response head always fits the empty send buffer of a new connection.
bool send_all(int fd, std::string_view text);

void close_politely(int fd);
/// Also frees what the kernel still holds for a client that will never read it.
void close_with_reset(int fd);

}  // namespace infinara::cast

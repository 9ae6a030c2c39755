// SPDX-License-Identifier: Apache-2.0
// The one thread that sends the stream to every listener: a burst at once, then batches. A listener
// is disconnected for two reasons only: it is too far behind, or its host is gone. No listener
// slows another.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cast/burst_ring.hpp"
#include "cast/listener.hpp"

namespace infinara::cast {

struct Options {
  std::string name = "Infinara";            // icy-name
  std::string content_type = "audio/mpeg";  // empty: said later, by set_type()
  Seconds interval{0.5};                    // between two batches to a listener
  Seconds burst{3};                         // at once for a new listener, unless it asks otherwise
  Seconds most_burst{8};                    // that it may ask for
  /// A listener that is farther behind where it began is disconnected.
  Seconds max_lag{90};
  /// A listener whose host acknowledges nothing for so long is disconnected. A connection that was
  /// ended waits so long for the client to read its end.
  Seconds max_silence{120};
  std::size_t most_listeners = 0;  // 0: no limit
  int send_buffer = 24576;         // bytes, SO_SNDBUF: what a client that stopped reading costs
  std::size_t max_closing = 1000;  // ended connections that wait for their clients
};

struct Totals {
  std::size_t listeners = 0;
  std::uint64_t bytes = 0;  // sent to all, those who left included
  std::uint64_t joined = 0;
  std::uint64_t dropped = 0;  // disconnected: too far behind, or its host is gone
  std::uint64_t refused = 0;  // for want of room
};

class Writer {
 public:
  /// All are called on the writer's thread, without a lock. They must not block.
  struct Hooks {
    std::function<void(const ListenerFacts&)> joined;
    /// `dropped`: the listener did not go by itself.
    std::function<void(const ListenerFacts&, std::string_view reason, bool dropped)> left;
  };

  /// Starts the thread. Throws std::system_error if there are no descriptors for it.
  Writer(const Options& options, Hooks hooks);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// Closes every listener at once.
  ~Writer();

  /// Takes over a connected socket, whatever the result, and sends the response head at once.
  /// `keep` lives as long as the connection. False if the house is full (the client is told so) or
  /// the client has gone. Any thread; does not block.
  bool add(int fd, const Asked& asked, std::shared_ptr<void> keep = {});

  // The next four are for one thread at a time, the one that makes the stream.

  /// The MIME type of the stream, once, unless the options said it. Listeners who came before get
  /// their response heads now. Those of an MP3 stream start with the carriers they need.
  void set_type(std::string_view content_type);
  /// What a listener needs before its first unit. New ones in the middle of a stream go to those
  /// who listen already, too.
  void set_headers(std::string_view bytes);
  /// One unit of the stream, such as an MP3 frame, and how long it sounds. A listener starts at a
  /// `sync` unit only.
  void append(Bytes unit, std::chrono::nanoseconds duration, bool sync = true);
  /// The title of what is appended from now on.
  void set_title(std::string_view title);
  /// For the heads of those who join from now on. Any thread.
  void set_genre(std::string_view genre);
  void set_bitrate(int kbits);
  /// The stream has ended: each listener is closed when it has got all of it. append() begins anew.
  void finish();
  /// Waits until everybody has, at most `longest`; cancel_wait() ends it sooner.
  void wait_until_sent(Seconds longest);
  void cancel_wait();

  /// In force from the next batch, or the next listener, on. Any thread.
  void set_interval(Seconds interval);
  void set_burst(Seconds burst);
  void set_most_listeners(std::size_t most);

  Totals totals() const;
  /// At most `most` of those who listen.
  std::vector<ListenerFacts> listeners(std::size_t most) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace infinara::cast

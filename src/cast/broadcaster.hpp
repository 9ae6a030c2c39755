// SPDX-License-Identifier: Apache-2.0
// Sends one stream to every HTTP listener, in one thread: a burst at the start, then a batch every
// interval. It disconnects a listener for two reasons only: the listener is too far behind, or its
// host is gone. No listener slows another.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cast/burst_ring.hpp"
#include "cast/stream_request.hpp"

namespace infinara::cast {

struct BroadcasterOptions {
  std::string name = "Infinara";            // of the station, header icy-name
  std::string content_type = "audio/mpeg";  // empty: set_type() sets it later
  std::string programme;                    // header Infinara-Programme
  Seconds interval{0.5};                    // between two batches to a listener
  bool at_live_edge = false;                // each packet is sent as it comes, to all listeners
  Seconds burst{3};                         // sent at once to a new listener
  Seconds max_burst{8};                     // that a request may ask for
  /// A listener that is farther behind where it began is disconnected.
  Seconds max_lag{90};
  /// A listener whose host acknowledges nothing for so long is disconnected. A connection that the
  /// broadcaster has ended stays open for so long, until the client has read its end.
  Seconds max_silence{120};
  std::size_t max_listeners = 0;   // 0: no limit
  int send_buffer = 24576;         // bytes, SO_SNDBUF: the cost of a client that stopped reading
  std::size_t max_closing = 1000;  // ended connections that wait for their clients
};

struct Totals {
  std::size_t listeners = 0;
  std::uint64_t bytes = 0;  // of the stream, sent to all listeners, past ones included
  std::uint64_t joined = 0;
  std::uint64_t dropped = 0;  // disconnected: too far behind, or the host is gone
  std::uint64_t behind = 0;   // of dropped, those that were too far behind
  std::uint64_t refused = 0;  // since the server was full
};

class Broadcaster {
 public:
  /// The broadcaster's thread calls these, without a lock. They must not block.
  struct Hooks {
    std::function<void(const ListenerInfo&)> joined;
    /// `dropped`: the broadcaster disconnected the listener, as Totals counts it.
    std::function<void(const ListenerInfo&, std::string_view reason, bool dropped)> left;
  };

  /// Starts the thread. Throws std::system_error if there are no descriptors for it.
  Broadcaster(const BroadcasterOptions& options, Hooks hooks);
  Broadcaster(const Broadcaster&) = delete;
  Broadcaster& operator=(const Broadcaster&) = delete;
  /// Disconnects every listener and ends the thread.
  ~Broadcaster();

  /// Takes over a connected socket, whatever the result. The response head is sent as soon as it is
  /// known where the listener starts, or that there is no sound yet. `keep` lives as long as the
  /// connection. Returns false if the server is full: then the client gets a 503. Any thread; does
  /// not block.
  bool add(int fd, const StreamRequest& request, std::shared_ptr<void> keep = {});

  // The functions down to finish() are for one thread at a time, the one that makes the stream.

  /// Sets the MIME type of the stream, once, if the options left it empty. Listeners that came
  /// before get their response heads now. A listener of an MP3 stream starts with priming frames.
  void set_type(std::string_view content_type);
  /// Sets what a listener needs before its first packet. Headers that change in the middle of a
  /// stream are sent to present listeners too.
  void set_headers(std::string_view bytes);
  /// Appends one packet of the stream, such as an MP3 frame. A listener starts at a packet with
  /// `random_access` only. `pts`: the output position of the first sample that a decoder puts out
  /// for it, but for the delay of MP3, which is known here.
  void append(Bytes packet, std::chrono::nanoseconds duration, bool random_access = true,
              Pts pts = {});
  /// Sets the title of the packets that follow.
  void set_title(std::string_view title);
  /// Ends the stream: each listener is disconnected once it has got all of it. append() begins a
  /// new one.
  void finish();

  /// Sets what the response heads of new listeners say. Any thread.
  void set_genre(std::string_view genre);
  void set_bitrate(int kbits);

  /// After finish(): blocks until every listener has got all of the stream, for at most `longest`,
  /// or until cancel_wait().
  void wait_until_sent(Seconds longest);
  void cancel_wait();

  /// In force from the next batch or the next listener on. Any thread.
  void set_interval(Seconds interval);
  void set_burst(Seconds burst);
  void set_max_listeners(std::size_t max);

  /// The output position, in samples of 48 kHz, of the first sample that the newest listener with
  /// this key (StreamRequest::key) decodes. Nothing if there is none or it has no sound yet. Any
  /// thread.
  std::optional<std::int64_t> position_of(std::string_view key) const;

  Totals totals() const;
  /// At most `max` of the present listeners.
  std::vector<ListenerInfo> listeners(std::size_t max) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// Server-Sent Events as text: each with an id, the newest kept for clients that missed some.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace infinara::app {

/// Not thread-safe.
class EventLog {
 public:
  /// `run` tells the ids of one run of the station from those of another. The newest events are
  /// kept, of `most_bytes` of text in all.
  EventLog(std::string run, std::size_t most_bytes) : run_(std::move(run)), most_(most_bytes) {}

  /// The event as text, with an id of its own; kept. `data` is one line.
  const std::string& add(std::string_view name, std::string_view data);

  /// A client that begins: the pause before it connects again, and `name` with the id of the newest
  /// event, after which it goes on.
  std::string opening(std::string_view name, std::string_view data) const;

  /// What a client whose last event was `last_id` has missed; nothing if that is not known any
  /// more.
  std::optional<std::string> since(std::string_view last_id) const;

  /// What keeps proxies from closing a silent connection.
  static constexpr std::string_view kHeartbeat = ":\n\n";

 private:
  std::string text_of(std::uint64_t id, std::string_view name, std::string_view data) const;

  const std::string run_;
  const std::size_t most_;
  std::uint64_t last_ = 0;  // id of the newest event; the first has 1
  std::size_t bytes_ = 0;
  std::deque<std::string> kept_;  // oldest first, the last one has the id last_
};

}  // namespace infinara::app

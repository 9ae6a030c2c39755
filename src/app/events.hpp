// SPDX-License-Identifier: Apache-2.0
// GET /api/events: what changes, to many clients at once. A broadcaster of its own sends the text,
// in its own thread; a client that does not read is disconnected.
#pragma once

#include <string>
#include <utility>

#include "app/event_log.hpp"
#include "cast/broadcaster.hpp"
#include "door/door.hpp"
#include "glibpp/timer.hpp"
#include "memory/memory.hpp"
#include "station/radio.hpp"

namespace infinara::app {

/// All calls on the thread of the default main context.
class Events {
 public:
  static constexpr std::string_view kPath = "/api/events";

  /// `radio` outlives it and tells it alone; `memory` outlives it too.
  Events(station::Radio& radio, const memory::Memory& memory);
  ~Events();
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  /// Answers a GET or HEAD of kPath: first what the client has missed, or a snapshot.
  void add(door::AcceptedRequest accepted);

  cast::Totals totals() const { return broadcaster_.totals(); }

 private:
  void hear(const station::RadioEvent& event);
  void send(std::string_view name, const std::string& data);
  void tick();

  station::Radio& radio_;
  const memory::Memory& memory_;
  EventLog log_;
  std::string wish_;        // the data of the last one; empty once its genre is on air
  std::string wish_genre_;  // what it wishes for
  std::string servers_;     // told last
  std::string servers_now_;
  unsigned ticks_since_listeners_ = 0;
  unsigned ticks_since_servers_ = 0;
  unsigned ticks_silent_ = 0;
  std::pair<unsigned, unsigned> listeners_{};  // told last
  glibpp::Timer ticking_;
  cast::Broadcaster broadcaster_;
};

}  // namespace infinara::app

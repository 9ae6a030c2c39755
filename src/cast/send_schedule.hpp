// SPDX-License-Identifier: Apache-2.0
// When the broadcaster sends to which listener. A listener gets a batch every interval. Listeners
// are spread over slots of the interval, so that a batch to thousands does not keep a new listener
// waiting; the first 256 share a slot and cost one wake-up. A listener that has just joined is at
// the live edge too: it gets each packet as it comes.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "cast/listener.hpp"

namespace infinara::cast {

class SendSchedule {
 public:
  explicit SendSchedule(Clock::time_point now) { due_.fill(now); }

  /// Adds a listener, at the live edge.
  void join(Listener& listener);
  void leave(Listener& listener);

  /// When the next batch is due, if only to nobody.
  Clock::time_point next() const;
  /// Calls `call` for each listener whose batch is due.
  void for_each_due(Clock::time_point now, Seconds interval,
                    const std::function<void(Listener&)>& call);

  const std::vector<Listener*>& at_live_edge() const { return at_live_edge_; }
  /// The listeners for which `condition` holds get batches only from now on.
  void leave_live_edge_if(const std::function<bool(const Listener&)>& condition);

 private:
  static constexpr std::size_t kSlots = 8;

  std::array<Clock::time_point, kSlots> due_;
  std::array<std::vector<Listener*>, kSlots> slots_;
  std::vector<Listener*> at_live_edge_;
};

}  // namespace infinara::cast

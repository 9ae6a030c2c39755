// SPDX-License-Identifier: Apache-2.0
// When each listener is sent to. All wait for batches, spread over slots of the interval, so that a
// batch of thousands does not keep a newcomer waiting; few share one slot and cost one wake-up. Who
// has only just joined is prompt as well: it gets each unit as it comes.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "cast/listener.hpp"

namespace infinara::cast {

class Rota {
 public:
  explicit Rota(Clock::time_point now) { due_.fill(now); }

  /// As one of the prompt.
  void join(Listener& listener);
  void leave(Listener& listener);

  /// When the next batch is due. There is always one, whoever listens.
  Clock::time_point next() const;
  /// Calls for each listener whose batch is due.
  void for_each_due(Clock::time_point now, Seconds interval,
                    const std::function<void(Listener&)>& call);

  const std::vector<Listener*>& prompt() const { return prompt_; }
  /// From now on these wait for batches alone.
  void calm_down(const std::function<bool(const Listener&)>& whom);

 private:
  static constexpr std::size_t kSlots = 8;

  std::array<Clock::time_point, kSlots> due_;
  std::array<std::vector<Listener*>, kSlots> slots_;
  std::vector<Listener*> prompt_;
};

}  // namespace infinara::cast

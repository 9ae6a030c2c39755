// SPDX-License-Identifier: Apache-2.0
// Who can make music, in order of preference, and who had better be left alone for a while.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "music/time.hpp"

namespace infinara::music {

/// A generator that fails is set aside: at first until it has nothing more open, then for 2, 4, 8 …
/// 30 seconds. When that time is over it gets one order to prove itself; the first track it
/// delivers clears it. From the second failure running it counts as down.
class Generators {
 public:
  using Index = std::size_t;

  explicit Generators(std::vector<std::string> names);

  const std::string& name(Index of) const { return all_.at(of).name; }
  std::size_t size() const { return all_.size(); }

  /// Whether a generator is wanted for one more order.
  using Wants = std::function<bool(Index)>;

  /// The first that is wanted and may have an order now, `avoid` only if there is no other.
  std::optional<Index> pick(Time now, const Wants& wants, std::optional<Index> avoid = {}) const;
  /// The first that works and owes nothing: who can help out when the others are slow.
  std::optional<Index> pick_idle(Time now) const;
  /// When the next one set aside that is wanted may be tried; nothing if none waits for a time.
  std::optional<Time> next_try(const Wants& wants) const;

  void ordered(Index by) { ++all_.at(by).open; }
  /// An order was withdrawn: no praise, no blame.
  void withdrawn(Index by) { --all_.at(by).open; }
  /// True if it was down and is up now.
  bool delivered(Index by);
  /// True if it is down from now on. `asked` is when the track was ordered: what was ordered before
  /// the last failure says nothing new.
  bool failed(Index by, Time now, Time asked);
  /// A track that had been delivered broke off. True if it is down from now on.
  bool broke(Index by, Time now);

 private:
  struct State {
    std::string name;
    unsigned open = 0;      // orders neither delivered nor failed
    unsigned failures = 0;  // running
    Time failed_at = 0;
    Time try_at = 0;
  };
  bool may_have_order(const State& one, Time now) const;
  bool blame(State& one, Time now);

  std::vector<State> all_;
};

}  // namespace infinara::music

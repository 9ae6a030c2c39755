// SPDX-License-Identifier: Apache-2.0
#include "music/generators.hpp"

#include <utility>

namespace infinara::music {
namespace {

constexpr unsigned kDown = 2;  // failures running

Time back_off(unsigned failures) {
  if (failures < kDown) return 0;
  constexpr double kLongest = 30;
  return time_from_seconds(failures > 5 ? kLongest : static_cast<double>(1U << (failures - 1)));
}

}  // namespace

Generators::Generators(std::vector<std::string> names) {
  for (auto& name : names) all_.push_back({.name = std::move(name)});
}

bool Generators::may_have_order(const State& one, Time now) const {
  return one.failures == 0 || (one.open == 0 && now >= one.try_at);
}

std::optional<Generators::Index> Generators::pick(Time now, const Wants& wants,
                                                  std::optional<Index> avoid) const {
  const auto fits = [&](Index i) { return may_have_order(all_.at(i), now) && wants(i); };
  for (Index i = 0; i < all_.size(); ++i)
    if (i != avoid && fits(i)) return i;
  return avoid && fits(*avoid) ? avoid : std::nullopt;
}

std::optional<Generators::Index> Generators::pick_idle(Time now) const {
  for (Index i = 0; i < all_.size(); ++i)
    if (all_[i].open == 0 && may_have_order(all_[i], now)) return i;
  return std::nullopt;
}

std::optional<Time> Generators::next_try(const Wants& wants) const {
  std::optional<Time> soonest;
  for (Index i = 0; i < all_.size(); ++i) {
    const State& one = all_[i];
    if (one.failures > 0 && one.open == 0 && (!soonest || one.try_at < *soonest) && wants(i))
      soonest = one.try_at;
  }
  return soonest;
}

bool Generators::delivered(Index by) {
  State& one = all_.at(by);
  --one.open;
  return std::exchange(one.failures, 0U) >= kDown;
}

bool Generators::failed(Index by, Time now, Time asked) {
  State& one = all_.at(by);
  --one.open;
  if (one.failures > 0 && asked < one.failed_at) return false;
  return blame(one, now);
}

bool Generators::broke(Index by, Time now) {
  return blame(all_.at(by), now);
}

bool Generators::blame(State& one, Time now) {
  one.failed_at = now;
  one.try_at = now + back_off(++one.failures);
  return one.failures == kDown;
}

}  // namespace infinara::music

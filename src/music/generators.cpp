// SPDX-License-Identifier: Apache-2.0
#include "music/generators.hpp"

#include <algorithm>
#include <utility>

namespace infinara::music {
namespace {

constexpr unsigned kDown = 2;  // failures running

Time back_off(unsigned failures) {
  if (failures < kDown) return 0;
  constexpr double kLongest = 60;
  return time_from_seconds(failures > 6 ? kLongest : static_cast<double>(1U << (failures - 1)));
}

}  // namespace

Generators::Generators(std::vector<std::string> names) {
  for (auto& name : names) all_.push_back({.name = std::move(name)});
}

bool Generators::may_have_order(const State& one, Time now) const {
  return one.failures == 0 || (one.open == 0 && now >= one.try_at);
}

std::optional<Generators::Index> Generators::pick(Time now, std::optional<Index> avoid) const {
  for (Index i = 0; i < all_.size(); ++i)
    if (i != avoid && may_have_order(all_[i], now)) return i;
  return avoid && may_have_order(all_.at(*avoid), now) ? avoid : std::nullopt;
}

std::optional<Generators::Index> Generators::pick_idle(Time now) const {
  for (Index i = 0; i < all_.size(); ++i)
    if (all_[i].open == 0 && may_have_order(all_[i], now)) return i;
  return std::nullopt;
}

std::optional<Time> Generators::next_try() const {
  std::optional<Time> soonest;
  for (const auto& one : all_)
    if (one.failures > 0 && one.open == 0 && (!soonest || one.try_at < *soonest))
      soonest = one.try_at;
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

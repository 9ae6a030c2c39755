// SPDX-License-Identifier: Apache-2.0
#include "cast/send_schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <vector>

namespace infinara::cast {
namespace {

using namespace std::chrono_literals;

constexpr Clock::time_point kStart{1000s};
constexpr Seconds kInterval{0.5};

struct House {
  explicit House(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      listeners.push_back(std::make_unique<Listener>());
      schedule.join(*listeners.back());
    }
  }
  /// How often each is called until `end`, waking when the schedule says, and the longest batch.
  std::map<const Listener*, int> run(Clock::time_point end) {
    std::map<const Listener*, int> calls;
    for (auto now = schedule.next(); now < end; now = schedule.next()) {
      std::size_t batch = 0;
      schedule.for_each_due(now, kInterval, [&](Listener& listener) {
        ++calls[&listener];
        ++batch;
      });
      longest = std::max(longest, batch);
      ++wakes;
    }
    return calls;
  }
  SendSchedule schedule{kStart};
  std::vector<std::unique_ptr<Listener>> listeners;
  std::size_t longest = 0;
  int wakes = 0;
};

TEST(SendSchedule, EachHasItsTurnOnceAnInterval) {
  House house(3000);
  house.run(kStart + 1s);
  for (const auto& [listener, calls] : house.run(kStart + 11s)) EXPECT_EQ(calls, 20);
}

TEST(SendSchedule, FewShareOneWakeUpAndManyAreSpread) {
  House few(200), many(3000);
  EXPECT_EQ(few.run(kStart + 10s).size(), 200u);
  EXPECT_LE(few.wakes, 21);
  many.run(kStart + 1s);  // at the very first all are due
  many.longest = 0;
  EXPECT_EQ(many.run(kStart + 3s).size(), 3000u);
  EXPECT_LE(many.longest, 3000u / 8 + 1);
}

TEST(SendSchedule, WhatWasMissedIsNotMadeUpFor) {
  House house(10);
  int calls = 0;
  const auto count = [&](Listener&) { ++calls; };
  house.schedule.for_each_due(kStart + 60s, kInterval, count);
  house.schedule.for_each_due(kStart + 60s, kInterval, count);
  EXPECT_EQ(calls, 10);
  EXPECT_GT(house.schedule.next(), kStart + 60s);
  EXPECT_LE(house.schedule.next(), kStart + 60s + 500ms);
}

TEST(SendSchedule, WhoLeavesIsCalledNoMoreAndTheOthersAre) {
  House house(600);
  for (std::size_t i = 0; i < 600; i += 2) house.schedule.leave(*house.listeners[i]);
  const auto calls = house.run(kStart + 2s);
  for (std::size_t i = 0; i < 600; ++i)
    EXPECT_EQ(calls.contains(house.listeners[i].get()), i % 2 == 1) << i;
  EXPECT_EQ(house.schedule.at_live_edge().size(), 300u);
}

TEST(SendSchedule, ThePromptAreTheNewUntilTheyCalmDown) {
  House house(3);
  EXPECT_EQ(house.schedule.at_live_edge().size(), 3u);
  const Listener* first = house.listeners[0].get();
  house.schedule.leave_live_edge_if([&](const Listener& listener) { return &listener == first; });
  EXPECT_EQ(house.schedule.at_live_edge().size(), 2u);
  house.schedule.leave(*house.listeners[0]);
  EXPECT_EQ(house.schedule.at_live_edge().size(), 2u);
  EXPECT_EQ(house.run(kStart + 1s).size(), 2u);
}

}  // namespace
}  // namespace infinara::cast

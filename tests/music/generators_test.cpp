// SPDX-License-Identifier: Apache-2.0
#include "music/generators.hpp"

#include <gtest/gtest.h>

namespace infinara::music {
namespace {

constexpr Time kSecond = time_from_seconds(1);
constexpr Generators::Index kGpu = 0, kBand = 1;

bool any(Generators::Index) {
  return true;
}

TEST(Generators, OneThatFailsIsLeftAloneForLongerEachTime) {
  Generators generators({"gpu", "band"});
  Time now = 100 * kSecond;
  unsigned failures = 0;
  for (const int seconds : {0, 2, 4, 8, 16, 30, 30}) {
    generators.ordered(kGpu);
    EXPECT_EQ(generators.failed(kGpu, now, now), ++failures == 2) << "down from the second on";
    const Time then = now + seconds * kSecond;
    EXPECT_EQ(generators.next_try(any), then);
    if (seconds > 0) {
      EXPECT_EQ(generators.pick(then - 1, any), kBand);
    }
    EXPECT_EQ(generators.pick(then, any), kGpu) << "after " << seconds << " s to the nanosecond";
    now = then;
  }
  generators.ordered(kGpu);
  EXPECT_EQ(generators.pick(now, any), kBand) << "one order to prove itself";
  EXPECT_EQ(generators.next_try(any), std::nullopt);
  EXPECT_TRUE(generators.delivered(kGpu)) << "it is up again";
  EXPECT_EQ(generators.pick(now, any), kGpu);
  generators.ordered(kGpu);
  EXPECT_FALSE(generators.delivered(kGpu)) << "it was up";
}

TEST(Generators, WhatWasOrderedBeforeAFailureIsNoSecondOne) {
  Generators generators({"gpu"});
  for (int i = 0; i < 3; ++i) generators.ordered(kGpu);
  EXPECT_FALSE(generators.failed(kGpu, 10, 1));
  EXPECT_FALSE(generators.failed(kGpu, 11, 2));
  EXPECT_EQ(generators.pick(11, any), std::nullopt) << "one is still open";
  EXPECT_TRUE(generators.failed(kGpu, 12, 10)) << "ordered at the failure itself";
}

TEST(Generators, TheOneToAvoidIsTakenIfThereIsNoOther) {
  Generators generators({"gpu", "band"});
  EXPECT_EQ(generators.pick(0, any, kGpu), kBand);
  EXPECT_EQ(generators.pick(
                0, [](Generators::Index i) { return i == kGpu; }, kGpu),
            kGpu);
  EXPECT_EQ(generators.pick(
                0, [](Generators::Index) { return false; }, kGpu),
            std::nullopt);
}

TEST(Generators, AnIdleOneWorksAndOwesNothing) {
  Generators generators({"gpu", "band"});
  EXPECT_EQ(generators.pick_idle(0), kGpu);
  generators.ordered(kGpu);
  EXPECT_EQ(generators.pick_idle(0), kBand);
  generators.ordered(kBand);
  EXPECT_EQ(generators.pick_idle(0), std::nullopt);
  generators.withdrawn(kBand);
  EXPECT_EQ(generators.pick_idle(0), kBand);
  EXPECT_FALSE(generators.broke(kBand, 5 * kSecond));
  EXPECT_TRUE(generators.broke(kBand, 5 * kSecond));
  EXPECT_EQ(generators.pick_idle(6 * kSecond), std::nullopt);
  EXPECT_EQ(generators.pick_idle(7 * kSecond), kBand);
}

}  // namespace
}  // namespace infinara::music

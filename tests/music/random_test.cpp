// SPDX-License-Identifier: Apache-2.0
#include "music/random.hpp"

#include <gtest/gtest.h>

#include <array>

namespace infinara::music {
namespace {

TEST(Random, IsTheSameEverywhere) {
  Random random(1234567);  // the published reference values of SplitMix64
  EXPECT_EQ(random.next(), 6457827717110365317u);
  EXPECT_EQ(random.next(), 3203168211198807973u);
  EXPECT_EQ(random.next(), 9817491932198370423u);
}

TEST(Random, StaysBelow) {
  Random random(5);
  std::array<int, 6> count{};
  for (int i = 0; i < 60000; ++i) ++count.at(random.below(6));
  for (const int n : count) EXPECT_NEAR(n, 10000, 400);  // 4 standard deviations
  for (int i = 0; i < 1000; ++i) {
    const double x = random.uniform();
    EXPECT_GE(x, 0);
    EXPECT_LT(x, 1);
  }
}

TEST(Random, AStreamHasDrawsOfItsOwn) {
  Random plan(7, "plan");
  Random again(7, "plan");
  Random tempo(7, "tempo");
  Random plain(7);
  int same_as_tempo = 0;
  int same_as_plain = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = plan.next32();
    EXPECT_EQ(drawn, again.next32());
    same_as_tempo += drawn == tempo.next32() ? 1 : 0;
    same_as_plain += drawn == plain.next32() ? 1 : 0;
  }
  EXPECT_LE(same_as_tempo, 1);
  EXPECT_LE(same_as_plain, 1);
}

TEST(Random, DrawsHaveTheirDistributions) {
  Random random(3, "test");
  constexpr int kDraws = 60000;
  double sum = 0;
  double squares = 0;
  std::array<int, 3> weighted{};
  std::array<int, 5> between{};
  int chances = 0;
  constexpr std::array weights{1.0, 0.0, 3.0};
  for (int i = 0; i < kDraws; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
    ++weighted.at(random.weighted(weights));
    ++between.at(static_cast<std::size_t>(random.between(-2, 2) + 2));
    chances += random.chance(0.25) ? 1 : 0;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.02);
  EXPECT_NEAR(squares / kDraws, 1, 0.03);
  EXPECT_NEAR(weighted[0], kDraws / 4.0, 500);
  EXPECT_EQ(weighted[1], 0);
  for (const int n : between) EXPECT_NEAR(n, kDraws / 5.0, 500);
  EXPECT_NEAR(chances, kDraws / 4.0, 500);
}

}  // namespace
}  // namespace infinara::music

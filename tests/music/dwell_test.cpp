// SPDX-License-Identifier: Apache-2.0
#include "music/dwell.hpp"

#include <gtest/gtest.h>

namespace infinara::music {
namespace {

constexpr Time kSecond = 1'000'000'000;

TEST(Dwell, IsDrawnWithinItsBoundsAndUsesThem) {
  Random random(11);
  Time shortest = ~Time{0};
  Time longest = 0;
  for (int i = 0; i < 2000; ++i) {
    Dwell dwell;
    dwell.begin(100 * kSecond, 300, 900, random);
    const Time length = *dwell.end() - 100 * kSecond;
    shortest = std::min(shortest, length);
    longest = std::max(longest, length);
  }
  EXPECT_GE(shortest, 300 * kSecond);
  EXPECT_LE(longest, 900 * kSecond);
  EXPECT_LT(shortest, 310 * kSecond);
  EXPECT_GT(longest, 890 * kSecond);
}

TEST(Dwell, CountsDownAndStops) {
  Random random(1);
  Dwell dwell;
  EXPECT_EQ(dwell.end(), std::nullopt);
  EXPECT_EQ(dwell.remaining(0), 0u);
  dwell.begin(10 * kSecond, 60, 60, random);
  EXPECT_EQ(dwell.remaining(10 * kSecond), 60 * kSecond);
  EXPECT_EQ(dwell.remaining(69 * kSecond), kSecond);
  EXPECT_EQ(dwell.remaining(71 * kSecond), 0u);
  dwell.stop();
  EXPECT_FALSE(dwell.is_running());
  EXPECT_EQ(dwell.end(), std::nullopt);
}

TEST(Dwell, TakesAnUpperBoundBelowTheLowerForTheLower) {
  Random random(1);
  Dwell dwell;
  dwell.begin(0, 60, 5, random);
  EXPECT_EQ(dwell.end(), 60 * kSecond);
}

TEST(Dwell, FitsNewBoundsFromItsOwnBegin) {
  Random random(1);
  Dwell dwell;
  dwell.begin(10 * kSecond, 300, 300, random);
  dwell.fit(20, 40);
  EXPECT_EQ(dwell.end(), 50 * kSecond);
  dwell.fit(100, 10);
  EXPECT_EQ(dwell.end(), 110 * kSecond);
  dwell.stop();
  dwell.fit(1, 2);
  EXPECT_FALSE(dwell.is_running());
}

}  // namespace
}  // namespace infinara::music

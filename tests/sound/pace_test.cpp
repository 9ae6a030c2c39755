// SPDX-License-Identifier: Apache-2.0
#include "sound/pace.hpp"

#include <gtest/gtest.h>

namespace {

using infinara::sound::kFrameNs;
using infinara::sound::Pace;

constexpr std::int64_t ms = 1'000'000;

TEST(Pace, BeginsWithTheFrameThatIsGoingOn) {
  struct {
    std::int64_t now, frame;
  } rows[] = {{0, 0}, {1, 0}, {20 * ms - 1, 0}, {20 * ms, 1}, {1234 * ms, 61}, {-5 * ms, 0}};
  for (const auto& row : rows) {
    Pace pace;
    EXPECT_FALSE(pace.is_started());
    pace.start(row.now);
    EXPECT_TRUE(pace.is_started());
    EXPECT_EQ(pace.frame(), row.frame) << row.now;
    if (row.now >= 0) {
      EXPECT_LT(pace.ask(row.now).wait_until, 0) << "due at once: " << row.now;
    }
  }
}

TEST(Pace, AFrameIsDueAtItsOwnTimestamp) {
  Pace pace;
  pace.start(0);
  for (std::int64_t frame = 0; frame < 180'000; ++frame) {
    ASSERT_EQ(pace.due(), frame * kFrameNs);
    ASSERT_EQ(pace.ask(pace.due() - 1).wait_until, pace.due());
    ASSERT_EQ(pace.ask(pace.due()).wait_until, -1);
    pace.advance();
  }
  EXPECT_EQ(pace.due(), 3600'000 * ms) << "no drift in an hour";
}

TEST(Pace, CatchesUpInABurstUpToTwoSecondsAndJumpsBeyond) {
  struct {
    std::int64_t now, left_out, frame;
    bool late;
  } rows[] = {{1000 * ms, 0, 50, false},    {1020 * ms, 0, 50, false},
              {1020 * ms + 1, 0, 50, true}, {2000 * ms, 0, 50, true},
              {3000 * ms, 0, 50, true},     {3000 * ms + 1, 100, 150, false},
              {5700 * ms, 235, 285, false}};
  for (const auto& row : rows) {
    Pace pace;
    pace.start(1000 * ms);
    const auto decision = pace.ask(row.now);
    EXPECT_EQ(decision.wait_until, -1) << row.now;
    EXPECT_EQ(decision.left_out, row.left_out) << row.now;
    EXPECT_EQ(pace.frame(), row.frame) << row.now;
    EXPECT_EQ(pace.is_late(row.now), row.late) << row.now;
  }
}

TEST(Pace, APauseIsNoLag) {
  // Running time stands still in a pause, so the frame that was due before is due after.
  Pace pace;
  pace.start(0);
  pace.advance();
  EXPECT_EQ(pace.ask(5 * ms).wait_until, 20 * ms);
  EXPECT_EQ(pace.ask(5 * ms).wait_until, 20 * ms);
}

}  // namespace

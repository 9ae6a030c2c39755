// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "app/service_manager.hpp"

namespace infinara::app {
namespace {

station::Health silent(const char* reason) {
  return {.good = false, .reason = reason, .position = 0};
}

station::Health playing(double position) {
  return {.good = true, .reason = "", .position = position};
}

TEST(ServiceState, ReadyComesOnceWithTheFirstMusic) {
  ServiceState state;
  EXPECT_EQ(state.after(silent("the radio is starting")), "STATUS=the radio is starting\n");
  EXPECT_EQ(state.after(silent("the radio is starting")), "");
  EXPECT_EQ(state.after(playing(0.5)), "READY=1\nWATCHDOG=1\nSTATUS=on air\n");
  EXPECT_EQ(state.after(playing(1.5)), "WATCHDOG=1\n");
}

TEST(ServiceState, AProgrammeThatStandsStillIsNotAlive) {
  ServiceState state;
  state.after(playing(7));
  EXPECT_EQ(state.after(playing(7)), "");
  EXPECT_EQ(state.after(playing(7)), "");
  EXPECT_EQ(state.after(playing(8)), "WATCHDOG=1\n");
}

TEST(ServiceState, AFaultIsTheStatusUntilItIsOver) {
  ServiceState state;
  state.after(playing(7));
  EXPECT_EQ(state.after({.good = false, .reason = "no encoder", .position = 8}),
            "STATUS=no encoder\n");
  EXPECT_EQ(state.after(playing(9)), "WATCHDOG=1\nSTATUS=on air\n");
}

TEST(ServiceState, NoReasonAddsAnAssignment) {
  ServiceState state;
  EXPECT_EQ(state.after(silent("lost\nMAINPID=1")).find("\nMAINPID"), std::string::npos);
}

}  // namespace
}  // namespace infinara::app

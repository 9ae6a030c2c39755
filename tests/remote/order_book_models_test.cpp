// SPDX-License-Identifier: Apache-2.0
// Servers that load, stop, hang, are slow, or play another model than they were told.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation.hpp"

using namespace infinara::remote;

namespace {

/// The server answers nothing from `from` on, for `seconds`, as one that was stopped.
void stop(World& world, Seconds from, Seconds seconds) {
  world.at(from, [&world] { world.servers[0].mute = true; });
  world.at(from + seconds,
           [&world, from, seconds] { world.servers[0].was_stopped(from, from + seconds); });
}

}  // namespace

TEST(AcestepSilence, AServerThatWasStoppedLosesNoTask) {
  for (const bool speed_is_known : {true, false})
    for (const Seconds gone : {12.0, 62.0, 120.0, 200.0}) {
      World world;
      if (speed_is_known) {
        ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
      }
      const int before = world.servers[0].releases;
      stop(world, world.now + 3, gone);
      const Seconds begun = world.now;
      const OrderId id = world.order();
      ASSERT_TRUE(world.run_until_over(world.now + 600, id)) << gone << world.dead[id].second;
      EXPECT_EQ(world.servers[0].releases, before + 1) << gone;
      EXPECT_LE(world.ready[id] - begun, gone + 3 + 10 + 25) << gone;
    }
}

TEST(AcestepSilence, OneThatStaysAwayIsGivenUpInTime) {
  World world;
  world.at(world.now + 3, [&] { world.servers[0].mute = true; });
  const OrderId id = world.order();
  EXPECT_FALSE(world.run_until_over(world.now + 900, id));
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LE(world.dead[id].first, 1000 + 300);
}

TEST(AcestepStandstill, AHungModelIsNotCalledHealthyForAMinute) {
  for (const bool tells_progress : {true, false}) {
    World world;
    world.servers[0].tells_progress = tells_progress;
    ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
    world.at(world.now + 3, [&] { world.servers[0].hung = true; });
    const OrderId id = world.order();
    const Seconds begun = world.now;
    world.run(begun + 50, [&] { return world.view().state == ServerState::kSuspect; });
    EXPECT_EQ(world.view().state, ServerState::kSuspect) << tells_progress;
    EXPECT_NE(world.view().reason.find("has not moved"), std::string::npos) << world.view().reason;
    // The next order waits, and goes on when the model does.
    EXPECT_EQ(world.servers[0].releases, 2);
    world.servers[0].hung = false;
    ASSERT_TRUE(world.run_until_over(world.now + 60, id));
    world.run(world.now + 10);
    EXPECT_EQ(world.view().state, ServerState::kHealthy);
  }
}

TEST(AcestepLoading, TheFirstJobMayLoadTheModelInSilence) {
  World world;
  world.servers[0].loading = true;
  world.servers[0].models = {"", {}, {""}};
  const OrderId id = world.order();
  world.run(world.now + 100, [&] { return world.servers[0].releases > 0; });
  ASSERT_EQ(world.servers[0].releases, 1);
  world.servers[0].models = {"acestep-v15-turbo", {"acestep-v15-turbo"}, {}};
  stop(world, world.now, 90);
  bool was_down = false;
  const Seconds loads = world.now;
  world.run(loads + 89, [&] {
    was_down = was_down || world.view().state == ServerState::kDown;
    return false;
  });
  EXPECT_FALSE(was_down);
  EXPECT_EQ(world.view().state, ServerState::kLoading);
  ASSERT_TRUE(world.run_until_over(world.now + 100, id));
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_FALSE(world.logged("DOWN"));
  // The time of loading says nothing about the speed; the list of models is read again.
  EXPECT_EQ(world.view().seconds_per_second, 0);
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_NEAR(world.view().seconds_per_second, 10.0 / 60, 0.06);
  EXPECT_EQ(world.view().state, ServerState::kHealthy);
}

TEST(AcestepLoading, AModelThatIsNotLoadedIsWaitedFor) {
  World world;
  world.servers[0].models = {
      "acestep-v15-turbo", {"acestep-v15-turbo", "acestep-v15-xl-sft"}, {"acestep-v15-xl-sft"}};
  world.servers[0].plays = "acestep-v15-xl-sft";
  const OrderId id = world.order(60, "acestep-v15-xl-sft");
  world.run(world.now + 60, [&] { return world.servers[0].releases > 0; });
  stop(world, world.now, 180);
  world.run(world.now + 60);
  EXPECT_EQ(world.view().state, ServerState::kLoading);
  EXPECT_EQ(world.view().reason, "it loads a model");
  ASSERT_TRUE(world.run_until_over(world.now + 300, id));
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_EQ(world.ordered()[0].steps, 50);
  EXPECT_TRUE(world.ordered()[0].no_dcw);
}

TEST(AcestepModels, AnUnknownNameIsAskedAsTheModelThatPlays) {
  World world;
  world.servers[0].models = {"acestep-v15-base", {"acestep-v15-base"}, {}};
  world.servers[0].plays = "acestep-v15-base";
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60, "acestep-v15-turbo")));
  EXPECT_EQ(world.ordered()[0].steps, 50);
  EXPECT_EQ(world.ordered()[0].shift, 1);
  EXPECT_TRUE(world.ordered()[0].no_dcw);
  EXPECT_TRUE(world.logged("plays acestep-v15-base, not acestep-v15-turbo as asked"));
  EXPECT_EQ(world.view().note, "plays acestep-v15-base, not acestep-v15-turbo as asked");
  const auto lines = world.log.size();
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60, "acestep-v15-turbo")));
  EXPECT_EQ(world.log.size(), lines) << world.log.back();
}

TEST(AcestepModels, ATrackOfTooFewStepsIsMadeAgain) {
  World world;
  world.servers[0].models = {};  // a server that tells nothing
  world.servers[0].plays = "acestep-v15-base";
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60, "anything")));
  const auto ordered = world.ordered();
  ASSERT_EQ(ordered.size(), 2u);
  EXPECT_EQ(ordered[0].steps, 8);
  EXPECT_EQ(ordered[1].steps, 50);
  EXPECT_TRUE(ordered[1].no_dcw);
}

// The primary plays where a plain order names no model, and is run as it wants to be.
TEST(AcestepModels, APlainOrderIsSuitedToTheModelThatPlaysIt) {
  struct Row {
    const char* primary;
    const char* wanted;
    int steps;
    double shift;
    bool no_dcw;
  };
  for (const Row& row : {Row{"acestep-v15-base", "", 50, 1, true},
                         Row{"acestep-v15-base", "acestep-v15-turbo", 50, 1, true},
                         Row{"acestep-v15-xl-sft", "acestep-v15-xl-sft", 50, 1, true},
                         Row{"acestep-v15-turbo", "", 8, 3, false},
                         Row{"acestep-v15-turbo", "acestep-v15-sft", 8, 3, false}}) {
    World world;
    world.servers[0].broken = true;
    world.servers[0].models = {row.primary, {row.primary}, {}};
    world.servers[0].plays = row.primary;
    ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60, row.wanted)));
    const auto ordered = world.ordered();
    ASSERT_EQ(ordered.size(), 2u) << row.primary;
    EXPECT_EQ(ordered[1].model, "");
    EXPECT_EQ(ordered[1].steps, row.steps) << row.primary << " for " << row.wanted;
    EXPECT_EQ(ordered[1].shift, row.shift) << row.primary << " for " << row.wanted;
    EXPECT_EQ(ordered[1].no_dcw, row.no_dcw) << row.primary << " for " << row.wanted;
    EXPECT_FALSE(ordered[1].thinking);
  }
}

// A server that tells of no models plays a base one: the second plain order has its steps.
TEST(AcestepModels, APlainTrackOfTooFewStepsIsMadeAgain) {
  World world;
  world.servers[0].broken = true;
  world.servers[0].models = {};
  world.servers[0].plays = "acestep-v15-base";
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60, "anything")));
  const auto ordered = world.ordered();
  ASSERT_EQ(ordered.size(), 3u);
  EXPECT_EQ(ordered[1].steps, 8);
  EXPECT_EQ(ordered[2].steps, 50);
  EXPECT_TRUE(ordered[2].no_dcw);
}

TEST(AcestepModels, TheLanguageModelIsTriedAgainAfterAWhile) {
  World world;
  world.servers[0].has_lm = false;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_FALSE(world.ordered().back().thinking);
  world.run(world.now + 700);
  world.servers[0].has_lm = true;
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_TRUE(world.ordered().back().thinking);
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_TRUE(world.ordered().back().thinking);
}

TEST(AcestepModels, ALanguageModelThatStaysAwayIsTriedEverMoreSeldom) {
  World world;
  world.servers[0].has_lm = false;
  const Seconds end = world.now + 6 * 3600;
  while (world.now < end) {
    ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
    world.run(world.now + 60);
  }
  const auto tasks = world.ordered();
  EXPECT_LE(std::ranges::count_if(tasks, [](const Task& task) { return task.thinking; }), 8);
}

TEST(AcestepSlow, ACardOf26MinutesFor20SecondsIsWaitedForAndSaidToBeSlow) {
  World world;
  world.servers[0].job_seconds = 1560;
  const OrderId id = world.order(20);
  world.run(world.now + 100);
  EXPECT_TRUE(world.view().note.empty() ||
              world.view().note.find("slower than real time") != std::string::npos);
  ASSERT_TRUE(world.run_until_over(world.now + 2500, id)) << world.dead[id].second;
  EXPECT_EQ(world.servers[0].releases, 1);
  const std::string note = world.view().note;
  EXPECT_NE(note.find("slower than real time, measured 7"), std::string::npos) << note;
  EXPECT_NE(note.find("ACESTEP_OFFLOAD_TO_CPU"), std::string::npos) << note;
  EXPECT_TRUE(world.logged("slower than real time"));
}

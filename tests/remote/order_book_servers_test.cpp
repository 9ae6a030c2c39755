// SPDX-License-Identifier: Apache-2.0
// What the client thinks of a server, and what it asks and says then: health, keys, suspicion.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation.hpp"

using namespace infinara::remote;

TEST(OrderBook, AHealthyServerIsAskedInTheRightOrderAndSeldom) {
  World world;
  world.servers[0].job_seconds = 60;
  const OrderId id = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 200, id));
  std::vector<Request::Kind> first;
  for (const auto& [when, ask] : world.asked)
    if (first.size() < 4) first.push_back(ask.kind);
  EXPECT_EQ(first, (std::vector{Request::Kind::kHealth, Request::Kind::kStats,
                                Request::Kind::kModels, Request::Kind::kRelease}));
  const auto polls = world.times_of(Request::Kind::kQuery);
  for (std::size_t i = 1; i < polls.size(); ++i) {
    EXPECT_LE(polls[i] - polls[i - 1], 4.1);
    EXPECT_GE(polls[i] - polls[i - 1], 0.9);
  }
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_EQ(world.log.size(), 1u) << world.log.back();
  EXPECT_TRUE(world.logged("http://gpu0 is HEALTHY"));
}

TEST(OrderBook, AnIdlePoolHardlyAsks) {
  World world;
  world.run(world.now + 3600);
  EXPECT_LE(world.asked.size(), 125u);
}

TEST(OrderBook, ItsSpeedIsLearntFromTracksAlone) {
  World world;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60)));
  const double speed = world.book->servers(world.now)[0].seconds_per_second;
  EXPECT_NEAR(speed, 10.0 / 60, 0.06);
}

TEST(OrderBook, ADeadServerIsReportedAtOnceWithItsReason) {
  World world;
  world.servers[0].up = false;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LT(world.dead[id].first, 1000.1);
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is DOWN: Connection refused");
  EXPECT_FALSE(world.want_a_key.contains(id));
  world.run(world.now + 300);
  const auto probes = world.times_of(Request::Kind::kHealth);
  EXPECT_LE(probes.size(), 18u);
  EXPECT_LE(world.log.size(), 1u);
  // A new order asks again at once, and plays when the server is back.
  world.servers[0].up = true;
  EXPECT_TRUE(world.run_until_over(world.now + 20, world.order()));
}

TEST(OrderBook, AWrongKeyIsReportedAndNotTried) {
  World world;
  world.servers[0].needs_key = true;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is NEEDS_KEY: HTTP 401 Invalid API key");
  EXPECT_TRUE(world.want_a_key.contains(id));
  EXPECT_EQ(world.servers[0].releases, 0);
  EXPECT_EQ(world.book->servers(world.now)[0].state, ServerState::kNeedsKey);
  world.run(world.now + 600);
  EXPECT_LE(world.times_of(Request::Kind::kStats).size(), 12u);
}

TEST(OrderBook, AKeyIsWhatIsWantedOnlyIfEveryServerWantsOne) {
  World world(2);
  world.servers[0].needs_key = true;
  world.servers[1].up = false;
  const OrderId id = world.order();
  world.run_until_over(world.now + 1000, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_FALSE(world.want_a_key.contains(id));
}

TEST(OrderBook, AKeyThatDoesNotOpenTheDownloadsIsNamedAtOnce) {
  World world;
  world.servers[0].locks_audio = true;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LT(world.dead[id].first, 1000 + 10 + 5) << "the server's work, a poll and a breath";
  const std::string why = "its tracks cannot be fetched: HTTP 401 Invalid API key";
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is NEEDS_KEY: " + why);
  // Its figures can be had all the same, and do not make it healthy.
  world.run(world.now + 40);
  EXPECT_EQ(world.book->servers(world.now)[0].state, ServerState::kNeedsKey);
  EXPECT_EQ(world.book->servers(world.now)[0].reason, why);

  // The card does not work for nothing, and the log has a line now and then.
  for (int i = 0; i < 120; ++i) {
    world.order();
    world.run(world.now + 30);
  }
  EXPECT_LE(world.servers[0].releases, 2);
  EXPECT_LE(std::ranges::count_if(
                world.log, [](const auto& line) { return line.find("NEEDS_KEY") != line.npos; }),
            12);

  // Put right, the track that waits there is had without further work.
  const int releases = world.servers[0].releases;
  world.servers[0].locks_audio = false;
  const Seconds right = world.now;
  while (world.ready.empty() && world.now < right + 1000) {
    world.order();
    world.run(world.now + 30);
  }
  ASSERT_FALSE(world.ready.empty());
  EXPECT_LE(world.ready.begin()->second - right, 640);
  EXPECT_LE(world.servers[0].releases, releases + 1);
}

TEST(OrderBook, WhenOneOfTwoLocksItsDownloadsTheOtherMakesTheTrack) {
  World world(2);
  world.servers[0].locks_audio = true;
  world.servers[1].job_seconds = 15;
  for (int i = 0; i < 6; ++i) {
    const OrderId id = world.order();
    ASSERT_TRUE(world.run_until_over(world.now + 100, id)) << i;
    EXPECT_TRUE(world.ready.contains(id)) << i;
  }
}

TEST(OrderBook, AServerThatWantedAKeyForAWhileIsNotSuspectedOfItsOldJobs) {
  World world;
  world.servers[0].job_seconds = 3;
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  world.order();
  world.order();
  world.run(world.now + 1);
  world.servers[0].needs_key = true;
  world.run(world.now + 90);
  EXPECT_EQ(world.book->servers(world.now)[0].reason, "HTTP 401 Invalid API key");
  world.servers[0].needs_key = false;
  const OrderId id = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 20, id));
  EXPECT_TRUE(world.ready.contains(id));
  EXPECT_FALSE(world.logged("SUSPECT"));
}

TEST(OrderBook, AJobThatIsLateDoesNotTalkOverWhyItsServerIsDown) {
  World world;
  world.servers[0].job_seconds = 1;
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  world.servers[0].job_seconds = 50;
  world.order();
  world.run(world.now + 10);
  world.servers[0].up = false;
  bool late = false;
  for (int i = 0; i < 2000; ++i) {
    world.run(world.now + 0.1);
    const ServerView view = world.book->servers(world.now)[0];
    late = late || view.last_error.starts_with("not finished after");
    if (view.state == ServerState::kDown) {
      ASSERT_EQ(view.reason, "Connection refused") << world.now;
    }
  }
  EXPECT_TRUE(late);
}

TEST(OrderBook, TheFailureThatMakesAServerSuspectIsSaidOnce) {
  World world;
  world.servers[0].has_lm = false;
  ASSERT_TRUE(world.run_until_over(world.now + 200, world.order()));
  world.log.clear();
  world.servers[0].fail_next = 3;
  world.run_until_over(world.now + 200, world.order());
  ASSERT_EQ(world.log.size(), 3u);
  EXPECT_EQ(world.log[0], "http://gpu0: the job failed; the server gives no reason");
  EXPECT_EQ(world.log[1], world.log[0]);
  EXPECT_EQ(world.log[2],
            "http://gpu0 is SUSPECT: 3 jobs in a row: the job failed; the server gives no reason");
}

TEST(OrderBook, WhatItsLanguageModelLacksIsSaidOnce) {
  World world;
  world.servers[0].has_lm = false;
  const OrderId one = world.order();
  const OrderId two = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 200, one));
  ASSERT_TRUE(world.run_until_over(world.now + 200, two));
  EXPECT_EQ(
      std::ranges::count_if(
          world.log, [](const auto& line) { return line.find("language model") != line.npos; }),
      1);
}

TEST(OrderBook, AHungServerIsLeftAloneUntilItProvesItself) {
  World world;
  world.servers[0].job_seconds = 20;
  ASSERT_TRUE(world.run_until_over(world.now + 60, world.order()));
  world.servers[0].hung = true;
  const OrderId id = world.order();
  const Seconds begun = world.now;
  world.run_until_over(begun + 900, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LE(world.dead[id].first - begun, 450);
  EXPECT_EQ(world.book->servers(world.now)[0].state, ServerState::kSuspect);
  EXPECT_TRUE(world.logged("SUSPECT"));
  const int before = world.servers[0].releases;
  for (int i = 0; i < 20; ++i) {
    world.run_until_over(world.now + 900, world.order());
    world.run(world.now + 5);
  }
  EXPECT_LE(world.servers[0].releases - before, 30) << "a hung server was flooded";
  world.servers[0].restart(world.now);
  world.run(world.now + 40);
  EXPECT_TRUE(world.run_until_over(world.now + 60, world.order()));
  EXPECT_EQ(world.book->servers(world.now)[0].state, ServerState::kHealthy);
}

TEST(OrderBook, AServerThatFailsEverythingIsNotFlooded) {
  World world;
  world.servers[0].fail_next = 100000;
  world.servers[0].job_seconds = 0.2;
  const Seconds begun = world.now;
  while (world.now < begun + 3600) {
    world.run_until_over(world.now + 900, world.order());
    world.run(world.now + 10);
  }
  EXPECT_LE(world.servers[0].releases, 120);
  EXPECT_LE(world.log.size(), 300u);
}

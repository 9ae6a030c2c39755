// SPDX-License-Identifier: Apache-2.0
// Which server gets which order, and what becomes of jobs that nobody waits for any more.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "simulation.hpp"

using namespace infinara::remote;

TEST(OrderBook, AtMostTwoJobsAreOpenAtAServer) {
  World world;
  world.servers[0].job_seconds = 30;
  std::vector<OrderId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(world.order());
  const Seconds end = world.now + 400;
  while (world.now < end && world.ready.size() < ids.size()) {
    world.run(world.now + 1);
    EXPECT_LE(world.servers[0].line.size(), 2u);
  }
  EXPECT_EQ(world.ready.size(), ids.size());
}

TEST(OrderBook, APoolGivesTheWorkToTheFasterServer) {
  World world(2);
  world.servers[0].job_seconds = 5;
  world.servers[1].job_seconds = 50;
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(world.run_until_over(world.now + 300, world.order()));
  EXPECT_GT(world.servers[0].releases, 3 * world.servers[1].releases);
}

TEST(OrderBook, WhenOneOfTwoDiesTheOtherMakesTheTrack) {
  World world(2);
  world.servers[0].job_seconds = world.servers[1].job_seconds = 20;
  const OrderId first = world.order();
  world.run(world.now + 5);
  FakeServer& busy = world.servers[0].releases > 0 ? world.servers[0] : world.servers[1];
  busy.restart(world.now);
  busy.up = false;
  const Seconds died = world.now;
  ASSERT_TRUE(world.run_until_over(world.now + 200, first));
  EXPECT_LE(world.ready[first] - died, 40);
}

TEST(OrderBook, AnAbandonedJobServesTheNextOrderOfItsKind) {
  World world;
  world.servers[0].job_seconds = 30;
  const OrderId first = world.order();
  world.run(world.now + 20);
  world.book->abandon(first);
  world.run(world.now + 2);
  const Seconds asked = world.now;
  const OrderId second = world.order(62);
  ASSERT_TRUE(world.run_until_over(world.now + 100, second));
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_LE(world.ready[second] - asked, 13);
}

TEST(OrderBook, JobsOutliveOurOwnRestart) {
  World world;
  world.servers[0].job_seconds = 30;
  world.order();
  world.run(world.now + 10);
  const auto kept = world.book->kept(world.now);
  ASSERT_EQ(kept.size(), 1u);

  world.book =
      std::make_unique<OrderBook>(std::vector<std::string>{"http://gpu0"}, 2, OrderBook::Limits{});
  world.answers.clear();
  world.ready.clear();
  world.book->restore(world.now, kept);
  const OrderId again = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 100, again));
  EXPECT_EQ(world.servers[0].releases, 1);

  // One that the server has forgotten meanwhile is asked for anew.
  world.book =
      std::make_unique<OrderBook>(std::vector<std::string>{"http://gpu0"}, 3, OrderBook::Limits{});
  world.answers.clear();
  world.ready.clear();
  world.book->restore(world.now,
                      {{"http://gpu0", "never-heard-of", kept[0].wanted, kept[0].task, 60}});
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_EQ(world.servers[0].releases, 2);
}

TEST(OrderBook, AFetchThatIsNoLongerWantedIsCancelled) {
  World world;
  world.servers[0].job_seconds = 1;
  const OrderId id = world.order();
  std::uint64_t fetch = 0;
  for (int i = 0; i < 200 && fetch == 0; ++i) {
    world.run(world.now + 0.01);
    for (const auto& [when, ask] : world.asked)
      if (ask.kind == Request::Kind::kFetch) fetch = ask.serial;
  }
  ASSERT_NE(fetch, 0u);
  if (!world.ready.contains(id)) {
    world.book->abandon(id);
    bool cancelled = false;
    for (const auto& event : world.book->step(world.now))
      if (auto* cancel = std::get_if<Cancel>(&event)) cancelled = cancel->serial == fetch;
    EXPECT_TRUE(cancelled);
  }
}

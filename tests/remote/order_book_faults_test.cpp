// SPDX-License-Identifier: Apache-2.0
// What goes wrong at a server, one fault at a time and all in one day: each order has its end in
// time.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <functional>

#include "simulation.hpp"

using namespace infinara::remote;
using Kind = Error::Kind;

// Each fault strikes a single server that needs 10 s a track; a good one must be there in time.
struct Fault {
  const char* name;
  std::function<void(World&)> strike;
  Seconds bound;
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

/// The next `times` answers of one sort are this one.
std::function<void(World&)> answers(int FakeServer::*sort, int times,
                                    const Error& answer = FakeServer{}.bad_answer) {
  return [=](World& world) {
    world.servers[0].*sort = times;
    world.servers[0].bad_answer = answer;
  };
}

class EveryFault : public testing::TestWithParam<Fault> {};

TEST_P(EveryFault, EndsInAGoodTrackInTime) {
  World world;
  GetParam().strike(world);
  const OrderId id = world.order();
  const Seconds begun = world.now;
  EXPECT_TRUE(world.run_until_over(begun + 2000, id)) << world.dead[id].second;
  EXPECT_LE(world.ready[id] - begun, GetParam().bound);
  RecordProperty("seconds", static_cast<int>(world.ready[id] - begun));
  std::printf("  %-44s ready after %6.1f s (bound %g s), %d releases, %zu log lines\n",
              GetParam().name, world.ready[id] - begun, GetParam().bound, world.servers[0].releases,
              world.log.size());
  EXPECT_LE(world.log.size(), 12u);
}

INSTANTIATE_TEST_SUITE_P(
    OrderBook, EveryFault,
    testing::Values(
        Fault{"none", [](World&) {}, 13},
        Fault{"no progress told (4 February)",
              [](World& w) { w.servers[0].tells_progress = false; }, 14},
        Fault{"one job fails",
              [](World& w) {
                w.servers[0].has_lm = false;
                w.servers[0].fail_next = 1;
              },
              40},
        Fault{"two jobs fail", [](World& w) { w.servers[0].fail_next = 2; }, 60},
        Fault{"no language model", [](World& w) { w.servers[0].has_lm = false; }, 28},
        Fault{"silence once", [](World& w) { w.servers[0].silent_next = 1; }, 32},
        Fault{"rejected by the audition", [](World& w) { w.reject_next = 1; }, 32},
        Fault{"fields it does not take", [](World& w) { w.servers[0].broken = true; }, 14},
        Fault{"queue full for 20 s",
              [](World& w) {
                w.servers[0].full = true;
                w.at(w.now + 20, [&w] { w.servers[0].full = false; });
              },
              55},
        Fault{"restart in mid-job, seen",
              [](World& w) {
                w.at(w.now + 5, [&w] {
                  w.servers[0].restart(w.now);
                  w.servers[0].up = false;
                });
                w.at(w.now + 25, [&w] { w.servers[0].up = true; });
              },
              75},
        Fault{"restart in mid-job, too quick to be seen",
              [](World& w) { w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); }); }, 40},
        Fault{"the same without progress told",
              [](World& w) {
                w.servers[0].tells_progress = false;
                w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); });
              },
              45},
        Fault{"restart while queued behind another",
              [](World& w) {
                w.servers[0].jobs["other"] = {};
                w.servers[0].line = {"other"};
                w.servers[0].total = 1;
                w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); });
              },
              30},
        Fault{"no answer for 12 s",
              [](World& w) {
                w.at(w.now + 2, [&w] { w.servers[0].mute = true; });
                w.at(w.now + 14, [&w] { w.servers[0].mute = false; });
              },
              35},
        Fault{"said to be overdue, then done",
              [](World& w) {
                w.servers[0].overdue = true;
                w.servers[0].job_seconds = 40;
              },
              46},
        Fault{"loads at the first job only", [](World& w) { w.servers[0].loading = true; }, 45},
        Fault{"an order is answered without an end", answers(&FakeServer::bad_releases, 1), 35},
        Fault{"an order's answer is cut",
              answers(&FakeServer::bad_releases, 1,
                      {Kind::kCut, "Connection terminated unexpectedly"}),
              35},
        Fault{"an order's answer never comes",
              answers(&FakeServer::bad_releases, 1, {Kind::kTimeout, "no answer in time"}), 40},
        Fault{"a poll is answered without an end", answers(&FakeServer::bad_queries, 1), 20},
        Fault{
            "two polls are text",
            answers(&FakeServer::bad_queries, 2, {Kind::kBroken, "HTTP 500 Internal Server Error"}),
            25},
        Fault{"a download leads elsewhere",
              answers(&FakeServer::bad_fetches, 1,
                      {Kind::kUnsafe, "it sends us elsewhere: http://x/"}),
              32},
        Fault{"a download is cut once",
              answers(&FakeServer::bad_fetches, 1, {Kind::kCut, "ended after 5 of 10 bytes"}), 16},
        Fault{"a download is refused with 403",
              answers(&FakeServer::bad_fetches, 1, {Kind::kRejected, "HTTP 403 Access denied"}),
              32},
        Fault{"its audio is gone once",
              [](World& w) {
                w.servers[0].has_audio = false;
                w.at(w.now + 14, [&w] { w.servers[0].has_audio = true; });
              },
              40}));

// What is asked when something went wrong: no sooner than it may help, and no oftener.
TEST(OrderBook, EachFailureIsAnsweredAtItsTime) {
  const auto gaps = [](const World& world, Request::Kind kind) {
    std::vector<Seconds> out;
    const auto times = world.times_of(kind);
    for (std::size_t i = 1; i < times.size(); ++i) out.push_back(times[i] - times[i - 1]);
    return out;
  };
  {
    SCOPED_TRACE("a forgotten task is looked for twice, 2 s apart, and ordered again at once");
    World world;
    world.at(world.now + 5, [&] { world.servers[0].restart(world.now); });
    world.servers[0].jobs["other"] = {};
    world.servers[0].line = {"other"};
    world.servers[0].total = 1;
    ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
    const auto orders = world.times_of(Request::Kind::kRelease);
    ASSERT_EQ(orders.size(), 2u);
    std::vector<Seconds> polls = world.times_of(Request::Kind::kQuery);
    std::erase_if(polls, [&](Seconds t) { return t < 1005 || t > orders[1]; });
    ASSERT_GE(polls.size(), 2u);
    EXPECT_GE(polls[1] - polls[0], 2);
    EXPECT_LE(orders[1] - polls[1], 0.1);
  }
  {
    SCOPED_TRACE("a failed job is ordered again after a pause that grows");
    World world;
    world.servers[0].has_lm = false;
    world.servers[0].fail_next = 3;
    world.run_until_over(world.now + 300, world.order());
    const auto pauses = gaps(world, Request::Kind::kRelease);
    ASSERT_GE(pauses.size(), 2u);
    EXPECT_GE(pauses.back(), 10 + 1.5) << "the job's own time, then a pause";
  }
  {
    SCOPED_TRACE("a full queue is tried after 5 s and then ever later");
    World world;
    world.servers[0].full = true;
    world.order();
    world.run(world.now + 120);
    const auto pauses = gaps(world, Request::Kind::kRelease);
    ASSERT_GE(pauses.size(), 3u);
    EXPECT_GE(pauses.front(), 3.7);
    EXPECT_GT(pauses.back(), 2 * pauses.front());
    EXPECT_LE(*std::ranges::max_element(pauses), 75);
  }
  {
    SCOPED_TRACE("a server that is down is asked after 2 s and then up to 30 s apart");
    World world;
    world.order();
    world.run(world.now + 3);
    world.servers[0].up = false;
    world.run(world.now + 300);
    const auto pauses = gaps(world, Request::Kind::kHealth);
    ASSERT_GE(pauses.size(), 6u);
    EXPECT_LE(*std::ranges::max_element(pauses), 40);
    EXPECT_GE(pauses.back(), 20);
  }
  {
    SCOPED_TRACE("a wrong key is not asked again for a minute, and nothing is ordered");
    World world;
    world.servers[0].needs_key = true;
    world.order();
    world.run(world.now + 200);
    const auto pauses = gaps(world, Request::Kind::kStats);
    ASSERT_GE(pauses.size(), 2u);
    EXPECT_GE(*std::ranges::min_element(pauses), 59);
    EXPECT_TRUE(world.times_of(Request::Kind::kRelease).empty());
  }
}

TEST(OrderBook, ChaosOfADayNeverSticks) {
  // A fault every few minutes, drawn from a seed; each order ends within its patience.
  infinara::music::Random random(11);
  World world(2);
  int made = 0, failed = 0;
  const Seconds end = world.now + 24 * 3600;
  while (world.now < end) {
    FakeServer& server = world.servers[random.below(2)];
    switch (random.below(10)) {
      case 0:
        server.restart(world.now);
        break;
      case 1:
        server.restart(world.now);
        server.up = false;
        break;
      case 2:
        server.hung = true;
        break;
      case 3:
        server.mute = true;
        break;
      case 4:
        server.fail_next = 2;
        break;
      case 5:
        server.silent_next = 1;
        break;
      case 6:
        server.full = !server.full;
        break;
      case 7:
        server.needs_key = !server.needs_key;
        break;
      case 8:
        world.reject_next = 1;
        break;
      default: {
        const int jobs = server.releases;
        server.restart(world.now);
        server = FakeServer{};
        server.releases = jobs;
      }
    }
    const OrderId id = world.order();
    const Seconds begun = world.now;
    const bool good = world.run_until_over(begun + 1000, id);
    ASSERT_TRUE(good || world.dead.contains(id)) << "order " << id << " has no end";
    (good ? made : failed) += 1;
    world.run(world.now + 20);
  }
  std::printf("  a day of faults: %d tracks, %d given up, %zu log lines\n", made, failed,
              world.log.size());
  EXPECT_GT(made, 300);
  EXPECT_LE(world.log.size(), 2u * static_cast<unsigned>(made + failed));
}

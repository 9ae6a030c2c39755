// SPDX-License-Identifier: Apache-2.0
// A preferred source and the one that covers for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/world.hpp"

namespace infinara::music {
namespace {

std::vector<std::string> heard_by(const World& world) {
  std::vector<std::string> out;
  for (const TrackId id : world.started)
    out.push_back(world.made[static_cast<std::size_t>(id) - 1].generator);
  return out;
}

TEST(Cover, PlaysFromTheFirstSecondAndIsLeftWhenTheFirstBetterTrackIsThere) {
  World world(Settings{}, {{"gpu", serial(12 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(kSecond);
  EXPECT_EQ(heard_by(world), std::vector<std::string>{"band"});
  EXPECT_LE(world.starts.front(), kSecond / 2);
  world.run(12 * kSecond);
  EXPECT_EQ(heard_by(world), (std::vector<std::string>{"band", "gpu"}));
  EXPECT_LE(world.starts.back(), 13 * kSecond);
  world.run(3600 * kSecond);
  const auto who = heard_by(world);
  EXPECT_EQ(std::ranges::count(who, "band"), 1);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Cover, IsNotLeftBeforeAListenerHasHeardSomeOfItNorNearItsEnd) {
  World early(Settings{}, {{"gpu", prompt(2 * kSecond)}, {"band", prompt()}}, "jazz");
  early.run(60 * kSecond);
  ASSERT_GE(early.starts.size(), 2u);
  EXPECT_GE(early.starts[1] - early.starts[0], 10 * kSecond);
  EXPECT_LE(early.starts[1] - early.starts[0], 10 * kSecond + kSecond / 2);
  World late(Settings{}, {{"gpu", prompt(84 * kSecond)}, {"band", prompt()}}, "jazz");
  late.run(89 * kSecond);
  EXPECT_EQ(heard_by(late), (std::vector<std::string>{"band", "gpu"}));
  EXPECT_EQ(late.advances, 0u);
}

TEST(Cover, IsLeftSoonAfterTheBetterOneRecovers) {
  World world(Settings{},
              {{"gpu",
                [](const Order&, Time now) {
                  const bool down = now < 1000 * kSecond;
                  return down ? World::Fate{kSecond / 20, true} : World::Fate{8 * kSecond};
                }},
               {"band", prompt()}},
              "jazz");
  world.run(1000 * kSecond);
  EXPECT_EQ(std::ranges::count(heard_by(world), "gpu"), 0);
  world.run(50 * kSecond);  // a probe every 30 s, a track in 8 s
  EXPECT_EQ(heard_by(world).back(), "gpu");
  world.run(3600 * kSecond);
  const auto who = heard_by(world);
  const auto first = std::ranges::find(who, "gpu");
  EXPECT_EQ(std::count(first, who.end(), "band"), 0);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Cover, ForHoursCostsAProbeInHalfAMinuteAndOneLine) {
  World world(Settings{}, {{"gpu", broken()}, {"band", prompt()}}, "jazz");
  world.run(6 * 3600 * kSecond);
  EXPECT_EQ(world.generator_news.size(), 1u);
  const auto asked = std::ranges::count(world.made, "gpu", &Make::generator);
  EXPECT_LE(asked, 6 * 120 + 10);
  EXPECT_GE(asked, 6 * 110);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Cover, SharesTheProgrammeWithOneSlowerThanRealTime) {
  World world(Settings{}, {{"gpu", serial(200 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(20000 * kSecond);
  const auto who = heard_by(world);
  EXPECT_GE(std::ranges::count(who, "gpu"), 95);
  EXPECT_LE(std::ranges::count(who, "band"), 220);
  for (std::size_t i = 1; i < world.starts.size(); ++i)
    EXPECT_GE(world.starts[i] - world.starts[i - 1], 10 * kSecond) << "no track is cut at once";
}

TEST(Cover, BringsNoWordsTwiceRunningFromTheOneItCoversFor) {
  // Some of its orders break, and for half of the time all do.
  Random life(5);
  World world(Settings{},
              {{"gpu",
                [&](const Order&, Time now) {
                  const bool down = now / (400 * kSecond) % 2 == 1;
                  return down || life.uniform() < 0.3 ? World::Fate{kSecond, true}
                                                      : World::Fate{30 * kSecond};
                }},
               {"band", prompt()}},
              "jazz");
  world.run(24 * 3600 * kSecond);
  std::map<std::string, std::string> last;  // by genre
  int covers = 0;
  int heard = 0;
  for (const TrackId id : world.started) {
    const Make& make = *std::ranges::find(world.made, id, [](const Make& x) { return x.order.id; });
    if (make.generator != "gpu") {
      ++covers;
      continue;
    }
    EXPECT_NE(make.order.caption, last[make.order.genre]);
    last[make.order.genre] = make.order.caption;
    ++heard;
  }
  EXPECT_GE(covers, 100);
  EXPECT_GE(heard, 100);
}

}  // namespace
}  // namespace infinara::music

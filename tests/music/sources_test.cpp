// SPDX-License-Identifier: Apache-2.0
// Sources that break, dawdle or hang.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/world.hpp"

namespace infinara::music {
namespace {

TEST(Sources, ABrokenOneCostsOneRetryElsewhere) {
  int calls = 0;
  World world(Settings{},
              {{"gpu",
                [&](const Order&, Time) {
                  return ++calls == 5 ? World::Fate{kSecond / 50, true} : World::Fate{kSecond / 20};
                }},
               {"band", prompt()}},
              "jazz");
  world.run(1000 * kSecond);
  EXPECT_EQ(world.made.at(4).generator, "gpu");
  EXPECT_EQ(world.made.at(5).generator, "band");
  EXPECT_EQ(world.made.at(6).generator, "gpu");  // forgiven
  EXPECT_EQ(std::ranges::count(world.made, "band", &Make::generator), 1);
  EXPECT_TRUE(world.generator_news.empty());  // once is nothing
  EXPECT_EQ(world.silence, 0u);
}

TEST(Sources, TheCoverComesInTimeWhereABeginningIsNotHeard) {
  for (const double left_out : {0.0, 14.0, 40.0}) {
    SCOPED_TRACE(left_out);
    int calls = 0;
    World world(Settings{},
                {{"gpu",
                  [&](const Order&, Time) {
                    if (++calls > 1) return World::Fate{{}};
                    return World::Fate{.wait = kSecond, .left_out = left_out};
                  }},
                 {"band", prompt()}},
                "jazz");
    world.run(kSecond);
    const Time first = world.silence;
    world.run(200 * kSecond);
    EXPECT_GE(world.started.size(), 3u);
    EXPECT_EQ(world.silence, first) << "no hole after the first track";
  }
}

TEST(Sources, TheOnlyOneIsTriedAgainWithAnotherSeed) {
  int calls = 0;
  World world(Settings{},
              {{"band",
                [&](const Order&, Time) {
                  return World::Fate{kSecond / 20, ++calls == 2};
                }}},
              "jazz");
  world.run(10 * kSecond);
  ASSERT_GE(world.made.size(), 5u);
  EXPECT_NE(world.made[1].order.seed, world.made[3].order.seed);
  EXPECT_EQ(world.ready(), 3u);
}

TEST(Sources, AnUnusableFirstOneIsProbedAndPreferredAgainWhenItDelivers) {
  World world(of_length(30),
              {{"gpu",
                [](const Order&, Time now) {
                  const bool down = now < 600 * kSecond;
                  return World::Fate{kSecond / 20, down};
                }},
               {"band", prompt()}},
              "jazz");
  world.run(590 * kSecond);
  EXPECT_EQ(world.silence, 0u);
  ASSERT_EQ(world.generator_news.size(), 1u);
  EXPECT_EQ(world.generator_news[0], (GeneratorIs{"gpu", false, "broken"}));
  const auto probes = std::ranges::count(world.made, "gpu", &Make::generator);
  EXPECT_GE(probes, 8);
  EXPECT_LE(probes, 26);  // the odd one, not every one
  world.run(200 * kSecond);
  ASSERT_EQ(world.generator_news.size(), 2u);
  EXPECT_EQ(world.generator_news[1], (GeneratorIs{"gpu", true, "delivers again"}));
  EXPECT_EQ(world.made.back().generator, "gpu");
}

TEST(Sources, AllBrokenAreAskedEverMoreSeldom) {
  World world(Settings{}, {{"gpu", broken()}, {"band", broken()}}, "jazz");
  world.run(10 * kSecond);
  EXPECT_LE(world.made.size(), 16u);
  const auto before = world.made.size();
  world.run(3600 * kSecond);
  EXPECT_LE(world.made.size() - before, 2 * 122u);
  EXPECT_GE(world.made.size() - before, 2 * 100u);
  EXPECT_EQ(world.generator_news.size(), 2u);
  EXPECT_TRUE(world.programme.is_silent());
}

TEST(Sources, ASlowOneIsCoveredByTheNextAndItsTracksAreUsed) {
  World world(Settings{}, {{"gpu", serial(60 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(3600 * kSecond);
  EXPECT_LE(world.starts.front(), 2 * kSecond);  // the band begins
  EXPECT_EQ(world.made[static_cast<std::size_t>(world.started.front()) - 1].generator, "band");
  EXPECT_EQ(world.silence, 0u);
  // It makes 90 s in 60 s: once it has caught up the band is not needed.
  EXPECT_LE(std::ranges::count(world.made, "band", &Make::generator), 3);
  EXPECT_GE(world.ready(), 2u);               // and the third is being made
  EXPECT_TRUE(world.generator_news.empty());  // slow is not down
}

TEST(Sources, ATooSlowOneSharesTheProgrammeWithoutAGap) {
  World world(Settings{}, {{"gpu", serial(200 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(20000 * kSecond);
  EXPECT_EQ(world.silence, 0u);
  int by_gpu = 0;
  for (const TrackId id : world.started)
    by_gpu += world.made[static_cast<std::size_t>(id) - 1].generator == "gpu" ? 1 : 0;
  EXPECT_GE(by_gpu, 90);  // each of its hundred is heard
}

TEST(Sources, OneThatHangsIsGivenUpAndNeverBlocks) {
  World world(Settings{}, {{"gpu", hanging()}, {"band", prompt()}}, "jazz");
  world.run(4000 * kSecond);
  EXPECT_EQ(world.silence, 0u);
  ASSERT_FALSE(world.generator_news.empty());
  EXPECT_FALSE(world.generator_news[0].up);
  const auto asked = std::ranges::count(world.made, "gpu", &Make::generator);
  EXPECT_LE(asked, 10);
}

TEST(Sources, NowIsCoveredToo) {
  World world(Settings{}, {{"gpu", serial(60 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(1000 * kSecond);
  world.choose("rock", When::kNow);
  world.run(5 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  world.run(500 * kSecond);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Sources, WhenAllAreGoneTheShelfIsBetterThanSilence) {
  World world(Settings{},
              {{"band",
                [](const Order&, Time now) {
                  return World::Fate{kSecond / 20, now > 15 * kSecond};
                }}},
              "jazz");
  world.run(10 * kSecond);
  world.choose("rock", When::kNow);
  world.run(10 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  world.run(600 * kSecond);
  EXPECT_EQ(std::ranges::count(world.heard, "jazz"), 4);  // the first, and its shelved queue
}

TEST(Sources, NobodyHurriesWhoRendersOffline) {
  Settings settings;
  settings.live = false;
  World world(settings, {{"gpu", prompt(60 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(3600 * kSecond);
  EXPECT_EQ(std::ranges::count(world.made, "band", &Make::generator), 0);
}

TEST(Sources, ATrackWithoutAnEndIsLeft) {
  World world(
      Settings{},
      {{"band",
        [](const Order& order, Time) {
          return World::Fate{kSecond / 20, false, order.id == 2 ? 9000 * kSecond : 90 * kSecond};
        }}},
      "jazz");
  world.run(400 * kSecond);
  ASSERT_GE(world.starts.size(), 3u);
  EXPECT_EQ(world.starts[2] - world.starts[1], (90 + 45 + 10) * kSecond);
  EXPECT_EQ(world.advances, 1u);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Sources, ATrackThatHangsInTheMiddleIsLeftAtOnceForOneThatIsReady) {
  World world(Settings{}, {{"gpu", prompt()}, {"band", prompt()}}, "jazz");
  world.run(20 * kSecond);
  world.feed(Underrun{world.started.back()});
  world.run(kSecond / 25);
  EXPECT_EQ(world.advances, 1u);
  ASSERT_EQ(world.started.size(), 2u);
  EXPECT_EQ(world.starts.back(), 20 * kSecond);
  world.run(10 * kSecond);
  EXPECT_EQ(world.advances, 1u);
}

TEST(Sources, ATrackThatHangsStaysUntilThereIsOneToGoTo) {
  World world(Settings{}, {{"gpu", prompt(30 * kSecond)}}, "jazz");
  world.run(31 * kSecond);
  ASSERT_EQ(world.started.size(), 1u);
  while (world.ready() > 0) world.skip(), world.run(kSecond);
  const auto before = world.started.size();
  world.feed(Underrun{world.started.back()});
  world.run(5 * kSecond);
  EXPECT_EQ(world.started.size(), before);
  world.run(30 * kSecond);
  EXPECT_GT(world.started.size(), before);
}

TEST(Sources, ATrackThatHangsWhileItFadesInIsNotHurried) {
  World world(Settings{}, {{"gpu", prompt()}, {"band", prompt()}}, "jazz");
  world.run(86 * kSecond);  // the second track comes in since 85
  ASSERT_EQ(world.started.size(), 2u);
  world.feed(Underrun{2});
  world.run(kSecond);
  EXPECT_EQ(world.advances, 0u);
  world.run(kSecond);  // past the middle of the fade
  EXPECT_EQ(world.advances, 1u);
  EXPECT_EQ(world.started.size(), 3u);
}

TEST(Sources, WhoRendersOfflineWaitsForATrackThatHangs) {
  Settings settings;
  settings.live = false;
  World world(settings, {{"band", prompt()}}, "jazz");
  world.run(20 * kSecond);
  world.feed(Underrun{1});
  world.run(10 * kSecond);
  EXPECT_EQ(world.advances, 0u);
}

TEST(Sources, ShortTracksLeaveNoGap) {
  World world(
      Settings{},
      {{"band",
        [](const Order& order, Time) {
          return World::Fate{kSecond / 20, false, order.id % 3 == 0 ? kSecond / 2 : 20 * kSecond};
        }}},
      "jazz");
  world.run(3600 * kSecond);
  EXPECT_EQ(world.silence, 0u);
}

}  // namespace
}  // namespace infinara::music

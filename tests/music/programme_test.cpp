// SPDX-License-Identifier: Apache-2.0
#include "music/programme.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "support/world.hpp"

namespace infinara::music {
namespace {

using namespace std::string_literals;

Settings of_length(double seconds) {
  Settings settings;
  settings.track_duration = seconds;
  return settings;
}

TEST(Programme, OrdersAheadUntilTheBufferIsFull) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  EXPECT_EQ(world.made.size(), 3u);
  world.run(kSecond);  // one of them plays now, so there is a fourth
  EXPECT_EQ(world.made.size(), 4u);
  EXPECT_EQ(world.ready(), 3u);
  for (const Make& make : world.made) {
    EXPECT_EQ(make.order.genre, "jazz");
    EXPECT_EQ(make.generator, "band");
    EXPECT_EQ(make.order.duration, 90);
  }
  EXPECT_EQ(world.genres.front().genre, world.programme.genre());
  EXPECT_EQ(world.genres.front().reason, "start");
}

TEST(Programme, TellsWhatIsNextAndHowManyAreReady) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  EXPECT_EQ(world.next.order.id, 0u);
  world.run(kSecond);
  EXPECT_EQ(world.next.order.id, 2u);
  EXPECT_EQ(world.next.ready, 3u);
  world.run(90 * kSecond);
  EXPECT_EQ(world.next.order.id, 3u);
}

TEST(Programme, DrawsItsFirstGenreFromTheSeed) {
  std::set<GenreIndex> seen;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Programme one(Settings{}, {"band"}, {}, seed);
    seen.insert(one.genre());
    EXPECT_EQ(one.genre(), Programme(Settings{}, {"band"}, {}, seed).genre());
  }
  EXPECT_EQ(seen.size(), kGenreCount);
}

// --- the walk ---

TEST(Programme, WalksWhenTheDwellIsOverAndLetsTheQueuePlayOut) {
  World world(Settings{}, {{"band", prompt()}}, "bossa nova");
  const Time end = world.genres.front().dwell_end;
  EXPECT_GE(end, 300 * kSecond);
  EXPECT_LE(end, 900 * kSecond);
  world.run(end - 1);
  EXPECT_EQ(world.genres.size(), 1u);
  world.run(2);
  ASSERT_EQ(world.genres.size(), 2u);
  EXPECT_EQ(world.genres.back().reason, "dwell");
  EXPECT_EQ(kGenres.at(world.genres.back().genre).name, "jazz");  // the only way
  EXPECT_EQ(world.genre_heard(), "bossa nova");
  EXPECT_EQ(world.advances, 0u);
  world.run(4 * 90 * kSecond);
  EXPECT_EQ(world.genre_heard(), "jazz");
}

TEST(Programme, StaysWithoutAutoDjAndBeginsANewDwellWithIt) {
  Settings settings;
  settings.auto_dj = false;
  World world(settings, {{"band", prompt()}}, "jazz");
  EXPECT_EQ(world.genres.back().dwell_end, 0u);
  EXPECT_EQ(world.programme.dwell_remaining(0), 0u);
  world.run(5000 * kSecond);
  EXPECT_EQ(world.genres.size(), 1u);
  settings.auto_dj = true;
  world.change(settings);
  EXPECT_EQ(world.genres.back().reason, "settings");
  EXPECT_GE(world.genres.back().dwell_end, world.now + 300 * kSecond);
  EXPECT_LE(world.genres.back().dwell_end, world.now + 900 * kSecond);
  world.run(901 * kSecond);
  EXPECT_EQ(world.genres.back().reason, "dwell");
}

TEST(Programme, FitsTheDwellToNewBoundsAtOnce) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  Settings settings;
  settings.dwell_min = 20;
  settings.dwell_max = 30;
  world.change(settings);
  EXPECT_EQ(world.genres.back().dwell_end, 30 * kSecond);
}

TEST(Programme, AListenersGenreRestartsTheDwellAtOnce) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(100 * kSecond);
  world.choose("rock", When::kQueue);
  EXPECT_EQ(world.genres.back().reason, "listener");
  EXPECT_GE(world.genres.back().dwell_end, 400 * kSecond);
}

// --- a listener's genre ---

TEST(ChooseGenre, QueuedPlaysTheQueueOutAndOrdersTheNewGenre) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.choose("rock", When::kQueue);
  world.run(4 * 90 * kSecond);
  EXPECT_EQ(world.heard, (std::vector{"jazz"s, "jazz"s, "jazz"s, "jazz"s, "rock"s}));
  EXPECT_EQ(world.advances, 0u);
  EXPECT_TRUE(world.programme.tracks_shelved() == 0);
}

TEST(ChooseGenre, NowIsHeardWithinSecondsAndKeepsTheOldQueue) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.choose("rock", When::kNow);
  EXPECT_EQ(world.programme.tracks_shelved(), 3u);
  world.run(kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  EXPECT_EQ(world.ready(), 3u);
  EXPECT_EQ(world.retired.size(), 0u);  // the old one is still fading
  world.run(3 * kSecond);
  EXPECT_EQ(world.retired, std::vector<TrackId>{1});
}

TEST(ChooseGenre, AReturnUsesWhatWasParkedFirst) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.choose("rock", When::kNow);
  world.run(10 * kSecond);
  const auto made = world.made.size();
  world.choose("jazz", When::kNow);
  world.run(kSecond);
  EXPECT_EQ(world.genre_heard(), "jazz");
  EXPECT_EQ(world.started.back(), 2u);
  EXPECT_EQ(world.order.front(), 3u);
  EXPECT_EQ(world.made.size(), made + 1);           // for the one that started
  EXPECT_EQ(world.programme.tracks_shelved(), 3u);  // rock
}

TEST(ChooseGenre, TheWalkUsesWhatWasParkedToo) {
  Settings settings;
  settings.genre_change = When::kNow;
  World world(settings, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.choose("bossa nova", When::kNow);
  world.run(901 * kSecond);  // there is but one way from here
  ASSERT_EQ(world.genres.back().reason, "dwell");
  EXPECT_EQ(world.heard.back(), "jazz");
  EXPECT_TRUE(std::ranges::find(world.started, 2u) != world.started.end());
}

TEST(ChooseGenre, TheLastOfTwoQuickOnesWins) {
  Settings settings;
  settings.auto_dj = false;
  World world(settings, {{"band", prompt()}}, "ambient");
  world.run(10 * kSecond);
  world.choose("jazz", When::kNow);
  world.choose("rock", When::kNow);
  world.run(3 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  EXPECT_EQ(std::ranges::count(world.heard, "jazz"), 0);

  world.choose("jazz", When::kNow);
  world.choose("disco funk", When::kQueue);
  world.run(3 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");  // no longer in a hurry
  world.run(1000 * kSecond);
  EXPECT_EQ(world.genre_heard(), "disco funk");
}

TEST(ChooseGenre, WhatPlaysAlreadyIsNotLeft) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.choose("rock", When::kQueue);
  world.run(90 * kSecond);  // a rock track is the last in the queue
  world.choose("jazz", When::kNow);
  world.run(3 * kSecond);
  EXPECT_EQ(world.advances, 0u);
  EXPECT_EQ(world.programme.tracks_shelved(), 1u);
  EXPECT_EQ(world.ready(), 3u);
}

TEST(ChooseGenre, NowInsideACrossfadeGoesThroughTheOneComingIn) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(86 * kSecond);  // the second track has just begun, and is not half there
  ASSERT_EQ(world.started, (std::vector<TrackId>{1, 2}));
  world.choose("rock", When::kNow);
  world.run(4 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  EXPECT_EQ(world.advances, 2u);
}

TEST(ChooseGenre, KeepsNoMoreThanTwoQueuesAndDropsTheOldest) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  for (const auto* genre : {"rock", "ambient", "classical", "synthwave", "cinematic"}) {
    world.choose(genre, When::kNow);
    world.run(10 * kSecond);
    EXPECT_EQ(world.genre_heard(), genre);
  }
  EXPECT_EQ(world.programme.tracks_shelved(), 6u);
  const auto made = world.made.size();
  world.choose("jazz", When::kNow);  // its tracks are gone
  world.run(kSecond);
  EXPECT_EQ(world.made.size(), made + 4);
}

// --- skip ---

TEST(Skip, GoesToTheNextTrackOnce) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  world.skip();
  world.run(kSecond);
  EXPECT_EQ(world.started, (std::vector<TrackId>{1, 2}));
  EXPECT_EQ(world.starts.back(), 10 * kSecond);
  world.run(60 * kSecond);
  EXPECT_EQ(world.started.size(), 2u);
}

TEST(Skip, WithNothingPlayingKillsNoLaterTrack) {
  World world(Settings{}, {{"slow", prompt(5 * kSecond)}}, "jazz");
  world.run(kSecond);
  world.skip();
  world.run(60 * kSecond);
  EXPECT_EQ(world.started, std::vector<TrackId>{1});
  EXPECT_EQ(world.advances, 0u);
}

TEST(Skip, WithNothingReadyWaitsForTheNextTrackAndForNoLongerThanItsOwn) {
  const World* self = nullptr;
  World world(of_length(30), {{"slow", serial(self, 50 * kSecond)}}, "jazz");
  self = &world;
  world.run(55 * kSecond);
  ASSERT_EQ(world.started, std::vector<TrackId>{1});
  world.skip();
  world.run(20 * kSecond);
  EXPECT_EQ(world.started.size(), 1u);  // no silence for a skip
  world.run(100 * kSecond);
  EXPECT_EQ(world.advances, 0u);  // it had ended by itself when the next one came
}

TEST(Skip, InsideACrossfadeNeverThrowsTheIncomingAway) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(86 * kSecond);
  ASSERT_EQ(world.started.size(), 2u);
  world.skip();
  world.run(30 * kSecond);
  EXPECT_EQ(world.started.size(), 2u);
  EXPECT_EQ(world.playing()->made.order.id, 2u);
}

TEST(Skip, ManyInARowPlayEveryTrackInItsTurn) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  for (int i = 0; i < 200; ++i) {
    world.skip();
    world.run((i % 7) * kSecond / 5);
  }
  world.run(10 * kSecond);
  for (std::size_t i = 0; i < world.started.size(); ++i) EXPECT_EQ(world.started[i], i + 1);
  EXPECT_GT(world.started.size(), 100u);
  EXPECT_LE(world.silence, kSecond);
}

// --- sources that break or dawdle ---

TEST(Sources, ABrokenOneCostsOneRetryElsewhere) {
  int calls = 0;
  World world(Settings{},
              {{"gpu",
                [&](const Order&) {
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

TEST(Sources, TheOnlyOneIsTriedAgainWithAnotherSeed) {
  int calls = 0;
  World world(Settings{},
              {{"band",
                [&](const Order&) {
                  return World::Fate{kSecond / 20, ++calls == 2};
                }}},
              "jazz");
  world.run(10 * kSecond);
  ASSERT_GE(world.made.size(), 5u);
  EXPECT_NE(world.made[1].order.seed, world.made[3].order.seed);
  EXPECT_EQ(world.ready(), 3u);
}

TEST(Sources, AnUnusableFirstOneIsProbedAndPreferredAgainWhenItDelivers) {
  const World* self = nullptr;
  World world(of_length(30),
              {{"gpu",
                [&self](const Order&) {
                  const bool down = self == nullptr || self->now < 600 * kSecond;
                  return World::Fate{kSecond / 20, down};
                }},
               {"band", prompt()}},
              "jazz");
  self = &world;
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
  const World* self = nullptr;
  World world(Settings{}, {{"gpu", serial(self, 60 * kSecond)}, {"band", prompt()}}, "jazz");
  self = &world;
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
  const World* self = nullptr;
  World world(Settings{}, {{"gpu", serial(self, 200 * kSecond)}, {"band", prompt()}}, "jazz");
  self = &world;
  world.run(20000 * kSecond);
  EXPECT_EQ(world.silence, 0u);
  int by_gpu = 0;
  for (const TrackId id : world.started)
    by_gpu += world.made[static_cast<std::size_t>(id) - 1].generator == "gpu" ? 1 : 0;
  EXPECT_GE(by_gpu, 90);  // each of its hundred is heard
}

// --- a preferred source and the one that covers for it ---

std::vector<std::string> heard_by(const World& world) {
  std::vector<std::string> out;
  for (const TrackId id : world.started)
    out.push_back(world.made[static_cast<std::size_t>(id) - 1].generator);
  return out;
}

TEST(Cover, PlaysFromTheFirstSecondAndIsLeftWhenTheFirstBetterTrackIsThere) {
  const World* self = nullptr;
  World world(Settings{}, {{"gpu", serial(self, 12 * kSecond)}, {"band", prompt()}}, "jazz");
  self = &world;
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
  World late(Settings{}, {{"gpu", prompt(84 * kSecond)}, {"band", prompt()}}, "jazz");
  late.run(89 * kSecond);
  EXPECT_EQ(heard_by(late), (std::vector<std::string>{"band", "gpu"}));
  EXPECT_EQ(late.advances, 0u);
}

TEST(Cover, IsLeftSoonAfterTheBetterOneRecovers) {
  const World* self = nullptr;
  World world(Settings{},
              {{"gpu",
                [&self](const Order&) {
                  const bool down = self == nullptr || self->now < 1000 * kSecond;
                  return down ? World::Fate{kSecond / 20, true} : World::Fate{8 * kSecond};
                }},
               {"band", prompt()}},
              "jazz");
  self = &world;
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
  const World* self = nullptr;
  World world(Settings{}, {{"gpu", serial(self, 200 * kSecond)}, {"band", prompt()}}, "jazz");
  self = &world;
  world.run(20000 * kSecond);
  const auto who = heard_by(world);
  EXPECT_GE(std::ranges::count(who, "gpu"), 95);
  EXPECT_LE(std::ranges::count(who, "band"), 220);
  for (std::size_t i = 1; i < world.starts.size(); ++i)
    EXPECT_GE(world.starts[i] - world.starts[i - 1], 10 * kSecond) << "no track is cut at once";
}

TEST(Cover, BringsNoWordsTwiceRunningFromTheOneItCoversFor) {
  // Some of its orders break, and for half of the time all do.
  const World* self = nullptr;
  Dice life(5);
  World world(Settings{},
              {{"gpu",
                [&](const Order&) {
                  const bool down = self != nullptr && self->now / (400 * kSecond) % 2 == 1;
                  return down || life.share() < 0.3 ? World::Fate{kSecond, true}
                                                    : World::Fate{30 * kSecond};
                }},
               {"band", prompt()}},
              "jazz");
  self = &world;
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
  const World* self = nullptr;
  World world(Settings{}, {{"gpu", serial(self, 60 * kSecond)}, {"band", prompt()}}, "jazz");
  self = &world;
  world.run(1000 * kSecond);
  world.choose("rock", When::kNow);
  world.run(5 * kSecond);
  EXPECT_EQ(world.genre_heard(), "rock");
  world.run(500 * kSecond);
  EXPECT_EQ(world.silence, 0u);
}

TEST(Sources, WhenAllAreGoneTheShelfIsBetterThanSilence) {
  const World* self = nullptr;
  World world(Settings{},
              {{"band",
                [&self](const Order&) {
                  return World::Fate{kSecond / 20, self != nullptr && self->now > 15 * kSecond};
                }}},
              "jazz");
  self = &world;
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
        [](const Order& order) {
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
  world.feed(Starved{world.started.back()});
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
  world.feed(Starved{world.started.back()});
  world.run(5 * kSecond);
  EXPECT_EQ(world.started.size(), before);
  world.run(30 * kSecond);
  EXPECT_GT(world.started.size(), before);
}

TEST(Sources, ATrackThatHangsWhileItFadesInIsNotHurried) {
  World world(Settings{}, {{"gpu", prompt()}, {"band", prompt()}}, "jazz");
  world.run(86 * kSecond);  // the second track comes in since 85
  ASSERT_EQ(world.started.size(), 2u);
  world.feed(Starved{2});
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
  world.feed(Starved{1});
  world.run(10 * kSecond);
  EXPECT_EQ(world.advances, 0u);
}

TEST(Sources, ShortTracksLeaveNoGap) {
  World world(
      Settings{},
      {{"band",
        [](const Order& order) {
          return World::Fate{kSecond / 20, false, order.id % 3 == 0 ? kSecond / 2 : 20 * kSecond};
        }}},
      "jazz");
  world.run(3600 * kSecond);
  EXPECT_EQ(world.silence, 0u);
}

// --- settings ---

TEST(Change, ADeeperBufferIsFilledAtOnceAndAShallowerOnePlaysOut) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(10 * kSecond);
  Settings settings;
  settings.buffer_ahead = 6;
  settings.track_duration = 30;
  world.change(settings);
  world.run(kSecond);
  EXPECT_EQ(world.ready(), 6u);
  EXPECT_EQ(world.made.back().order.duration, 30);
  settings.buffer_ahead = 1;
  world.change(settings);
  EXPECT_EQ(world.ready(), 6u);
  world.run(500 * kSecond);
  EXPECT_EQ(world.ready(), 1u);
}

TEST(Programme, IgnoresWhatItDoesNotKnow) {
  World world(Settings{}, {{"band", prompt()}}, "jazz");
  world.run(kSecond);
  for (const TrackId id : {TrackId{0}, TrackId{99}}) {
    world.feed(Ready{id});
    world.feed(Started{id});
    world.feed(Ended{id});
    world.feed(Failed{id, "?"});
  }
  world.run(200 * kSecond);
  EXPECT_EQ(world.silence, 0u);
}

}  // namespace
}  // namespace infinara::music

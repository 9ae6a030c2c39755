// SPDX-License-Identifier: Apache-2.0
// What listeners wish of the programme: a genre, a skip.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "support/world.hpp"

namespace infinara::music {
namespace {

using namespace std::string_literals;

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
  World world(of_length(30), {{"slow", serial(50 * kSecond)}}, "jazz");
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

}  // namespace
}  // namespace infinara::music

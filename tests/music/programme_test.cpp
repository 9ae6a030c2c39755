// SPDX-License-Identifier: Apache-2.0
#include "music/programme.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/world.hpp"

namespace infinara::music {
namespace {

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

TEST(Programme, EndsAfterSoManyTracks) {
  for (const unsigned tracks : {1U, 2U, 7U}) {
    SCOPED_TRACE(tracks);
    Settings settings;
    settings.num_tracks = tracks;
    World world(settings, {{"band", prompt()}}, "jazz");
    world.run(2000 * kSecond);
    EXPECT_EQ(world.started.size(), tracks);
    EXPECT_EQ(world.made.size(), tracks) << "none is made in vain";
    EXPECT_EQ(world.finished, 1);
    EXPECT_FALSE(world.programme.is_silent()) << "it is over, and nobody is to blame";
  }
}

TEST(Programme, EndsAfterSoManyTracksWhoeverMakesThem) {
  Settings settings;
  settings.num_tracks = 5;
  World world(settings, {{"gpu", serial(60 * kSecond)}, {"band", prompt()}}, "jazz");
  world.run(2000 * kSecond);
  EXPECT_EQ(world.started.size(), 5U);
  EXPECT_EQ(world.finished, 1);
  EXPECT_TRUE(world.pads.empty());
}

// --- the walk ---

/// From the begin of a track to that of the next one.
Time each_of(const Settings& settings) {
  return time_from_seconds(settings.track_duration - settings.crossfade);
}

TEST(Programme, WalksWhenTheDwellIsOverAndLetsTheQueuePlayOut) {
  const Settings settings;
  World world(settings, {{"band", prompt()}}, "bossa nova");
  const Time end = world.genres.front().dwell_end, half = each_of(settings) / 2;
  EXPECT_GE(end, 300 * kSecond);
  EXPECT_LE(end, 900 * kSecond);
  world.run(end - half - 1);
  EXPECT_EQ(world.genres.size(), 1u);
  world.run(2 * half + kSecond);
  ASSERT_EQ(world.genres.size(), 2u);
  EXPECT_EQ(world.genres.back().reason, "dwell");
  const GenreIndex next = world.genres.back().genre;
  EXPECT_TRUE(kMoodGraph.adjacent(index_of(*find_genre("bossa nova")), next));
  EXPECT_EQ(world.genre_times.back(), world.starts.back());  // when a track was wanted
  EXPECT_EQ(world.genre_heard(), "bossa nova");
  EXPECT_EQ(world.advances, 0u);
  world.run(4 * 90 * kSecond);
  EXPECT_EQ(world.genre_heard(), kGenres.at(next).name);
}

TEST(Programme, StaysForTheNumberOfTracksThatIsNearestToTheDwell) {
  for (const auto& [dwell, tracks] :
       {std::pair(1.0, 1), {40.0, 1}, {128.0, 1}, {142.0, 2}, {213.0, 2}, {217.0, 3}, {400.0, 5}}) {
    Settings settings = of_length(90);
    settings.crossfade = 4;
    settings.dwell_min = settings.dwell_max = dwell;
    World world(settings, {{"band", prompt()}}, "jazz");
    world.run(6000 * kSecond);
    ASSERT_GT(world.genres.size(), 10U);
    std::map<std::size_t, int> lengths;  // of stays, but for the first, whose queue was empty
    std::size_t stay = 0;
    for (std::size_t i = 1; i < world.heard.size(); ++i) {
      if (world.heard[i] != world.heard[i - 1]) ++stay;
      ++lengths[stay];
    }
    for (std::size_t i = 1; i < stay; ++i) EXPECT_EQ(lengths[i], tracks) << dwell;
  }
}

/// A track of each genre, ordered when the one before starts.
Settings of_one_track_each() {
  Settings settings = of_length(90);
  settings.buffer_ahead = 1;
  settings.dwell_min = settings.dwell_max = 1;
  return settings;
}

TEST(Programme, HearsEachGenreThoughOrdersFail) {
  unsigned orders = 0;
  World world(of_one_track_each(),
              {{"band",
                [&orders](const Order&, Time) {
                  return World::Fate{kSecond / 20, ++orders % 3 == 0};
                }}},
              "jazz");
  world.run(6000 * kSecond);
  std::vector<std::string> told;
  for (const GenreIs& genre : world.genres) told.emplace_back(kGenres.at(genre.genre).name);
  auto heard = world.heard;
  heard.erase(std::unique(heard.begin(), heard.end()), heard.end());
  ASSERT_GT(heard.size(), 30U);
  ASSERT_GE(told.size(), heard.size());
  told.resize(heard.size());
  EXPECT_EQ(told, heard);
}

TEST(Programme, LeavesAGenreOfWhichNoTrackCanBeMade) {
  World world(of_one_track_each(),
              {{"band",
                [](const Order& order, Time) {
                  return World::Fate{kSecond / 20, order.genre == "jazz"};
                }}},
              "jazz");
  world.run(300 * kSecond);
  EXPECT_GE(world.heard.size(), 1U);
  EXPECT_GE(world.genre_times.at(1), kSecond + each_of(world.settings));
}

TEST(Programme, AGenreThatIsLeftAtOnceIsLeftWhenItsDwellIsOver) {
  Settings settings;
  settings.genre_change = When::kNow;
  World world(settings, {{"band", prompt()}}, "jazz");
  world.run(3000 * kSecond);
  ASSERT_GT(world.genres.size(), 3U);
  for (std::size_t i = 1; i < world.genres.size(); ++i)
    EXPECT_EQ(world.genre_times[i], world.genres[i - 1].dwell_end);
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

TEST(Programme, KeepsNoMoreThanTwoOrEightMinutesReady) {
  const struct {
    double seconds;
    unsigned ahead, ready;
  } rows[] = {{400, 3, 2}, {240, 3, 2}, {239, 3, 3}, {90, 3, 3}, {90, 20, 6}, {400, 1, 1}};
  for (const auto& row : rows) {
    Settings settings = of_length(row.seconds);
    settings.buffer_ahead = row.ahead;
    World world(settings, {{"band", prompt()}}, "jazz");
    world.run(2 * kSecond);
    EXPECT_EQ(world.ready(), row.ready) << row.seconds << " s, " << row.ahead;
    world.run(2000 * kSecond);
    EXPECT_EQ(world.silence, 0u);
  }
}

TEST(Programme, CountsTracksByTheLengthThatTheyReallyHave) {
  for (const double real : {239.0, 240.0}) {
    World world(of_length(240),
                {{"band",
                  [real](const Order&, Time) {
                    World::Fate fate;
                    fate.length = time_from_seconds(real);
                    fate.told = true;
                    return fate;
                  }}},
                "jazz");
    world.run(2 * kSecond);
    EXPECT_EQ(world.ready(), real < 240 ? 3u : 2u) << "eight minutes are ready";
  }
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

// SPDX-License-Identifier: Apache-2.0
// A week of radio, and a year of ill luck: what must hold of every programme.
#include <gtest/gtest.h>

#include <set>

#include "support/world.hpp"

namespace infinara::music {
namespace {

constexpr Time kHour = 3600 * kSecond;
constexpr Time kWeek = 7 * 24 * kHour;

class Week : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Week, WalksOnlyEdgesDwellsWithinBoundsAndVisitsEveryGenre) {
  World world(Settings{}, {{"band", prompt()}}, {}, GetParam());
  world.run(kSecond);
  for (Time t = 0; t < kWeek; t += kHour / 4) {
    world.run(kHour / 4);
    ASSERT_FALSE(HasFatalFailure());
  }
  ASSERT_GT(world.genres.size(), 7u * 24 * 4);
  const double half = (world.settings.track_duration - world.settings.crossfade) / 2;
  std::map<GenreIndex, unsigned> visits;
  for (std::size_t i = 0; i < world.genres.size(); ++i) {
    ++visits[world.genres[i].genre];
    const Time dwell = world.genres[i].dwell_end - world.genre_times[i];
    EXPECT_GE(dwell, 300 * kSecond);
    EXPECT_LE(dwell, 900 * kSecond);
    if (i == 0) continue;
    EXPECT_NEAR(world.genre_times[i] / 1e9, world.genres[i - 1].dwell_end / 1e9, half + 0.001);
    EXPECT_TRUE(kMoodGraph.adjacent(world.genres[i - 1].genre, world.genres[i].genre));
    if (i > 1 && kMoodGraph.neighbours(world.genres[i - 1].genre).size() > 1) {
      EXPECT_NE(world.genres[i - 2].genre, world.genres[i].genre) << "straight back";
    }
  }
  EXPECT_EQ(visits.size(), kGenreCount);
  for (const auto& [genre, count] : visits)  // an even share would be 1/kGenreCount
    EXPECT_GE(count, world.genres.size() / 45) << kGenres.at(genre).name;
}

TEST_P(Week, KeepsTheBufferFullAndNeverFallsSilent) {
  World world(Settings{}, {{"band", prompt(0)}}, {}, GetParam());
  world.run(kSecond);
  for (Time t = 0; t < kWeek; t += 7 * kSecond) {
    world.run(7 * kSecond);
    ASSERT_EQ(world.ready(), 3u);
  }
  EXPECT_EQ(world.silence, 0u);
  EXPECT_GT(world.started.size(), 7000u);
  for (std::size_t i = 0; i < world.started.size(); ++i) EXPECT_EQ(world.started[i], i + 1);
  std::set<std::string> last;  // no title comes again while a listener might remember it
  for (std::size_t i = 0; i < world.made.size(); ++i) {
    EXPECT_TRUE(last.insert(world.made[i].order.title).second);
    if (i >= 200) last.erase(world.made[i - 200].order.title);
  }
}

TEST_P(Week, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const auto week = [](std::uint32_t seed) {
    World world(Settings{}, {{"band", prompt()}}, {}, seed);
    world.run(kWeek);
    return std::pair(world.made, world.genres);
  };
  const auto once = week(GetParam());
  EXPECT_EQ(once, week(GetParam()));
  EXPECT_NE(once, week(GetParam() + 1));
}

TEST_P(Week, DependsOnTracksAloneAndNotOnHowSoonTheyAreReady) {
  Settings settings;
  settings.live = false;
  const auto day = [&](World::Source source) {
    World world(settings, {{"band", std::move(source)}}, {}, GetParam());
    world.run(24 * kHour);
    return std::pair(world.made, world.genres);
  };
  const auto first = day(prompt(0));
  Random random(GetParam());
  EXPECT_EQ(first, day([&](const Order& order, Time) {
              return World::Fate{order.id == 1 ? 0 : random.below(60) * kSecond};
            }));
}

/// As ordered: what a generator makes of it is another matter.
TEST_P(Week, ConsecutiveTracksMixInKeyAndTempo) {
  World world(Settings{}, {{"band", prompt()}}, {}, GetParam());
  world.run(kWeek);
  struct Count {
    int all = 0, key = 0, tempo = 0, both = 0;
  } within, across;
  ASSERT_EQ(world.made.front().order.id, 1U);
  for (std::size_t i = 1; i < world.made.size(); ++i) {
    const Order &one = world.made[i - 1].order, &next = world.made[i].order;
    const Genre &from = *find_genre(one.genre), &to = *find_genre(next.genre);
    if (&from != &to && !tempos_meet(from, to)) continue;
    Count& count = &from == &to ? within : across;
    const bool key = keys_mix(*parse_key(one.key), *parse_key(next.key));
    const bool tempo = tempos_mix(one.bpm, next.bpm);
    count.all += 1, count.key += key, count.tempo += tempo, count.both += key && tempo;
  }
  for (const Count& count : {within, across}) {
    ASSERT_GT(count.all, 400);
    EXPECT_GE(count.key, 0.95 * count.all);
    EXPECT_GE(count.tempo, 0.95 * count.all);
    EXPECT_GE(count.both, 0.90 * count.all);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Week, testing::Values(0u, 1u, 42u, 4294967295u));

class IllLuck : public testing::TestWithParam<std::uint32_t> {};

/// Sources that break, hang, dawdle and lie about lengths, and listeners who press everything.
TEST_P(IllLuck, LosesNoTrackAndKeepsEveryBound) {
  Random random(GetParam());
  const auto moody = [&random](const Order&, Time) {
    World::Fate fate;
    switch (random.below(8)) {
      case 0:
        fate = {std::nullopt};
        break;
      case 1:
      case 2:
        fate = {random.below(30) * kSecond, true};
        break;
      case 3:
        fate = {random.below(200) * kSecond};
        break;
      case 4:
        fate = {0, false, random.below(2000) * (kSecond / 1000)};
        break;
      default:
        fate = {random.below(1000) * (kSecond / 1000)};
    }
    return fate;
  };
  Settings settings;
  settings.dwell_min = 20;
  settings.dwell_max = 200;
  std::vector<std::pair<std::string, World::Source>> sources{{"a", moody}, {"b", moody}};
  if (GetParam() % 2 == 0) sources.emplace_back("c", prompt(0));
  World world(settings, sources, {}, GetParam());
  for (int i = 0; i < 4000; ++i) {
    world.run(Time{random.below(20'000)} * (kSecond / 1000));
    const auto names = random.below(kGenreCount);
    switch (random.below(12)) {
      case 0:
      case 1:
        world.skip();
        break;
      case 2:
        world.choose(kGenres.at(names).name, When::kNow);
        break;
      case 3:
        world.choose(kGenres.at(names).name, When::kQueue);
        break;
      case 4:
        settings.buffer_ahead = 1 + random.below(5);
        settings.track_duration = 5 + random.below(100);
        settings.crossfade = random.below(10);
        settings.auto_dj = random.below(2) == 0;
        settings.genre_change = random.below(2) == 0 ? When::kNow : When::kQueue;
        settings.dwell_min = 1 + random.below(100);
        settings.dwell_max = random.below(200);
        world.change(settings);
        break;
      case 5:
        if (!world.pads.empty()) {  // a source breaks, be its track waiting, parked or heard
          auto one = world.pads.begin();
          std::advance(one, random.below(static_cast<std::uint32_t>(world.pads.size())));
          if (!one->second.heard) world.feed(Failed{one->first, "pulled out"});
        }
        break;
      default:
        break;
    }
    ASSERT_FALSE(HasFatalFailure());
    ASSERT_FALSE(HasNonfatalFailure());
  }
  // Every track ordered was started or retired, or is still there.
  std::set<TrackId> accounted(world.started.begin(), world.started.end());
  accounted.insert(world.retired.begin(), world.retired.end());
  for (const auto& [id, pad] : world.pads) accounted.insert(id);
  EXPECT_EQ(accounted.size(), world.made.size());
  EXPECT_EQ(world.started.size(),
            std::set<TrackId>(world.started.begin(), world.started.end()).size());
  EXPECT_GT(world.started.size(), 500u);
  // With a source to rely on nobody waits longer than the patience with the others.
  if (GetParam() % 2 == 0) {
    EXPECT_LE(world.longest_silence, 3 * kSecond);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, IllLuck, testing::Range(0u, 12u));

}  // namespace
}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// A programme that waits for its tracks rather than for a clock.
#include <gtest/gtest.h>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = Edit::What;

constexpr std::int64_t s = kRate;

/// A programme made by impatient or hesitant writers, in buffers of their own sizes.
Samples patient_programme(unsigned seed, std::vector<News>& news) {
  std::mt19937 dice(seed);
  TestDesk desk({.crossfade = 3 * s, .patient = true});
  for (const double seconds : {8.0, 2.5, 0.3, 5.0, 9.0, 0.001, 4.0})
    desk.add(std::to_string(desk.tracks.size()),
             noise(samples_from_seconds(seconds), static_cast<unsigned>(seconds * 1000), 12'000),
             100 + dice() % 4000);
  for (int turn = 0; turn < 10'000'000 && !desk.mix.is_finished(); ++turn) {
    desk.write(desk.tracks[dice() % desk.tracks.size()]);
    if (dice() % 4 != 0) continue;
    Samples some(2 * (1 + dice() % 2000));
    some.resize(2 * static_cast<std::size_t>(desk.mix.render(some)));
    desk.out.insert(desk.out.end(), some.begin(), some.end());
    desk.take_news();
  }
  std::erase_if(desk.news, [](const News& one) { return one.what == What::kReady; });
  EXPECT_TRUE(desk.mix.is_finished());
  desk.out.resize(2 * static_cast<std::size_t>(desk.told(What::kEnds).back().position));
  news = desk.news;
  return desk.out;
}

TEST(PatientMix, DependsOnTheTracksAlone) {
  std::vector<News> first_news;
  const auto first = patient_programme(1, first_news);
  ASSERT_EQ(first_news.size(), 7U * 3 + 4);  // started, on air, ended; four fades
  for (unsigned seed = 2; seed < 12; ++seed) {
    std::vector<News> news;
    EXPECT_EQ(patient_programme(seed, news), first) << "seed " << seed;
    ASSERT_EQ(news.size(), first_news.size());
    for (std::size_t i = 0; i < news.size(); ++i) {
      EXPECT_EQ(news[i].what, first_news[i].what);
      EXPECT_EQ(news[i].voice, first_news[i].voice);
      EXPECT_EQ(news[i].position, first_news[i].position);
      EXPECT_EQ(news[i].until, first_news[i].until);
      EXPECT_EQ(news[i].began, first_news[i].began);
    }
  }
}

TEST(PatientMix, WaitsForTheFirstTrackAndForAParkedOne) {
  Mix mix;
  mix.set({.crossfade = 0, .patient = true});
  Samples frame(kFrameValues);
  EXPECT_EQ(mix.render(frame), 0);
  EXPECT_FALSE(mix.is_finished());
  mix.release(mix.add(0));
  EXPECT_FALSE(mix.is_finished());
  const auto a = mix.add(0);
  const auto b = mix.add(1);
  EXPECT_EQ(mix.render(frame), 0);
  mix.park(b, true);
  mix.write(a, level(100, 0));
  mix.end(a);
  EXPECT_EQ(mix.render(frame), 100) << "b may come back at any time";
  EXPECT_FALSE(mix.is_finished());
  mix.release(b);
  EXPECT_TRUE(mix.is_finished());
  EXPECT_EQ(mix.render(frame), kFrame) << "to fill up the last frame";
}

TEST(PatientMix, ASkipWaitsToSeeWhatComes) {
  Mix mix;
  mix.set({.crossfade = s, .patient = true});
  const auto a = mix.add(0);
  const auto b = mix.add(1);
  mix.write(a, level(3 * s, 100));
  Samples frame(kFrameValues);
  EXPECT_EQ(mix.render(frame), kFrame);
  mix.skip();
  EXPECT_EQ(mix.render(frame), 0);
  mix.write(b, level(s / 2, 100));
  mix.end(b);
  EXPECT_EQ(mix.render(frame), kFrame);
  const auto edits = mix.take_edits();
  const auto fade = std::ranges::find(edits, What::kLeaves, &Edit::what);
  ASSERT_NE(fade, edits.end());
  EXPECT_EQ(fade->next, 1U);
  EXPECT_EQ(fade->at, kFrame);
  EXPECT_EQ(fade->fade.length, s / 4) << "half of b";
}

}  // namespace

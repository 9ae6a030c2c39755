// SPDX-License-Identifier: Apache-2.0
#include "sound/join_figures.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;

/// Beats at 120 bpm, late by so many samples from 20 s on; its level is `gain` from 16 to 24 s.
Samples programme(std::int64_t late, double gain) {
  std::vector<double> track(40 * s);
  for (int k = 0; k < 80; ++k) {
    const auto begin = k * s / 2 + (k >= 40 ? late : 0);
    for (std::int64_t i = 0; i < s * 9 / 20 && begin + i < std::ssize(track); ++i) {
      const double t = static_cast<double>(i) / s;
      const double hertz = k % 4 == 0 ? 220 : 330;
      track[static_cast<std::size_t>(begin + i)] +=
          0.4 * std::exp(-2 * t) * std::sin(2 * std::numbers::pi * hertz * t);
    }
  }
  Samples samples;
  for (std::size_t i = 0; i < track.size(); ++i)
    for (int channel = 0; channel < 2; ++channel)
      samples.push_back(
          static_cast<std::int16_t>(32'000 * track[i] * (i >= 16 * s && i < 24 * s ? gain : 1)));
  return samples;
}

/// Beats at 120 bpm, and from `from` to `to` louder notes 3/10 of a beat behind them, where beats
/// come late by so many samples.
Samples swung(std::int64_t from, std::int64_t to, std::int64_t late) {
  Samples samples = programme(0, 1);
  const auto strike = [&](std::int64_t begin, double level) {
    for (std::int64_t i = 0; i < s / 10 && begin + i < 40 * s; ++i)
      for (int channel = 0; channel < 2; ++channel) {
        const double t = static_cast<double>(i) / s;
        samples[static_cast<std::size_t>((begin + i) * 2 + channel)] = static_cast<std::int16_t>(
            level * std::exp(-20 * t) * std::sin(2 * std::numbers::pi * 900 * t));
      }
  };
  std::fill(samples.begin() + from * 2, samples.begin() + to * 2, std::int16_t{0});
  for (std::int64_t at = from; at < to; at += s / 2) {
    strike(at + late, 8'000);
    strike(at + late + s * 3 / 20, 16'000);
  }
  return samples;
}

TEST(JoinFigures, TellDipsAndRises) {
  const auto even = figures_of_join(programme(0, 1), 16 * s, 24 * s);
  EXPECT_NEAR(even.dip, 0, 1.5);
  EXPECT_NEAR(even.rise, 0, 1.5);
  for (const double db : {-6.0, -3.0, 3.0}) {
    const auto figures = figures_of_join(programme(0, std::pow(10, db / 20)), 16 * s, 24 * s);
    EXPECT_NEAR(figures.dip - even.dip, db, 0.1) << db;
    EXPECT_NEAR(figures.rise - even.rise, db, 0.1) << db;
  }
}

TEST(JoinFigures, TellHowFarTheBeatsAreApart) {
  for (const std::int64_t ms : {0, 10, 40, 90}) {
    const auto figures = figures_of_join(programme(ms * 48, 1), 16 * s, 24 * s);
    ASSERT_TRUE(figures.beats_apart) << ms;
    EXPECT_NEAR(*figures.beats_apart, static_cast<double>(ms), 3);
  }
  const auto off_the_beat = figures_of_join(programme(0, 1), 16 * s + 6000, 24 * s + 9000);
  ASSERT_TRUE(off_the_beat.beats_apart);
  EXPECT_NEAR(*off_the_beat.beats_apart, 0, 3) << "a join may begin and end anywhere";
}

/// Where both sides have notes between the beats that are louder than those on them, what was
/// planned tells which are the beats; where it is wrong, what is heard counts.
TEST(JoinFigures, LookForBeatsWhereTheyArePlanned) {
  for (const std::int64_t late : {0, 10, 25}) {
    const auto samples = swung(24 * s, 40 * s, late * 48);
    EXPECT_GT(*figures_of_join(samples, 16 * s, 24 * s).beats_apart, 60) << "or this tests nothing";
    EXPECT_NEAR(*figures_of_join(samples, 16 * s, 24 * s, s / 2.0).beats_apart,
                static_cast<double>(late), 6);
  }
  for (const std::int64_t ms : {0, 40, 90})
    EXPECT_NEAR(*figures_of_join(programme(ms * 48, 1), 16 * s, 24 * s, s / 2.0).beats_apart,
                static_cast<double>(ms), 4);
  EXPECT_NEAR(*figures_of_join(programme(0, 1), 16 * s + 6000, 24 * s + 9000, s / 2.0).beats_apart,
              0, 4);
}

TEST(JoinFigures, ClaimNoBeatsWhereThereAreNone) {
  for (const double beat : {0.0, s / 2.0, s * 0.8}) {
    EXPECT_FALSE(figures_of_join(noise(40 * s, 4, 8000), 16 * s, 24 * s, beat).beats_apart) << beat;
    EXPECT_FALSE(figures_of_join(Samples(80 * s), 16 * s, 24 * s, beat).beats_apart) << beat;
  }
  EXPECT_FALSE(figures_of_join(programme(0, 1), 2 * s, 38 * s).beats_apart) << "too short sides";
  EXPECT_EQ(figures_of_join({}, 0, 0), JoinFigures{});
}

}  // namespace
}  // namespace infinara::sound

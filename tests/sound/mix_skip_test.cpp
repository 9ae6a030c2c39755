// SPDX-License-Identifier: Apache-2.0
// Skips, anywhere and in any number.
#include <gtest/gtest.h>

#include <random>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = Edit::What;

constexpr std::int64_t s = kRate;

/// Tracks a, b and c of this length, played up to a moment.
struct ThreeTracks : TestProgramme {
  ThreeTracks(std::int64_t crossfade, std::int64_t length, std::int64_t until)
      : TestProgramme({.crossfade = crossfade}) {
    for (const auto* name : {"a", "b", "c"}) add(name, sine(length, 660, 10'000));
    run_to(until);
  }
};

TEST(Mix, ASkipFadesToTheNextTrackOrToSilence) {
  TestProgramme programme({.crossfade = s});
  programme.mix.skip();  // nothing plays: ignored
  programme.add("a", sine(9 * s, 440, 10'000));
  programme.add("b", sine(9 * s, 660, 10'000));
  programme.run_to(2 * s);
  programme.mix.skip();
  programme.run_to(4 * s);
  programme.mix.skip(s);
  programme.run_to(6 * s);
  const auto fades = programme.told(What::kLeaves);
  ASSERT_EQ(fades.size(), 2U);
  EXPECT_EQ(fades[0].other, "a");
  EXPECT_EQ(fades[0].voice, "b");
  EXPECT_EQ(fades[0].position, 2 * s);
  EXPECT_EQ(fades[0].until, 2 * s + 19'200);
  EXPECT_EQ(fades[1].other, "b");
  EXPECT_EQ(fades[1].voice, "");
  EXPECT_EQ(fades[1].until, 5 * s);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 2 * s + 19'200);
  EXPECT_FALSE(programme.told(What::kEnds, "a").complete);
  EXPECT_EQ(programme.told(What::kEnds, "b").played, 3 * s);
  EXPECT_FALSE(programme.told(What::kEnds, "b").complete);
  EXPECT_EQ(programme.out.back(), 0);
  EXPECT_LE(largest_step(programme.out), largest_step(programme.tracks[1].samples) + 4);
  EXPECT_TRUE(programme.mix.is_finished());
}

TEST(Mix, ATrackThatGetsReadyWhileASkipFadesOutComesInOverTheRest) {
  TestProgramme programme({.crossfade = s});
  programme.add("a", sine(9 * s, 440, 10'000));
  programme.run_to(2 * s);
  programme.mix.skip(s);
  programme.run_to(2 * s + s / 4);
  programme.add("b", sine(9 * s, 660, 10'000));
  programme.run_to(4 * s);
  const auto fades = programme.told(What::kLeaves);
  ASSERT_EQ(fades.size(), 2U);
  EXPECT_EQ(fades[1].other, "a");
  EXPECT_EQ(fades[1].voice, "b");
  EXPECT_EQ(fades[1].position, programme.told(What::kBegins, "b").position);
  EXPECT_EQ(fades[1].until, 3 * s);
}

TEST(Mix, TwoSkipsInARowPassOverATrack) {
  ThreeTracks programme(s, 9 * s, 2 * s);
  programme.mix.skip();
  programme.frames(5);
  programme.mix.skip();
  programme.run_to(4 * s);
  EXPECT_EQ(programme.told(What::kBegins, "c").position, 2 * s + 4800);
  EXPECT_FALSE(programme.told(What::kEnds, "b").complete);
  for (const auto& one : programme.told(What::kEnters))
    EXPECT_NE(one.voice, "b") << "was never heard in front";
  EXPECT_LE(largest_step(programme.out), largest_step(programme.tracks[0].samples) + 4);
}

TEST(Mix, TwoSkipsAtTheSameSampleAccountForTheTrackBetween) {
  ThreeTracks programme(s, 9 * s, 2 * s);
  programme.mix.skip();
  programme.mix.skip();
  programme.run_to(4 * s);
  EXPECT_EQ(programme.told(What::kEnds, "b").played, 0);
  EXPECT_FALSE(programme.told(What::kEnds, "b").complete);
  EXPECT_EQ(programme.told(What::kEnters, "c").position, 2 * s + 9600);
}

TEST(Mix, ASkipInTheFirstHalfOfACrossfadeBringsTheNewTrackInAtOnce) {
  ThreeTracks programme(4 * s, 20 * s, 17 * s);
  programme.mix.skip();
  programme.run_to(22 * s);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 17 * s + 19'200);
  EXPECT_FALSE(programme.told(What::kEnds, "a").complete);
  EXPECT_EQ(programme.told(What::kEnters, "b").position, 17 * s + 9600);
  EXPECT_EQ(programme.mix.status(programme.track("b").id).gain, 1);
  EXPECT_EQ(programme.mix.status(programme.track("c").id).state, VoiceState::kReady);
}

TEST(Mix, ASkipInTheSecondHalfOfACrossfadeTakesBothAwayForTheOneAfter) {
  ThreeTracks programme(4 * s, 20 * s, 19 * s);
  programme.mix.skip();
  programme.run_to(22 * s);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 19 * s + 19'200);
  EXPECT_EQ(programme.told(What::kEnds, "b").position, 19 * s + 19'200);
  EXPECT_EQ(programme.told(What::kBegins, "c").position, 19 * s);
  EXPECT_LE(largest_step(programme.out), largest_step(programme.tracks[0].samples) + 4);
}

TEST(Mix, SkipsAtRandomLoseNoTrackAndMakeNoClick) {
  constexpr double kAmplitude = 8'000;
  for (const unsigned seed : {1U, 2U, 3U}) {
    std::mt19937 rng(seed);
    TestProgramme programme({.crossfade = 3 * s});
    int allowed = 0;
    int skips = 0;
    int inside = 0;
    std::size_t added = 0;
    std::vector<std::int64_t> lengths;
    const auto feed = [&] {
      while (added < programme.told(What::kEnds).size() + 4) {
        const auto length = s / 2 + static_cast<std::int64_t>(rng() % (8 * s));
        programme.add(std::to_string(added++),
                      sine(length, 200 + rng() % 500, kAmplitude, 0.01 * (rng() % 600)), 240);
        lengths.push_back(length);
        allowed = std::max(allowed, largest_step(programme.tracks.back().samples));
      }
    };
    while (skips < 200) {
      feed();
      programme.frames(rng() % 60);
      const auto fading = [&](const auto& track) {
        const auto status = programme.mix.status(track.id);
        return status.state == VoiceState::kPlaying && status.gain < 1;
      };
      inside += std::ranges::any_of(programme.tracks, fading) ? 1 : 0;
      programme.mix.skip();
      ++skips;
      // What is done needs no writing and no memory any more.
      for (auto& track : programme.tracks) {
        if (programme.mix.status(track.id).state != VoiceState::kDone) continue;
        track.ended = true;
        track.samples = {};
      }
    }
    programme.run_out();
    EXPECT_GT(inside, 40) << "skips inside of fades";

    std::int64_t last_start = -1;
    for (std::size_t i = 0; i < added; ++i) {
      const auto& track = programme.tracks[i];
      int starts = 0;
      int ends = 0;
      for (const auto& one : programme.edits) {
        if (one.id != track.id) continue;
        starts += one.what == What::kBegins ? 1 : 0;
        ends += one.what == What::kEnds ? 1 : 0;
      }
      ASSERT_EQ(starts, 1) << "track " << i;
      ASSERT_EQ(ends, 1) << "track " << i;
      const auto started = programme.told(What::kBegins, track.name);
      const auto ended = programme.told(What::kEnds, track.name);
      EXPECT_GE(started.position, last_start) << "in order";
      last_start = started.position;
      EXPECT_EQ(ended.position, started.position + ended.played) << "without a hole";
      EXPECT_EQ(ended.complete, ended.played == lengths[i]);
    }
    // Beyond the inputs' own steps: the slope of a skip's fade (smoothstep: 1.5 / length) over the
    // difference of two tracks, and that of the ramp at the very first start and the very last end.
    const double slope = 2 * kAmplitude * 1.5 / 19'200;
    const double ramp = kAmplitude * 1.5 / kRamp;
    EXPECT_LE(largest_step(programme.out, true), allowed + slope + ramp + 1) << "seed " << seed;
    const Samples within(programme.out.begin() + 2 * kRamp,
                         programme.out.begin() + 2 * (programme.told(What::kEnds).back().position));
    EXPECT_LE(largest_step(within), allowed + slope + 1) << "seed " << seed;
  }
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// A programme that waits for its tracks rather than for a clock.
#include <gtest/gtest.h>

#include <random>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = Edit::What;

constexpr std::int64_t s = kRate;

/// A programme made by impatient or hesitant writers, in buffers of their own sizes.
Samples patient_programme(unsigned seed, std::vector<TrackEdit>& edits) {
  std::mt19937 rng(seed);
  TestProgramme programme({.crossfade = 3 * s, .patient = true});
  for (const double seconds : {8.0, 2.5, 0.3, 5.0, 9.0, 0.001, 4.0})
    programme.add(
        std::to_string(programme.tracks.size()),
        noise(samples_from_seconds(seconds), static_cast<unsigned>(seconds * 1000), 12'000),
        100 + rng() % 4000);
  for (int turn = 0; turn < 10'000'000 && !programme.mix.is_finished(); ++turn) {
    programme.write(programme.tracks[rng() % programme.tracks.size()]);
    if (rng() % 4 != 0) continue;
    Samples some(2 * (1 + rng() % 2000));
    some.resize(2 * static_cast<std::size_t>(programme.mix.render(some)));
    programme.out.insert(programme.out.end(), some.begin(), some.end());
    programme.take_edits();
  }
  std::erase_if(programme.edits, [](const TrackEdit& one) { return one.what == What::kReady; });
  EXPECT_TRUE(programme.mix.is_finished());
  programme.out.resize(2 * static_cast<std::size_t>(programme.told(What::kEnds).back().position));
  edits = programme.edits;
  return programme.out;
}

TEST(PatientMix, DependsOnTheTracksAlone) {
  std::vector<TrackEdit> first_edits;
  const auto first = patient_programme(1, first_edits);
  ASSERT_EQ(first_edits.size(), 7U * 3 + 4);  // started, on air, ended; four fades
  for (unsigned seed = 2; seed < 12; ++seed) {
    std::vector<TrackEdit> edits;
    EXPECT_EQ(patient_programme(seed, edits), first) << "seed " << seed;
    ASSERT_EQ(edits.size(), first_edits.size());
    for (std::size_t i = 0; i < edits.size(); ++i) {
      EXPECT_EQ(edits[i].what, first_edits[i].what);
      EXPECT_EQ(edits[i].voice, first_edits[i].voice);
      EXPECT_EQ(edits[i].position, first_edits[i].position);
      EXPECT_EQ(edits[i].until, first_edits[i].until);
      EXPECT_EQ(edits[i].began, first_edits[i].began);
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

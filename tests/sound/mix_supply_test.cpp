// SPDX-License-Identifier: Apache-2.0
// Tracks that are short, late, empty or missing.
#include <gtest/gtest.h>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = Edit::What;

constexpr std::int64_t s = kRate;

TEST(Mix, TakesNoMoreThanHalfOfAShortTrack) {
  TestProgramme programme({.crossfade = s});
  const std::vector<double> seconds = {3, 0.5, 3, 0.7, 0.5, 3};
  for (std::size_t i = 0; i < seconds.size(); ++i)
    programme.add(std::to_string(i), sine(samples_from_seconds(seconds[i]), 440, 10'000));
  programme.run_out();
  const auto fades = programme.told(What::kLeaves);
  ASSERT_EQ(fades.size(), 5U);
  for (std::size_t i = 0; i < fades.size(); ++i)
    EXPECT_EQ(fades[i].until - fades[i].position,
              samples_from_seconds(std::min({1.0, seconds[i] / 2, seconds[i + 1] / 2})))
        << i;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto ended = programme.told(What::kEnds, std::to_string(i));
    EXPECT_EQ(ended.played, samples_from_seconds(seconds[i]));
    EXPECT_TRUE(ended.complete);
  }
  EXPECT_LE(largest_step(programme.out),
            largest_step(programme.tracks[0].samples) + 10'000 * 2 * 1.5 / 12'000 + 1);
}

TEST(Mix, TracksOfAFewSamplesAreAllPlayed) {
  TestProgramme programme({.crossfade = s});
  std::int64_t total = 0;
  for (int i = 1; i <= 50; ++i) {
    programme.add(std::to_string(i), level(i * 7, 1000));
    total += i * 7;
  }
  programme.run_out();
  const auto ended = programme.told(What::kEnds);
  ASSERT_EQ(ended.size(), 50U);
  std::int64_t played = 0;
  for (const auto& one : ended) {
    EXPECT_TRUE(one.complete);
    played += one.played;
  }
  EXPECT_EQ(played, total);
  EXPECT_EQ(programme.told(What::kEnds, "50").position, total) << "joined end to start";
  EXPECT_LE(largest_step(programme.out, true), 8);
}

TEST(Mix, ALateTrackFadesInOverWhatRemains) {
  TestProgramme programme({.crossfade = 2 * s});
  programme.add("a", sine(5 * s, 440, 10'000));
  programme.run_to(4 * s);
  programme.add("b", sine(5 * s, 660, 10'000));
  programme.run_out();
  const auto fade = programme.told(What::kLeaves, "b");
  EXPECT_EQ(fade.position, 4 * s);
  EXPECT_EQ(fade.until, 5 * s);
  EXPECT_LE(largest_step(programme.out), largest_step(programme.tracks[1].samples) + 2);
}

TEST(Mix, ATrackThatComesAfterTheEndStartsAtOnceInTheNextFrame) {
  TestProgramme programme({.crossfade = 2 * s});
  programme.add("a", sine(s + 77, 440, 10'000));
  programme.run_to(6 * s);
  programme.add("b", sine(5 * s, 660, 10'000, 1));
  programme.run_out();
  EXPECT_EQ(programme.told(What::kEnds, "a").position, s + 77);
  EXPECT_EQ(programme.told(What::kBegins, "b").position, 6 * s);
  EXPECT_EQ(programme.told(What::kEnters, "b").position, 6 * s);
  EXPECT_TRUE(programme.told(What::kLeaves).empty());
  const auto gap = std::span(programme.out).subspan(2 * (s + 77 + kRamp), 2 * (5 * s - 77 - kRamp));
  EXPECT_TRUE(std::ranges::all_of(gap, [](auto x) { return x == 0; }));
  EXPECT_LE(largest_step(programme.out, true),
            largest_step(programme.tracks[1].samples) + 10'000 * 1.5 / kRamp + 1);
}

TEST(Mix, WhatPlaysBeganLaterOnceThePositionHasMovedAndIsToldToBeOnAirAgain) {
  TestProgramme programme({.crossfade = 2 * s});
  programme.add("a", sine(30 * s, 440, 10'000));
  programme.add("b", sine(10 * s, 660, 10'000));
  programme.run_to(10 * s);
  programme.mix.set_position(30 * s);
  programme.frame();
  const auto told = programme.told(What::kEnters);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[1].voice, "a");
  EXPECT_EQ(told[1].position, 30 * s);
  EXPECT_EQ(told[1].began, 20 * s);
  programme.run_out();
  EXPECT_EQ(programme.told(What::kEnters).size(), 3U);
  EXPECT_EQ(programme.told(What::kEnters, "b").position, 49 * s);
  EXPECT_EQ(programme.told(What::kEnters, "b").began, 48 * s);
}

TEST(Mix, ATrackIsReadyWithTheLeastToStartOrItsEnd) {
  Mix mix;
  mix.set({.min_ready = 9600});
  const auto a = mix.add(0);
  const auto b = mix.add(1);
  const auto samples = level(9599, 1);
  mix.write(a, samples);
  EXPECT_EQ(mix.status(a).state, VoiceState::kFilling);
  mix.write(a, level(1, 1));
  EXPECT_EQ(mix.status(a).state, VoiceState::kReady);
  mix.write(b, level(5, 1));
  EXPECT_EQ(mix.status(b).state, VoiceState::kFilling);
  mix.end(b);
  EXPECT_EQ(mix.status(b).state, VoiceState::kReady);
  const auto edits = mix.take_edits();
  ASSERT_EQ(edits.size(), 2U);
  EXPECT_EQ(edits[0].what, What::kReady);
  EXPECT_EQ(edits[0].track, 0U);
  EXPECT_EQ(edits[1].track, 1U);
}

TEST(Mix, AnEmptyTrackIsToldAndPassedOver) {
  TestProgramme programme({.crossfade = s});
  programme.add("a", sine(4 * s, 440, 10'000));
  programme.add("empty", {});
  programme.add("b", sine(4 * s, 440, 10'000));
  programme.run_out();
  EXPECT_EQ(programme.told(What::kEmpty, "empty").voice, "empty");
  EXPECT_EQ(programme.told(What::kLeaves, "b").other, "a");
  EXPECT_EQ(programme.told(What::kEnds).size(), 2U);
}

TEST(Mix, ATrackThatHasNotBegunWhenTheProgrammeClosesIsNotCalledEmpty) {
  Mix mix;
  const auto a = mix.add(0), b = mix.add(1);
  mix.write(a, level(s, 1));
  mix.close();
  EXPECT_EQ(mix.status(a).state, VoiceState::kReady);
  EXPECT_EQ(mix.status(b).state, VoiceState::kDone);
  for (const auto& one : mix.take_edits()) EXPECT_NE(one.what, What::kEmpty) << *one.track;
}

TEST(Mix, AnUnderrunFallsSilentAndComesBackWithoutAClick) {
  TestProgramme programme({});
  auto& a = programme.add("a", sine(4 * s, 440, 10'000), 100);
  a.available = s + 41;
  programme.run_to(s + 25 * kFrame);
  EXPECT_EQ(programme.mix.underruns(), 25U);
  EXPECT_EQ(programme.mix.status(a.id).state, VoiceState::kPlaying);
  a.available = s + 5000;  // less than it takes to start
  programme.frame();
  EXPECT_EQ(programme.mix.underruns(), 26U);
  a.available = INT64_MAX;
  programme.run_out();
  EXPECT_EQ(programme.mix.underruns(), 26U);
  EXPECT_EQ(programme.told(What::kEnds, "a").played, 4 * s);
  EXPECT_LE(largest_step(programme.out), largest_step(a.samples) + 10'000 * 1.5 / kRamp + 1);
}

TEST(Mix, EachUnderrunIsToldOnce) {
  TestProgramme programme({});
  auto& a = programme.add("a", sine(4 * s, 440, 10'000), 100);
  a.available = s;
  programme.run_to(s + Mix::kUnderrunTold - kFrame);
  EXPECT_TRUE(programme.told(What::kUnderrun).empty());
  programme.run_to(2 * s);
  ASSERT_EQ(programme.told(What::kUnderrun).size(), 1U);
  EXPECT_EQ(programme.told(What::kUnderrun, "a").position,
            (s + Mix::kUnderrunTold + kFrame - 1) / kFrame * kFrame);
  a.available = 2 * s;
  programme.run_to(4 * s);
  EXPECT_EQ(programme.told(What::kUnderrun).size(), 2U);
  a.available = INT64_MAX;
  programme.run_out();
  EXPECT_EQ(programme.told(What::kUnderrun).size(), 2U);
}

TEST(Mix, ASkipLeavesATrackThatRanDry) {
  TestProgramme programme({});
  programme.add("a", sine(4 * s, 440, 10'000), 100).available = s;
  programme.add("b", level(4 * s, 5'000));
  programme.run_to(2 * s);
  programme.mix.skip();
  programme.run_out();
  EXPECT_FALSE(programme.told(What::kEnds, "a").complete);
  EXPECT_EQ(programme.told(What::kEnds, "b").played, 4 * s);
}

TEST(Mix, WithoutAMinimumATrackIsReadyWithItsFirstSample) {
  Mix mix;
  mix.set({.min_ready = 0});
  const VoiceId id = mix.add(1);
  Samples out(2 * 480);
  mix.render(out);
  EXPECT_EQ(mix.status(id).state, VoiceState::kFilling);
  mix.write(id, level(1, 5'000));
  EXPECT_EQ(mix.status(id).state, VoiceState::kReady);
  mix.render(out);
  EXPECT_EQ(mix.status(id).state, VoiceState::kPlaying);
}

}  // namespace

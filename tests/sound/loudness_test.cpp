// SPDX-License-Identifier: Apache-2.0
#include "sound/loudness.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

namespace {

using infinara::sound::Expected;
using infinara::sound::Heard;
using infinara::sound::judge;
using infinara::sound::Verdict;

/// A good track of `seconds`, whose levels stand between `from` and `to` seconds.
Heard good(double seconds = 60) {
  Heard heard;
  heard.seconds = seconds;
  heard.levels.assign(static_cast<std::size_t>(seconds * 10 + 0.5), -20.0F);
  heard.loudness = -18;
  heard.rms = -20;
  heard.peak = -3;
  heard.true_peak = -2.8;
  return heard;
}

void silence(Heard& heard, double from, double to, float level = -100) {
  for (auto i = static_cast<std::size_t>(from * 10 + 0.5);
       i < static_cast<std::size_t>(to * 10 + 0.5); ++i)
    heard.levels[i] = level;
}

}  // namespace

TEST(Loudness, BringsAGoodTrackToTheStationsLevel) {
  const Verdict verdict = judge(good(), {60});
  EXPECT_TRUE(verdict.ok) << verdict.reason;
  EXPECT_DOUBLE_EQ(verdict.gain_db, 2);
  EXPECT_DOUBLE_EQ(verdict.head, 0);
  EXPECT_NEAR(verdict.tail, 0, 1e-9);
}

TEST(Loudness, LeavesOutDeadAirAtBothEnds) {
  Heard heard = good();
  silence(heard, 0, 1.5);
  silence(heard, 58, 60);
  const Verdict verdict = judge(heard, {60});
  EXPECT_TRUE(verdict.ok) << verdict.reason;
  EXPECT_NEAR(verdict.head, 1.5, 1e-9);
  EXPECT_NEAR(verdict.tail, 2, 1e-9);
}

TEST(Loudness, CallsSilentWhatWillBeSilentOnAir) {
  Heard quiet = good();
  quiet.loudness = -36;  // raised by 20 dB
  for (float& level : quiet.levels) level = -38;
  silence(quiet, 30, 33, -65);
  EXPECT_TRUE(judge(quiet, {60}).ok) << judge(quiet, {60}).reason;
  Heard loud = good();
  loud.loudness = -6;  // lowered by 10 dB
  silence(loud, 30, 33, -45);
  EXPECT_EQ(judge(loud, {60}).reason, "is silent for 3.0 s from 30.0 s on");
}

TEST(Loudness, RefusesWithAReasonThatTells) {
  const struct {
    std::function<void(Heard&)> damage;
    const char* reason;
  } rows[] = {
      {[](Heard& h) { h.to_the_end = false; }, "cannot be decoded to its end (60.0 s could)"},
      {[](Heard& h) { h.not_numbers = 3; }, "has 3 samples that are no numbers"},
      {[](Heard& h) { h.rate = 8000; }, "has 8000 samples a second"},
      {[](Heard& h) { h.channels = 6; }, "has 6 channels"},
      {[](Heard& h) { h = good(0.1); }, "is 0.1 s long, 60.0 s were ordered"},
      {[](Heard& h) { h = good(30); }, "is 30.0 s long, 60.0 s were ordered"},
      {[](Heard& h) { h = good(3600); }, "is 3600.0 s long, 60.0 s were ordered"},
      {[](Heard& h) { h.peak = h.rms = -120; }, "is silent"},
      {[](Heard& h) { h.offset = 0.5; }, "has a DC offset of 50 % of full scale"},
      {[](Heard& h) { h.loudness = -65; }, "is as quiet as -65 LUFS"},
      {[](Heard& h) { h.loudness = -HUGE_VAL; }, "is as quiet as -120 LUFS"},
      {[](Heard& h) { h.loudness = NAN; }, "is as quiet as -120 LUFS"},
      {[](Heard& h) { h.clipped = 0.4; }, "is clipped in 40 % of its samples"},
      {[](Heard& h) { h.rms = -3.4; }, "is crushed: its peaks are 0.4 dB above its mean"},
      {[](Heard& h) { silence(h, 20, 21); }, "is silent for 1.0 s from 20.0 s on"},
      {[](Heard& h) { silence(h, 20, 20.7); }, "is silent for 0.7 s from 20.0 s on"},
      {[](Heard& h) { silence(h, 30, 60); }, "has 30.0 s of music, 60.0 s were ordered"},
      {[](Heard& h) { silence(h, 0, 30); }, "has 30.0 s of music, 60.0 s were ordered"},
      {[](Heard& h) { silence(h, 0, 60); }, "is silent"},
  };
  for (const auto& row : rows) {
    Heard heard = good();
    row.damage(heard);
    const Verdict verdict = judge(heard, {60});
    EXPECT_FALSE(verdict.ok) << row.reason;
    EXPECT_EQ(verdict.reason, row.reason);
  }
}

TEST(Loudness, TakesALimitOfItsMakerForTheOrder) {
  constexpr std::array kLimits = {180.0, 240.0};
  const Expected expected{.seconds = 300, .limits = kLimits};
  EXPECT_TRUE(judge(good(180), expected).ok) << judge(good(180), expected).reason;
  EXPECT_TRUE(judge(good(240.05), expected).ok) << judge(good(240.05), expected).reason;
  EXPECT_EQ(judge(good(200), expected).reason, "is 200.0 s long, 300.0 s were ordered");
  EXPECT_EQ(judge(good(90), expected).reason, "is 90.0 s long, 300.0 s were ordered");
  Heard half = good(240);
  silence(half, 120, 240);
  EXPECT_EQ(judge(half, expected).reason, "has 120.0 s of music, 240.0 s were ordered");
  // Of a shorter order it makes no difference.
  EXPECT_FALSE(judge(good(180), {.seconds = 60, .limits = kLimits}).ok);
}

TEST(Loudness, LetsLifePass) {
  const struct {
    const char* name;
    std::function<void(Heard&)> change;
  } rows[] = {
      {"a short rest", [](Heard& h) { silence(h, 20, 20.6); }},
      {"a little shorter", [](Heard& h) { h = good(55); }},
      {"a little longer", [](Heard& h) { h = good(69); }},
      {"mono of a lower rate", [](Heard& h) { h.channels = 1, h.rate = 22050; }},
      {"mastered loud",
       [](Heard& h) { h.loudness = -8, h.peak = 0.5, h.rms = -10, h.clipped = 0.02; }},
      {"soft", [](Heard& h) { h.loudness = -33; }},
      {"a single pure tone", [](Heard& h) { h.peak = -6, h.rms = -9.01; }},
  };
  for (const auto& row : rows) {
    Heard heard = good();
    row.change(heard);
    EXPECT_TRUE(judge(heard, {60}).ok) << row.name << ": " << judge(heard, {60}).reason;
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "sound/validation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

namespace {

using infinara::sound::Expected;
using infinara::sound::Measurements;
using infinara::sound::validate;
using infinara::sound::Validation;

/// Of a second, the nearest whole number.
std::size_t tenths(double seconds) {
  return static_cast<std::size_t>(std::lround(seconds * 10));
}

/// A good track of `seconds`, whose levels stand between `from` and `to` seconds.
Measurements good(double seconds = 60) {
  Measurements measured;
  measured.seconds = seconds;
  measured.levels.assign(tenths(seconds), -20.0F);
  measured.loudness = -18;
  measured.rms = -20;
  measured.peak = -3;
  measured.true_peak = -2.8;
  return measured;
}

void silence(Measurements& measured, double from, double to, float level = -100) {
  for (auto i = tenths(from); i < tenths(to); ++i) measured.levels[i] = level;
}

}  // namespace

TEST(Validation, BringsAGoodTrackToTheStationsLevel) {
  const Validation validation = validate(good(), {60});
  EXPECT_TRUE(validation.ok) << validation.reason;
  EXPECT_DOUBLE_EQ(validation.gain_db, 2);
  EXPECT_DOUBLE_EQ(validation.head, 0);
  EXPECT_NEAR(validation.tail, 0, 1e-9);
}

TEST(Validation, LeavesOutDeadAirAtBothEnds) {
  Measurements measured = good();
  silence(measured, 0, 1.5);
  silence(measured, 58, 60);
  const Validation validation = validate(measured, {60});
  EXPECT_TRUE(validation.ok) << validation.reason;
  EXPECT_NEAR(validation.head, 1.5, 1e-9);
  EXPECT_NEAR(validation.tail, 2, 1e-9);
}

TEST(Validation, CallsSilentWhatWillBeSilentOnAir) {
  Measurements quiet = good();
  quiet.loudness = -36;  // raised by 20 dB
  for (float& level : quiet.levels) level = -38;
  silence(quiet, 30, 33, -65);
  EXPECT_TRUE(validate(quiet, {60}).ok) << validate(quiet, {60}).reason;
  Measurements loud = good();
  loud.loudness = -6;  // lowered by 10 dB
  silence(loud, 30, 33, -45);
  EXPECT_EQ(validate(loud, {60}).reason, "is silent for 3.0 s from 30.0 s on");
}

TEST(Validation, RefusesWithAReasonThatTells) {
  const struct {
    std::function<void(Measurements&)> damage;
    const char* reason;
  } rows[] = {
      {[](Measurements& h) { h.to_the_end = false; },
       "cannot be decoded to its end (60.0 s could)"},
      {[](Measurements& h) { h.not_numbers = 3; }, "has 3 samples that are no numbers"},
      {[](Measurements& h) { h.rate = 8000; }, "has 8000 samples a second"},
      {[](Measurements& h) { h.channels = 6; }, "has 6 channels"},
      {[](Measurements& h) { h = good(0.1); }, "is 0.1 s long, 60.0 s were ordered"},
      {[](Measurements& h) { h = good(30); }, "is 30.0 s long, 60.0 s were ordered"},
      {[](Measurements& h) { h = good(3600); }, "is 3600.0 s long, 60.0 s were ordered"},
      {[](Measurements& h) { h.peak = h.rms = -120; }, "is silent"},
      {[](Measurements& h) { h.offset = 0.5; }, "has a DC offset of 50 % of full scale"},
      {[](Measurements& h) { h.loudness = -65; }, "is as quiet as -65 LUFS"},
      {[](Measurements& h) { h.loudness = -HUGE_VAL; }, "is as quiet as -120 LUFS"},
      {[](Measurements& h) { h.loudness = NAN; }, "is as quiet as -120 LUFS"},
      {[](Measurements& h) { h.clipped = 0.4; }, "is clipped in 40 % of its samples"},
      {[](Measurements& h) { h.rms = -3.4; }, "is crushed: its peaks are 0.4 dB above its mean"},
      {[](Measurements& h) { silence(h, 20, 21); }, "is silent for 1.0 s from 20.0 s on"},
      {[](Measurements& h) { silence(h, 20, 20.7); }, "is silent for 0.7 s from 20.0 s on"},
      {[](Measurements& h) { silence(h, 30, 60); }, "has 30.0 s of music, 60.0 s were ordered"},
      {[](Measurements& h) { silence(h, 0, 30); }, "has 30.0 s of music, 60.0 s were ordered"},
      {[](Measurements& h) { silence(h, 0, 60); }, "is silent"},
  };
  for (const auto& row : rows) {
    Measurements measured = good();
    row.damage(measured);
    const Validation validation = validate(measured, {60});
    EXPECT_FALSE(validation.ok) << row.reason;
    EXPECT_EQ(validation.reason, row.reason);
  }
}

TEST(Validation, TakesALimitOfItsMakerForTheOrder) {
  constexpr std::array kLimits = {180.0, 240.0};
  const Expected expected{.seconds = 300, .limits = kLimits};
  EXPECT_TRUE(validate(good(180), expected).ok) << validate(good(180), expected).reason;
  EXPECT_TRUE(validate(good(240.05), expected).ok) << validate(good(240.05), expected).reason;
  EXPECT_EQ(validate(good(200), expected).reason, "is 200.0 s long, 300.0 s were ordered");
  EXPECT_EQ(validate(good(90), expected).reason, "is 90.0 s long, 300.0 s were ordered");
  Measurements half = good(240);
  silence(half, 120, 240);
  EXPECT_EQ(validate(half, expected).reason, "has 120.0 s of music, 240.0 s were ordered");
  // Of a shorter order it makes no difference.
  EXPECT_FALSE(validate(good(180), {.seconds = 60, .limits = kLimits}).ok);
}

TEST(Validation, LetsLifePass) {
  const struct {
    const char* name;
    std::function<void(Measurements&)> change;
  } rows[] = {
      {"a short rest", [](Measurements& h) { silence(h, 20, 20.6); }},
      {"a little shorter", [](Measurements& h) { h = good(55); }},
      {"a little longer", [](Measurements& h) { h = good(69); }},
      {"mono of a lower rate", [](Measurements& h) { h.channels = 1, h.rate = 22050; }},
      {"mastered loud",
       [](Measurements& h) { h.loudness = -8, h.peak = 0.5, h.rms = -10, h.clipped = 0.02; }},
      {"soft", [](Measurements& h) { h.loudness = -33; }},
      {"a single pure tone", [](Measurements& h) { h.peak = -6, h.rms = -9.01; }},
  };
  for (const auto& row : rows) {
    Measurements measured = good();
    row.change(measured);
    EXPECT_TRUE(validate(measured, {60}).ok) << row.name << ": " << validate(measured, {60}).reason;
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "sound/join.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using infinara::sound::Curve;
using infinara::sound::Join;
using infinara::sound::kRamp;
using infinara::sound::plan_join;
using infinara::sound::plan_skip;

constexpr std::int64_t s = 48000;
constexpr auto kUnknown = std::nullopt;

TEST(PlanJoin, IsAsLongAsWantedButNoMoreThanHalfOfEitherTrack) {
  struct {
    const char* what;
    std::int64_t wanted, remaining, total;
    std::optional<std::int64_t> next;
    struct {
      std::int64_t start, length;
    } plan;
  } rows[] = {
      {"long tracks", 5 * s, 20 * s, 90 * s, kUnknown, {15 * s, 5 * s}},
      {"it is time", 5 * s, 5 * s, 90 * s, kUnknown, {0, 5 * s}},
      {"next was late", 5 * s, 2 * s, 90 * s, kUnknown, {0, 2 * s}},
      {"the wish grew near the end", 10 * s, s * 19 / 10, 12 * s, kUnknown, {0, s * 19 / 10}},
      {"short track", 5 * s, 4 * s, 4 * s, kUnknown, {2 * s, 2 * s}},
      {"short next track", 5 * s, 20 * s, 90 * s, 3 * s, {18 * s + s / 2, s * 3 / 2}},
      {"next as long as it needs be", 5 * s, 20 * s, 90 * s, 10 * s, {15 * s, 5 * s}},
      {"no crossfade wanted", 0, 20 * s, 90 * s, kUnknown, {20 * s, 0}},
      {"shorter than a ramp: joined", kRamp - 1, 20 * s, 90 * s, kUnknown, {20 * s, 0}},
      {"exactly a ramp", kRamp, 20 * s, 90 * s, kUnknown, {20 * s - kRamp, kRamp}},
      {"next so late that a fade would click", 5 * s, kRamp - 1, 90 * s, kUnknown, {kRamp - 1, 0}},
      {"next of a few samples", 5 * s, 20 * s, 90 * s, 100, {20 * s, 0}},
      {"next of one sample", 5 * s, 20 * s, 90 * s, 1, {20 * s, 0}},
      {"track of one sample", 5 * s, 1, 1, kUnknown, {1, 0}},
      {"odd length", 5 * s, 2001, 2001, kUnknown, {1001, 1000}},
  };
  for (const auto& row : rows)
    for (const auto curve : {Curve::kSmoothstep, Curve::kEqualPower, Curve::kLinear})
      EXPECT_EQ(plan_join({row.remaining, row.total}, {row.next}, {row.wanted, curve}),
                (Join{row.plan.start, {row.plan.length, curve}, {row.plan.length, curve}}))
          << row.what;
}

TEST(PlanSkip, NeverClicksAndNeverOutlastsTheTrack) {
  struct {
    const char* what;
    std::int64_t wanted;
    std::optional<std::int64_t> remaining, next;
    std::int64_t length;
  } rows[] = {
      {"in the middle of everything", s, kUnknown, kUnknown, s},
      {"end is known and far", s, 9 * s, kUnknown, s},
      {"end is near", s, s / 2, kUnknown, s / 2},
      {"end is nearer than a ramp", s, kRamp - 1, kUnknown, 0},
      {"at once still takes a ramp", 0, kUnknown, kUnknown, kRamp},
      {"short next track", s, kUnknown, s, s / 2},
      {"tiny next track", s, kUnknown, 10, kRamp},
  };
  for (const auto& row : rows)
    EXPECT_EQ(plan_skip(row.wanted, row.remaining, row.next), row.length) << row.what;
}

// --- planned

using infinara::sound::Cues;
using infinara::sound::Fit;
using infinara::sound::Grid;
using infinara::sound::JoinSettings;
using infinara::sound::JoinStyle;

constexpr std::uint16_t kC = 0xab5, kG = 0xad5, kFSharp = 0xd6a;  // major scales

Cues music(double bpm, std::int64_t out, std::uint16_t scale = kC, double first = 0,
           unsigned beats_per_bar = 4) {
  return {Grid{first, 60.0 * s / bpm, beats_per_bar}, out, scale};
}

struct Planned {
  const char* what;
  std::int64_t wanted, remaining;  // of a track of 90 s whose last bar ends at 86 s
  Cues out, in;
  std::optional<std::int64_t> next;
  Fit fit;
  unsigned bars;
  std::int64_t start, all;
};

TEST(PlanJoin, OnBars) {
  const Cues c = music(120, 86 * s);
  const Planned rows[] = {
      {"as many bars as the crossfade holds",
       18 * s,
       26 * s,
       c,
       c,
       {},
       Fit::kBars,
       8,
       6 * s,
       16 * s},
      {"or four", 15 * s, 26 * s, c, c, {}, Fit::kBars, 4, 14 * s, 8 * s},
      {"or one", 3 * s, 26 * s, c, c, {}, Fit::kBars, 1, 20 * s, 2 * s},
      {"no bar fits", s, 26 * s, c, c, {}, Fit::kLate, 0, 25 * s, s},
      {"it is time", 18 * s, 20 * s, c, c, {}, Fit::kBars, 8, 0, 16 * s},
      {"the next track is late", 18 * s, 12 * s, c, c, {}, Fit::kBars, 4, 0, 8 * s},
      {"and later", 18 * s, 5 * s, c, c, {}, Fit::kLate, 0, 0, 5 * s},
      {"the last bar is over", 18 * s, 3 * s, c, c, {}, Fit::kLate, 0, 0, 3 * s},
      {"a short next track", 18 * s, 26 * s, c, c, 10 * s, Fit::kBars, 2, 18 * s, 4 * s},
      {"half the tempo", 18 * s, 26 * s, c, music(60, 86 * s), {}, Fit::kBars, 8, 6 * s, 16 * s},
      {"twice the tempo", 18 * s, 26 * s, c, music(240, 86 * s), {}, Fit::kBars, 8, 6 * s, 16 * s},
      {"a fifth up", 18 * s, 26 * s, c, music(120, 86 * s, kG), {}, Fit::kBars, 8, 6 * s, 16 * s},
      {"a key that rubs",
       18 * s,
       26 * s,
       c,
       music(120, 86 * s, kFSharp),
       {},
       Fit::kKey,
       2,
       18 * s,
       4 * s},
      {"another tempo", 18 * s, 26 * s, c, music(124, 86 * s), {}, Fit::kTempo, 2, 18 * s, 4 * s},
      {"four bars of three beside three of four",
       13 * s,
       26 * s,
       music(120, 86 * s, kC, 0, 3),
       c,
       {},
       Fit::kBars,
       8,
       9 * s + s / 2,
       12 * s},
      {"bars of three that end within one of four",
       18 * s,
       26 * s,
       c,
       music(120, 86 * s, kC, 0, 3),
       {},
       Fit::kTempo,
       2,
       18 * s,
       4 * s},
      {"bars of six eighths beside three quarters",
       18 * s,
       26 * s,
       music(120, 86 * s, kC, 0, 3),
       music(240, 86 * s, kC, 0, 6),
       {},
       Fit::kBars,
       8,
       9 * s + s / 2,
       12 * s},
      {"bars that drift by 8 ms in four",
       18 * s,
       26 * s,
       c,
       music(120.12, 86 * s),
       {},
       Fit::kBars,
       4,
       14 * s,
       8 * s},
      {"with a pickup",
       18 * s,
       26 * s,
       c,
       music(120, 86 * s, kC, s),
       {},
       Fit::kBars,
       8,
       5 * s,
       17 * s},
      {"with a whole bar before",
       18 * s,
       26 * s,
       c,
       music(120, 86 * s, kC, 2 * s),
       {},
       Fit::kBars,
       8,
       6 * s,
       16 * s},
      {"no key", 18 * s, 26 * s, c, {c.grid, c.out, {}}, {}, Fit::kBars, 8, 6 * s, 16 * s},
      {"no beats in the next", 18 * s, 26 * s, c, {}, {}, Fit::kNoGrid, 2, 18 * s, 4 * s},
      {"no beats here", 18 * s, 26 * s, {}, c, {}, Fit::kNoGrid, 0, 8 * s, 18 * s},
      {"no known end of bars",
       18 * s,
       26 * s,
       {c.grid, {}, kC},
       c,
       {},
       Fit::kBars,
       8,
       10 * s,
       16 * s},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const Join join = plan_join({row.remaining, 90 * s, row.out}, {row.next, row.in},
                                {row.wanted, Curve::kSmoothstep, JoinStyle::kPlanned});
    EXPECT_EQ(join.fit, row.fit) << name_of(join.fit);
    EXPECT_EQ(join.bars, row.bars);
    EXPECT_EQ(join.start, row.start);
    EXPECT_EQ(join.leaves.delay + join.leaves.length, row.all);
    EXPECT_EQ(join.enters.delay, 0);
    EXPECT_EQ(join.enters.length, join.leaves.length);
    EXPECT_EQ(join.leaves.curve, Curve::kSmoothstep);
  }
}

TEST(PlanJoin, StandsUntilItBegins) {
  const JoinSettings settings{18 * s, Curve::kSmoothstep, JoinStyle::kPlanned};
  for (double bpm = 60; bpm <= 180; bpm += 0.37) {
    const Cues cues = music(bpm, 86 * s);
    std::int64_t remaining = 40 * s;
    const Join join = plan_join({remaining, 90 * s, cues}, {{}, cues}, settings);
    ASSERT_EQ(join.fit, Fit::kBars);
    for (const std::int64_t left : {join.start / 3, std::int64_t{1}, std::int64_t{0}}) {
      const Join later =
          plan_join({remaining - join.start + left, 90 * s, cues}, {{}, cues}, settings);
      EXPECT_EQ(later.start, left) << bpm;
      EXPECT_EQ(later.bars, join.bars) << bpm;
      EXPECT_EQ(later.leaves, join.leaves) << bpm;
    }
  }
}

TEST(PlanJoin, AShareOfOneSumsToOne) {
  Join join = plan_join({26 * s, 90 * s, music(120, 86 * s)}, {{}, music(120, 86 * s)},
                        {18 * s, Curve::kSmoothstep, JoinStyle::kPlanned});
  EXPECT_EQ(join.leaves.length, std::llround(0.78 * 16 * s));
  join = with_share(join, 1);
  EXPECT_EQ(join.leaves.delay, 0);
  EXPECT_EQ(join.leaves.length, 16 * s);
}

TEST(Grids, TellTheNextBeat) {
  using infinara::sound::until_beat;
  const Grid grid{1000.4, 24'000.3, 4};
  struct {
    std::int64_t place, until;
  } rows[] = {{1000, 0},         {1001, 24'000}, {0, 1000},   {-23'000, 0},
              {-22'999, 23'999}, {25'001, 0},    {25'000, 1}, {240'000, 1003}};
  for (const auto& row : rows) EXPECT_EQ(until_beat(grid, row.place), row.until) << row.place;
  EXPECT_EQ(infinara::sound::first_line_of({1000, 24'000, 4}), 1000);
  EXPECT_EQ(infinara::sound::first_line_of({97'000, 24'000, 4}), 1000);
  EXPECT_EQ(infinara::sound::first_line_of({-1000, 24'000, 4}), 95'000);
}

TEST(PlanJoin, EveryNameIsRead) {
  for (const Fit fit :
       {Fit::kBars, Fit::kTempo, Fit::kKey, Fit::kNoGrid, Fit::kLate, Fit::kPlain, Fit::kSkip})
    EXPECT_EQ(infinara::sound::fit_of(name_of(fit)), fit);
  EXPECT_FALSE(infinara::sound::fit_of("groove"));
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
#include "sound/join.hpp"

#include <gtest/gtest.h>

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

}  // namespace

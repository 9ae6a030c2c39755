// SPDX-License-Identifier: Apache-2.0
#include "sound/ramps.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sound/join.hpp"

namespace infinara::sound {
namespace {

/// The sums that the ramps make of silence, asked for in pieces of `piece` samples.
std::vector<float> heard(Ramps ramps, std::size_t samples, std::size_t piece) {
  std::vector<float> sums(samples * kChannels);
  for (std::size_t at = 0; at < samples; at += piece)
    ramps.add_to(
        std::span(sums).subspan(at * kChannels, std::min(piece, samples - at) * kChannels));
  return sums;
}

TEST(Ramps, AStepIsTakenBackSmoothly) {
  Ramps ramps;
  ramps.add({1000, -500});
  const auto sums = heard(ramps, kRamp, kRamp);
  EXPECT_NEAR(sums[0], 1000, 1);
  EXPECT_NEAR(sums[1], -500, 1);
  EXPECT_NEAR(sums[kRamp], 500, 4);  // half way, the left
  for (std::size_t i = kChannels; i < sums.size(); i += kChannels) {
    EXPECT_LE(sums[i], sums[i - kChannels]) << i;
    EXPECT_LT(sums[i - kChannels] - sums[i], 1000 * 1.6 / kRamp) << i;  // smoothstep's steepest
  }
  EXPECT_NEAR(sums[sums.size() - 2], 0, 0.1);
}

TEST(Ramps, AreGoneWhenTheyAreThrough) {
  Ramps ramps;
  ramps.add({100, 100});
  std::vector<float> sums((kRamp - 1) * kChannels);
  ramps.add_to(sums);
  EXPECT_FALSE(ramps.empty());
  ramps.add_to(std::span(sums).first(kChannels));
  EXPECT_TRUE(ramps.empty());
}

TEST(Ramps, PiecesOfAnySizeGiveTheSameBits) {
  Ramps ramps;
  ramps.add({12345, -777});
  const auto whole = heard(ramps, 500, 500);
  for (const std::size_t piece : {1u, 7u, 100u, 383u}) EXPECT_EQ(heard(ramps, 500, piece), whole);
}

TEST(Ramps, SeveralAtATimeAddUpAndNothingIsNone) {
  Ramps one, both;
  one.add({300, 0});
  both.add({300, 0});
  both.add({300, 0});
  const auto single = heard(one, 10, 10), twice = heard(both, 10, 10);
  for (std::size_t i = 0; i < single.size(); ++i) EXPECT_EQ(twice[i], 2 * single[i]);
  Ramps none;
  none.add({0.4F, -0.4F});
  EXPECT_TRUE(none.empty());
  both.clear();
  EXPECT_TRUE(both.empty());
}

}  // namespace
}  // namespace infinara::sound

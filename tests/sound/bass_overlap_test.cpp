// SPDX-License-Identifier: Apache-2.0
#include "bass_overlap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include "tracks.hpp"

namespace infinara::tools {
namespace {

using sound::Samples;
constexpr std::int64_t s = sound::kRate;

/// Two tones, in both channels alike; levels in dB below a sine of full scale.
Samples tones(double bass_hertz, double bass_db, double high_hertz, double high_db) {
  Samples samples;
  for (std::int64_t i = 0; i < 4 * s; ++i) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i) / sound::kRate;
    const double x = std::pow(10, -bass_db / 20) * std::sin(bass_hertz * turn) +
                     std::pow(10, -high_db / 20) * std::sin(high_hertz * turn);
    samples.insert(samples.end(), 2, static_cast<std::int16_t>(std::lround(32767 * x)));
  }
  return samples;
}

/// All of a track from its second `begin` to `end`, silence else.
Samples within(Samples samples, double begin, double end) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t frame = i / 2;
    const auto at = static_cast<double>(frame) / sound::kRate;
    if (at < begin || at >= end) samples[i] = 0;
  }
  return samples;
}

Samples lower(Samples samples, double db) {
  for (auto& x : samples) x = static_cast<std::int16_t>(std::lround(x * std::pow(10, -db / 20)));
  return samples;
}

TEST(BassOverlap, CountsWhereBothAreHeard) {
  const auto from = tones(60, 12, 1000, 12), to = tones(90, 12, 1500, 12);
  EXPECT_NEAR(both_basses(from, to, from, to), 4, 0.1) << "a fight all along";
  EXPECT_NEAR(both_basses(from, to, within(from, 0, 2.5), within(to, 1.5, 4)), 1, 0.2);
  EXPECT_NEAR(both_basses(from, to, within(from, 0, 2), within(to, 2, 4)), 0, 0.1) << "handed over";
}

TEST(BassOverlap, CountsABassDownTo12DbBelowItsOwnLevel) {
  const auto from = tones(60, 12, 1000, 12), to = tones(90, 12, 1500, 30);
  for (const auto& [db, seconds] : {std::pair{0.0, 4.0}, {11.0, 4.0}, {13.0, 0.0}}) {
    EXPECT_NEAR(both_basses(from, to, from, lower(to, db)), seconds, 0.1) << db;
    EXPECT_NEAR(both_basses(to, from, lower(to, db), from), seconds, 0.1) << db;
  }
}

/// The mix is 12 dB below full scale, and a little more.
TEST(BassOverlap, LeavesOutABassThatTheMixCovers) {
  const auto from = tones(60, 30, 1000, 12);
  for (const auto& [db, seconds] : {std::pair{20.0, 4.0}, {30.0, 4.0}, {34.0, 0.0}, {45.0, 0.0}}) {
    const auto to = tones(90, db, 2000, 40);
    EXPECT_NEAR(both_basses(from, to, from, to), seconds, 0.1) << db;
    EXPECT_NEAR(both_basses(to, from, to, from), seconds, 0.1) << db;
  }
}

/// All that a filter lets through of the notes above is no bass, though it is its track's own
/// level.
TEST(BassOverlap, LeavesOutTracksWithoutABass) {
  const auto bass = tones(60, 12, 1000, 12), none = tones(350, 12, 1000, 12);
  EXPECT_EQ(both_basses(bass, none, bass, none), 0);
  EXPECT_EQ(both_basses(none, bass, none, bass), 0);
  EXPECT_EQ(both_basses(none, none, none, none), 0);
}

}  // namespace
}  // namespace infinara::tools

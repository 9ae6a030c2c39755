// SPDX-License-Identifier: Apache-2.0
#include "sound/fade.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {

using namespace infinara::sound;

std::vector<std::int16_t> noise(std::size_t values, unsigned seed) {
  std::mt19937 rng(seed);
  std::vector<std::int16_t> samples(values);
  for (auto& x : samples) x = static_cast<std::int16_t>(rng());
  return samples;
}

/// What the design says, in double precision and in its own words.
double share(Curve curve, bool rising, double t) {
  if (curve == Curve::kLinear) return t;
  if (curve == Curve::kSmoothstep) return 3 * t * t - 2 * t * t * t;
  return rising ? std::sin(t * std::numbers::pi / 2) : 1 - std::cos(t * std::numbers::pi / 2);
}

TEST(Fade, GoesFromHereToThereAndStays) {
  for (const auto curve : {Curve::kSmoothstep, Curve::kEqualPower, Curve::kLinear}) {
    const Fade in{curve, 0, 1, 1000};
    EXPECT_LT(in.gain(0), 0.001);
    EXPECT_GT(in.gain(999), 0.999);
    EXPECT_EQ(in.gain(1000), 1);
    EXPECT_EQ(in.gain(1'000'000), 1);
    for (int i = 1; i < 1000; ++i) EXPECT_GT(in.gain(i), in.gain(i - 1));
    const Fade out{curve, 1, 0, 1000};
    for (int i = 0; i < 1000; ++i)
      EXPECT_NEAR(out.gain(i), in.gain(999 - i), 1e-12) << "out is in, backwards";
  }
  const Fade none{};
  EXPECT_TRUE(none.is_over(0));
  EXPECT_EQ(none.gain(0), 1);
}

TEST(Fade, KernelsAreWithinOneBitOfDoublePrecisionAtEverySample) {
  struct {
    Curve curve;
    float from, to;
    std::int64_t length;
  } rows[] = {{Curve::kSmoothstep, 0, 1, 240'000},   {Curve::kSmoothstep, 1, 0, 240'000},
              {Curve::kSmoothstep, 0, 1, 5'760'000}, {Curve::kSmoothstep, 0.3F, 1, 19'200},
              {Curve::kSmoothstep, 0.7F, 0, 19'201}, {Curve::kEqualPower, 0, 1, 240'000},
              {Curve::kEqualPower, 1, 0, 240'000},   {Curve::kEqualPower, 0.5F, 0, 7},
              {Curve::kLinear, 0, 1, 240'000},       {Curve::kLinear, 1, 0, 384},
              {Curve::kSmoothstep, 0, 1, 1}};
  for (const auto& row : rows) {
    const Fade fade{row.curve, row.from, row.to, row.length};
    const auto in = noise(static_cast<std::size_t>(row.length + 100) * 2, 7);
    std::vector<float> sum(in.size(), 0.0F);
    add_faded(sum, in, fade, 0);
    std::vector<std::int16_t> out(in.size());
    to_pcm(sum, out);
    double worst = 0;
    for (std::size_t k = 0; k < in.size(); ++k) {
      const auto i = static_cast<std::int64_t>(k / 2);
      const double t = (static_cast<double>(i) + 0.5) / static_cast<double>(row.length);
      const double from = row.from;
      const double gain =
          i < row.length ? from + (row.to - from) * share(row.curve, row.to > row.from, t) : row.to;
      worst = std::max(worst, std::abs(out[k] - gain * in[k]));
    }
    EXPECT_LE(worst, 0.52) << "length " << row.length << " from " << row.from;
  }
}

TEST(Fade, AnySplitGivesTheSameBits) {
  const auto in = noise(2 * 30'000, 3);
  for (const auto curve : {Curve::kSmoothstep, Curve::kEqualPower, Curve::kLinear}) {
    for (const bool rising : {true, false}) {
      const Fade fade{curve, rising ? 0.125F : 0.9F, rising ? 1.0F : 0.0F, 25'000};
      std::vector<float> whole(in.size(), 0.0F);
      add_faded(whole, in, fade, 0);
      std::vector<float> split(in.size(), 0.0F);
      std::mt19937 rng(1);
      for (std::size_t at = 0; at < in.size();) {
        const auto count = std::min<std::size_t>(2 * (1 + rng() % 37), in.size() - at);
        add_faded(std::span(split).subspan(at, count), std::span(in).subspan(at, count), fade,
                  static_cast<std::int64_t>(at / 2));
        at += count;
      }
      EXPECT_EQ(whole, split);
    }
  }
}

TEST(ToPcm, RoundsOnceAndSaturates) {
  const std::vector<float> sum = {0.0F,      0.49F,    0.5F,     1.5F,      -0.5F,
                                  -1.5F,     32767.4F, 32767.6F, 65534.0F,  -32768.4F,
                                  -65536.0F, 1e9F,     -1e9F,    32766.51F, -32767.51F};
  const std::vector<std::int16_t> wanted = {
      0, 0, 0, 2, 0, -2, 32767, 32767, 32767, -32768, -32768, 32767, -32768, 32767, -32768};
  std::vector<std::int16_t> out(sum.size());
  to_pcm(sum, out);
  EXPECT_EQ(out, wanted);
}

TEST(Smoothstep, TwoEqualTracksThatCrossStayWhatTheyAre) {
  const auto in = noise(2 * 48'000, 5);
  const Fade rise{Curve::kSmoothstep, 0, 1, 48'000};
  const Fade fall{Curve::kSmoothstep, 1, 0, 48'000};
  std::vector<float> sum(in.size(), 0.0F);
  add_faded(sum, in, fall, 0);
  add_faded(sum, in, rise, 0);
  std::vector<std::int16_t> out(in.size());
  to_pcm(sum, out);
  EXPECT_EQ(out, in);
}

}  // namespace

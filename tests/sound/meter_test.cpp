// SPDX-License-Identifier: Apache-2.0
#include "sound/meter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace {

using infinara::sound::Meter;

std::vector<float> sine(double frequency, double level, int frames, double phase = 0,
                        double offset = 0) {
  std::vector<float> out;
  for (int i = 0; i < frames; ++i) {
    const double x =
        offset + level * std::sin(2 * std::numbers::pi * frequency * i / 48000 + phase);
    out.push_back(static_cast<float>(x));
    out.push_back(static_cast<float>(x));
  }
  return out;
}

Meter heard(const std::vector<float>& samples) {
  Meter meter(48000, 2);
  for (std::size_t i = 0; i < samples.size();) {
    const std::size_t size = std::min<std::size_t>(2 * 1013, samples.size() - i);
    meter.listen({samples.data() + i, size});
    i += size;
  }
  return meter;
}

}  // namespace

TEST(Meter, ReadsLevelsAndLength) {
  const Meter meter = heard(sine(1000, 0.5, 48000 + 2400));
  EXPECT_DOUBLE_EQ(meter.seconds(), 1.05);
  ASSERT_EQ(meter.levels().size(), 11U);
  for (const float level : meter.levels()) EXPECT_NEAR(level, -9.03F, 0.05F);
  EXPECT_NEAR(meter.rms_db(), -9.03, 0.01);
  EXPECT_NEAR(meter.peak_db(), -6.02, 0.01);
  EXPECT_NEAR(meter.offset(), 0, 0.002);
  EXPECT_EQ(meter.clipped(), 0);
}

TEST(Meter, FindsPeaksBetweenSamples) {
  // At a quarter of the rate, 45 degrees late: the samples stand 3 dB below the wave's peak.
  const Meter meter = heard(sine(12000, 0.5, 48000, std::numbers::pi / 4));
  EXPECT_NEAR(meter.peak_db(), -9.03, 0.01);
  EXPECT_NEAR(meter.true_peak_db(), -6.02, 0.3);
}

TEST(Meter, SeesDirectCurrent) {
  EXPECT_NEAR(heard(sine(100, 0.2, 48000, 0, 0.25)).offset(), 0.25, 0.001);
}

TEST(Meter, CountsWhatIsNoNumberAndGoesOn) {
  std::vector<float> samples = sine(1000, 0.5, 48000);
  samples[5000] = std::numeric_limits<float>::quiet_NaN();
  samples[5001] = std::numeric_limits<float>::infinity();
  const Meter meter = heard(samples);
  EXPECT_EQ(meter.not_numbers(), 2U);
  EXPECT_NEAR(meter.rms_db(), -9.03, 0.01);
}

TEST(Meter, CountsClippedSamplesInRowsAlone) {
  std::vector<float> samples = sine(1000, 4, 48000);
  for (float& x : samples) x = std::clamp(x, -1.0F, 1.0F);
  EXPECT_GT(heard(samples).clipped(), 0.8);
  EXPECT_EQ(heard(sine(12000, 1, 48000, std::numbers::pi / 2)).clipped(), 0)
      << "single samples may touch full scale";
}

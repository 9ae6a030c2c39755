// SPDX-License-Identifier: Apache-2.0
#include "sound/true_peak.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "hard_signals.hpp"
#include "sound/meter.hpp"

namespace {

using namespace infinara::sound;

/// What the filter draws at one gap, straight from its definition.
double defined(const float* x, std::size_t step) {
  double highest = 0;
  for (const double where : {0.25, 0.5, 0.75}) {
    double drawn = 0, sum = 0;
    for (int i = -5; i <= 6; ++i) {
      const double t = std::numbers::pi * (i - where);
      const double tap = std::sin(t) / t * (0.5 + 0.5 * std::cos(t / 6));
      drawn += tap * static_cast<double>(x[i * static_cast<std::ptrdiff_t>(step)]);
      sum += tap;
    }
    highest = std::max(highest, std::abs(drawn / sum));
  }
  return highest;
}

double read(const hard::Signal& signal, std::size_t block = 1013) {
  Meter meter(48000, 2);
  for (std::size_t i = 0; i < signal.size(); i += 2 * block)
    meter.listen({signal.data() + i, std::min(2 * block, signal.size() - i)});
  const std::vector<float> rest(2 * kPeakAfter);
  meter.listen(rest);
  return meter.true_peak_db();
}

}  // namespace

TEST(TruePeak, IsWhatTheFilterDrawsAtEachGapOfEachChannel) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (const std::size_t step : {1, 2}) {
    std::vector<float> signal(200);
    for (float& x : signal) x = normal(random);
    for (const std::size_t count : {1, 3, 4, 7, 100}) {
      std::vector<float> peaks(count);
      const float* x = signal.data() + 5 * step;
      peaks_between(x, step, count, peaks.data());
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_NEAR(peaks[i], defined(x + i, step), 1e-5) << i;
    }
  }
}

TEST(TruePeak, NoPatternOvershootsMoreThanTheBound) {
  double most = 0;
  for (unsigned signs = 0; signs < 4096; ++signs) {
    std::vector<float> x(12);
    for (unsigned i = 0; i < 12; ++i) x[i] = (signs >> i & 1) != 0 ? 1.0F : -1.0F;
    float peak = 0;
    peaks_between(x.data() + 5, 1, 1, &peak);
    most = std::max(most, static_cast<double>(peak));
  }
  EXPECT_LE(most, static_cast<double>(kMostOvershoot));
  EXPECT_NEAR(most, 1.8625, 1e-4);
}

TEST(TruePeak, OfTheMeterIsLibebur128s) {
  for (const auto& [name, signal] : hard::all())
    for (const double level : {-12.0, 0.0})
      EXPECT_NEAR(read(hard::at_peak(signal, level)), level, 0.01) << name;
}

TEST(TruePeak, OfTheMeterIsFoundWhereverItLies) {
  // One pattern that overshoots by 1.8625, at every place among the meter's pieces, amid noise that
  // is higher than its samples alone.
  for (std::size_t place = 20; place < 220; ++place) {
    hard::Signal signal = hard::white(9);
    signal.resize(2 * 300);
    for (float& x : signal) x *= 0.05F;
    for (int i = 0; i < 12; ++i) {
      const double t = std::numbers::pi * (i - 5.5);
      signal[2 * (place + static_cast<std::size_t>(i))] = std::sin(t) / t < 0 ? -0.5F : 0.5F;
    }
    ASSERT_NEAR(read(signal, 1 + place % 70), 20 * std::log10(0.5 * 1.8625), 0.3) << place;
    ASSERT_NEAR(read(signal, 1 + place % 70), hard::true_peak_db(signal), 0.01) << place;
  }
}

// SPDX-License-Identifier: Apache-2.0
#include "sound/presentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "sound/meter.hpp"

namespace {

using infinara::sound::Presentation;
using infinara::sound::Presenter;

std::vector<float> note(double seconds, double level, double frequency = 440) {
  std::vector<float> out;
  for (int i = 0; i < seconds * 48000; ++i) {
    const double x = level * std::sin(2 * std::numbers::pi * frequency * i / 48000);
    out.push_back(static_cast<float>(x));
    out.push_back(static_cast<float>(-x));
  }
  return out;
}

std::vector<std::int16_t> presented(const Presentation& how, const std::vector<float>& in,
                                    std::size_t step = 2304) {
  Presenter presenter(how);
  std::vector<std::int16_t> out;
  for (std::size_t i = 0; i < in.size(); i += step) {
    presenter.present({in.data() + i, std::min(step, in.size() - i)}, out);
    if (presenter.is_over()) break;
  }
  presenter.finish(out);
  return out;
}

}  // namespace

TEST(Presentation, ChangesNothingWhereNothingIsToBeDone) {
  const std::vector<float> in = note(1, 0.5);
  const std::vector<std::int16_t> out = presented({}, in);
  ASSERT_EQ(out.size(), in.size());
  for (std::size_t i = 0; i < in.size(); ++i) ASSERT_NEAR(out[i], in[i] * 32767, 0.51);
}

TEST(Presentation, AppliesItsGainAndKeepsPeaksBelowTheCeiling) {
  const std::vector<std::int16_t> out = presented({.gain_db = 12}, note(1, 0.5));
  std::vector<float> floats(out.begin(), out.end());
  for (float& x : floats) x /= 32767;
  infinara::sound::Meter meter(48000, 2);
  meter.listen(floats);
  EXPECT_LE(meter.true_peak_db(), -1.9);
  EXPECT_GE(meter.true_peak_db(), -2.6);
  const std::vector<std::int16_t> soft = presented({.gain_db = -6.0206}, note(1, 0.5));
  EXPECT_NEAR(*std::max_element(soft.begin(), soft.end()), 0.25 * 32767, 3);
}

TEST(Presentation, LeavesOutWhatIsBeforeAndBehindToTheSample) {
  for (const std::size_t step : {2U, 1000U, 2304U, 200000U}) {
    const std::vector<float> in = note(2, 0.5);
    const std::vector<std::int16_t> out = presented({.from = 0.25, .until = 1.5}, in, step);
    ASSERT_EQ(out.size(), 2U * 60000) << step;
    EXPECT_EQ(out[0], 0);
    for (std::size_t i = 1000; i < 2 * 59000; ++i) ASSERT_NEAR(out[i], in[i + 24000] * 32767, 0.51);
    EXPECT_LT(std::abs(out[out.size() - 2]), 300) << "it ends without a click";
  }
}

TEST(Presentation, OfNothingIsNothing) {
  EXPECT_TRUE(presented({.from = 3, .until = 4}, note(1, 0.5)).empty());
  EXPECT_TRUE(presented({}, {}).empty());
}

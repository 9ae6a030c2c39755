// SPDX-License-Identifier: Apache-2.0
#include "sound/own_fades.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

namespace {

using infinara::sound::own_fades_of;
using infinara::sound::OwnFades;

/// Sixty seconds at -20 dB that swing by 3 dB with a beat, times a gain by the second.
OwnFades faded(const std::function<double(double)>& gain) {
  std::vector<float> levels;
  for (int i = 0; i < 600; ++i) {
    const double g = std::max(gain(i / 10.0), 1e-5);
    levels.push_back(static_cast<float>(-20 + 3 * std::sin(i * 1.3) + 20 * std::log10(g)));
  }
  return own_fades_of(levels);
}

}  // namespace

TEST(OwnFades, LeavesATrackWithoutFadesAsItIs) {
  const OwnFades none = faded([](double) { return 1; });
  EXPECT_EQ(none.head, 0);
  EXPECT_EQ(none.tail, 0);
  EXPECT_EQ(own_fades_of({}).tail, 0);
}

TEST(OwnFades, FindsWhereAFadeOutIsHalfWay) {
  for (const double length : {4.0, 6.0, 10.0, 20.0}) {
    const OwnFades found = faded([=](double t) { return std::min(1.0, (60 - t) / length); });
    EXPECT_NEAR(found.tail, length / 2, 0.5 + 0.05 * length) << length;
    EXPECT_EQ(found.head, 0) << length;
  }
}

TEST(OwnFades, FindsAFadeIn) {
  const OwnFades found = faded([](double t) { return std::min(1.0, t / 8); });
  EXPECT_NEAR(found.head, 4, 0.9);
  EXPECT_EQ(found.tail, 0);
}

TEST(OwnFades, FindsAFadeThatIsEvenInDecibels) {
  const OwnFades found =
      faded([](double t) { return t < 50 ? 1 : std::pow(10, -(t - 50) * 6 / 20); });
  EXPECT_NEAR(found.tail, 9, 0.9);
}

TEST(OwnFades, LeavesMusicThatIsQuiet) {
  EXPECT_EQ(faded([](double t) { return t < 8 ? 0.1 : 1; }).head, 0) << "a quiet intro";
  EXPECT_EQ(faded([](double t) { return t > 52 ? 0.1 : 1; }).tail, 0) << "a quiet end";
  EXPECT_EQ(faded([](double t) { return t > 59.3 ? 0.01 : 1; }).tail, 0) << "a stop";
  EXPECT_EQ(faded([](double t) { return std::min(1.0, (60 - t) / 50); }).tail, 0)
      << "what grows over most of it is a form, no fade";
}

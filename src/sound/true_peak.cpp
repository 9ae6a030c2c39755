// SPDX-License-Identifier: Apache-2.0
#include "sound/true_peak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace infinara::sound {
namespace {

constexpr std::size_t kTaps = kPeakBefore + kPeakAfter;
using Phase = std::array<float, kTaps>;

/// A sinc under a Hann window that reaches over all taps, made to pass a constant unchanged.
Phase phase_at(double where) {
  Phase phase{};
  double sum = 0;
  std::array<double, kTaps> exact{};
  for (std::size_t i = 0; i < kTaps; ++i) {
    const double t = static_cast<double>(i) - (kPeakBefore - 1) - where;
    const double x = std::numbers::pi * t;
    const double window = 0.5 + 0.5 * std::cos(x / (kTaps / 2.0));
    exact[i] = std::sin(x) / x * window;
    sum += exact[i];
  }
  for (std::size_t i = 0; i < kTaps; ++i) phase[i] = static_cast<float>(exact[i] / sum);
  return phase;
}

}  // namespace

float peak_between(const float* x) {
  static const std::array<Phase, 3> kPhases = {phase_at(0.25), phase_at(0.5), phase_at(0.75)};
  const float* first = x - (kPeakBefore - 1);
  float highest = 0;
  for (const Phase& phase : kPhases) {
    float sum = 0;
    for (std::size_t i = 0; i < kTaps; ++i) sum += phase[i] * first[i];
    highest = std::max(highest, std::abs(sum));
  }
  return highest;
}

}  // namespace infinara::sound

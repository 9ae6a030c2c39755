// SPDX-License-Identifier: Apache-2.0
// Stereo signals whose true peaks lie far above their samples, and the true peak by libebur128.
#pragma once

#include <ebur128.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hard {

using Signal = std::vector<float>;  // stereo, interleaved, 48 kHz

inline constexpr std::size_t kFrames = 24000;

template <class Value>
Signal stereo(Value value) {
  Signal out;
  for (std::size_t i = 0; i < kFrames; ++i) {
    const auto x = static_cast<float>(value(i));
    out.push_back(x);
    out.push_back(-x);
  }
  return out;
}

inline Signal sine(double frequency, double phase) {
  return stereo([=](std::size_t i) {
    return std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / 48000 + phase);
  });
}

inline Signal square(std::size_t period) {
  return stereo([=](std::size_t i) { return i % period < period / 2 ? 1.0 : -1.0; });
}

/// Full scale, each sample's sign by chance.
inline Signal signs(std::uint32_t seed) {
  std::mt19937 random(seed);
  return stereo([&](std::size_t) { return (random() & 1) != 0 ? 1.0 : -1.0; });
}

inline Signal white(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  return stereo([&](std::size_t) { return normal(random); });
}

/// Signs by chance whose level jumps every `length` samples, so that a limiter's gain never rests.
inline Signal jumps(std::uint32_t seed, std::size_t length) {
  std::mt19937 random(seed);
  double level = 1;
  return stereo([&](std::size_t i) {
    if (i % length == 0) level = std::pow(10, -2 * static_cast<double>(random() % 1000) / 1000);
    return (random() & 1) != 0 ? level : -level;
  });
}

/// The signs for which a filter reads most between two samples: twelve samples of full scale among
/// silence, every 500. `point` is where, in quarters of a sample: 1, 2 or 3.
inline Signal worst_signs(int point) {
  return stereo([=](std::size_t i) {
    const auto at = static_cast<int>(i % 500);
    if (at >= 12) return 0.0;
    const double t = std::numbers::pi * (at - 5 - point / 4.0);
    return std::sin(t) / t < 0 ? -1.0 : 1.0;
  });
}

inline std::vector<std::pair<std::string, Signal>> all() {
  std::vector<std::pair<std::string, Signal>> signals;
  signals.emplace_back("a sine of a quarter of the rate, 45 degrees",
                       sine(12000, std::numbers::pi / 4));
  for (const double f : {997.0, 5003.0, 11000.0, 14999.0, 19001.0, 21000.0})
    signals.emplace_back("a sine of " + std::to_string(f) + " Hz", sine(f, 0.7));
  for (const std::size_t period : {2, 4, 6, 8, 10, 16, 30, 100, 1000})
    signals.emplace_back("a square of " + std::to_string(period) + " samples", square(period));
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    signals.emplace_back("white noise " + std::to_string(seed), white(seed));
    signals.emplace_back("signs by chance " + std::to_string(seed), signs(seed));
  }
  for (const std::size_t length : {1, 7, 12, 40, 240, 2000})
    signals.emplace_back("jumps every " + std::to_string(length), jumps(3, length));
  for (const int point : {1, 2, 3})
    signals.emplace_back("the worst signs for point " + std::to_string(point), worst_signs(point));
  return signals;
}

/// dBTP, by libebur128.
inline double true_peak_db(const Signal& signal) {
  ebur128_state* state = ebur128_init(2, 48000, EBUR128_MODE_TRUE_PEAK);
  ebur128_add_frames_float(state, signal.data(), signal.size() / 2);
  const std::vector<float> rest(200);  // the filter's tail
  ebur128_add_frames_float(state, rest.data(), rest.size() / 2);
  double most = 0;
  for (const unsigned channel : {0U, 1U}) {
    double peak = 0;
    ebur128_true_peak(state, channel, &peak);
    most = std::max(most, peak);
  }
  ebur128_destroy(&state);
  return 20 * std::log10(most);
}

/// The signal at this true peak.
inline Signal at_peak(Signal signal, double peak_db) {
  const auto factor = static_cast<float>(std::pow(10, (peak_db - true_peak_db(signal)) / 20));
  for (float& x : signal) x *= factor;
  return signal;
}

}  // namespace hard

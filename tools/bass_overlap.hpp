// SPDX-License-Identifier: Apache-2.0
// How long the basses of two tracks are heard together in a join: for tools/joins.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "sound/frame.hpp"
#include "sound/levels.hpp"

namespace infinara::tools {

/// A bass counts down to so much below its own track's median.
inline constexpr double kBassFaded = 12;  // dB
/// A bass so far below all that is heard at the same time is none: another bass in the same
/// critical band covers it, and a filter of 24 dB an octave lets through as much of a note an
/// octave above.
inline constexpr double kBassHidden = 20;  // dB

/// Samples in a window.
inline constexpr std::int64_t kBassWindow = sound::kRate / 10;

/// Levels of interleaved stereo, both channels summed, dB, in windows of 100 ms.
struct BassLevels {
  std::vector<double> low;  // below 150 Hz, by a Linkwitz-Riley filter of 24 dB an octave
  std::vector<double> all;
};

inline BassLevels bass_levels_of(std::span<const std::int16_t> pcm) {
  BassLevels levels;
  const double w = std::tan(std::numbers::pi * 150 / sound::kRate);
  const double norm = 1 / (1 + std::numbers::sqrt2 * w + w * w);
  const double b = w * w * norm;
  const double a1 = 2 * (w * w - 1) * norm, a2 = (1 - std::numbers::sqrt2 * w + w * w) * norm;
  std::array<std::array<double, 2>, 2> states{};
  double low = 0, all = 0;
  const auto level = [](double sum) { return 10 * std::log10(sum / kBassWindow + 1e-3); };
  for (std::size_t i = 0; i + 1 < pcm.size(); i += 2) {
    double x = pcm[i] + pcm[i + 1];
    all += x * x;
    for (auto& [one, two] : states) {
      const double y = b * x + one;
      one = 2 * b * x - a1 * y + two;
      two = b * x - a2 * y;
      x = y;
    }
    low += x * x;
    if ((i / 2 + 1) % kBassWindow != 0) continue;
    levels.low.push_back(level(low));
    levels.all.push_back(level(all));
    low = all = 0;
  }
  return levels;
}

/// Seconds in which both basses are heard. `leaving` and `entering` are what is heard of the tracks
/// in the join, which begins and ends with them; `from` and `to` are the tracks by themselves.
inline double both_basses(std::span<const std::int16_t> from, std::span<const std::int16_t> to,
                          std::span<const std::int16_t> leaving,
                          std::span<const std::int16_t> entering) {
  std::vector<std::int16_t> mix(std::min(leaving.size(), entering.size()));
  for (std::size_t i = 0; i < mix.size(); ++i)
    mix[i] = static_cast<std::int16_t>(std::clamp(leaving[i] + entering[i], -32768, 32767));
  const auto own = [](std::span<const std::int16_t> track) {
    const auto levels = bass_levels_of(track).low;
    return levels.empty() ? 0.0 : sound::middle_of(levels);
  };
  const double own_out = own(from), own_in = own(to);
  const auto out = bass_levels_of(leaving).low, in = bass_levels_of(entering).low;
  const auto heard = bass_levels_of(mix).all;
  int windows = 0;
  for (std::size_t i = 0; i < heard.size(); ++i)
    windows += out[i] > std::max(own_out - kBassFaded, heard[i] - kBassHidden) &&
               in[i] > std::max(own_in - kBassFaded, heard[i] - kBassHidden);
  return static_cast<double>(windows * kBassWindow) / sound::kRate;
}

}  // namespace infinara::tools

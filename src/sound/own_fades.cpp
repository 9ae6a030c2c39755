// SPDX-License-Identifier: Apache-2.0
#include "sound/own_fades.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace infinara::sound {
namespace {

constexpr std::size_t kSecond = 10;           // windows of 100 ms
constexpr std::size_t kLongestOwnFade = 150;  // windows
constexpr double kCue = 0.25;                 // 6 dB below the level of the track, as power
constexpr double kFaded = 0.025;              // 16 dB
constexpr double kGate = 0.1;         // 10 dB below the mean: what is quieter is not its level
constexpr double kQuarterFall = 0.8;  // from a quarter to the next, 1 dB at least

/// The mean power of what is loud, as BS.1770 gates.
double level_of(const std::vector<double>& powers) {
  double mean = 0;
  for (const double p : powers) mean += p / static_cast<double>(powers.size());
  double sum = 0;
  double count = 0;
  for (const double p : powers) {
    if (p < mean * kGate) continue;
    sum += p;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

double mean_of(std::span<const double> powers) {
  double sum = 0;
  for (const double p : powers) sum += p;
  return sum / static_cast<double>(std::max<std::size_t>(powers.size(), 1));
}

/// How many windows at the end are a fade; the seconds of one are `powers` over kSecond.
std::size_t fade_at_end(std::span<const double> powers, double level) {
  const std::size_t size = powers.size();
  if (size < 3 * kSecond) return 0;
  if (mean_of(powers.last(kSecond / 2)) > level * kFaded) return 0;
  // The last second that still has the level.
  std::size_t length = 0;
  while (length <= kLongestOwnFade && length + kSecond <= size &&
         mean_of(powers.subspan(size - length - kSecond, kSecond)) < level * kCue)
    ++length;
  if (length < kSecond || length > kLongestOwnFade || length + kSecond > size) return 0;
  const std::span<const double> fade = powers.last(length);
  const std::size_t quarter = length / 4;
  for (std::size_t i = 0; i < 3; ++i)
    if (mean_of(fade.subspan((i + 1) * quarter, quarter)) >
        kQuarterFall * mean_of(fade.subspan(i * quarter, quarter)))
      return 0;
  return length;
}

}  // namespace

OwnFades own_fades_of(std::span<const float> levels) {
  std::vector<double> powers;
  powers.reserve(levels.size());
  for (const float level : levels)
    powers.push_back(std::pow(10.0, static_cast<double>(level) / 10));
  if (powers.empty()) return {};
  const double level = level_of(powers);
  OwnFades cues;
  cues.tail = static_cast<double>(fade_at_end(powers, level)) / kSecond;
  std::reverse(powers.begin(), powers.end());
  cues.head = static_cast<double>(fade_at_end(powers, level)) / kSecond;
  return cues;
}

}  // namespace infinara::sound

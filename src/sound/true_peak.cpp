// SPDX-License-Identifier: Apache-2.0
#include "sound/true_peak.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>

namespace infinara::sound {
namespace {

constexpr std::size_t kTaps = kPeakBefore + kPeakAfter;
constexpr std::size_t kPairs = kTaps / 2;
constexpr std::size_t kLanes = 4;
using Taps = std::array<double, kTaps>;

/// A sinc under a Hann window that reaches over all taps, made to pass a constant unchanged.
Taps taps_at(double where) {
  Taps taps{};
  double sum = 0;
  for (std::size_t i = 0; i < kTaps; ++i) {
    const double t = static_cast<double>(i) - (kPeakBefore - 1) - where;
    const double x = std::numbers::pi * t;
    const double window = 0.5 + 0.5 * std::cos(x / (kTaps / 2.0));
    taps[i] = std::sin(x) / x * window;
    sum += taps[i];
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

/// The filter by pairs of samples that lie as far from the gap's middle. The taps for the middle
/// are the same for both of a pair, and those for 3/4 are those for 1/4 mirrored, so that sums and
/// differences of the pairs serve for all three points.
struct Filter {
  Filter() {
    const Taps at_quarter = taps_at(0.25), at_half = taps_at(0.5);
    for (std::size_t i = 0; i < kPairs; ++i) {
      const std::size_t mirror = kTaps - 1 - i;
      half[i] = static_cast<float>(at_half[i]);
      even[i] = static_cast<float>((at_quarter[i] + at_quarter[mirror]) / 2);
      odd[i] = static_cast<float>((at_quarter[i] - at_quarter[mirror]) / 2);
    }
  }
  std::array<float, kPairs> half{}, even{}, odd{};
};

/// Four floats that the compiler calculates with at once, on any machine.
using Four = float __attribute__((vector_size(16)));

Four load(const float* from) {
  Four out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
Four magnitude(Four x) {
  return x < 0 ? -x : x;
}
Four larger(Four a, Four b) {
  return a < b ? b : a;
}

/// Four gaps from `first`, the oldest sample that the filter sees of the first gap.
Four four_gaps(const Filter& filter, const float* first, std::size_t step) {
  Four half{}, even{}, odd{};
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    const Four a = load(first + pair * step);
    const Four b = load(first + (kTaps - 1 - pair) * step);
    half += filter.half[pair] * (a + b);
    even += filter.even[pair] * (a + b);
    odd += filter.odd[pair] * (a - b);
  }
  // The larger of |even + odd| and |even - odd| is |even| + |odd|.
  return larger(magnitude(half), magnitude(even) + magnitude(odd));
}

float one_gap(const Filter& filter, const float* first, std::size_t step) {
  float half = 0, even = 0, odd = 0;
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    const float a = first[pair * step];
    const float b = first[(kTaps - 1 - pair) * step];
    half += filter.half[pair] * (a + b);
    even += filter.even[pair] * (a + b);
    odd += filter.odd[pair] * (a - b);
  }
  return std::max(std::abs(half), std::abs(even) + std::abs(odd));
}

}  // namespace

void peaks_between(const float* x, std::size_t step, std::size_t count, float* peaks) {
  static const Filter filter;
  const float* first = x - (kPeakBefore - 1) * step;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Four four = four_gaps(filter, first + i, step);
    std::memcpy(peaks + i, &four, sizeof four);
  }
  for (; i < count; ++i) peaks[i] = one_gap(filter, first + i, step);
}

float peak_of(const float* x, std::size_t count) {
  Four most{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) most = larger(most, magnitude(load(x + i)));
  float peak = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) peak = std::max(peak, most[lane]);
  for (; i < count; ++i) peak = std::max(peak, std::abs(x[i]));
  return peak;
}

}  // namespace infinara::sound

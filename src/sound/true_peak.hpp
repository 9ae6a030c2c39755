// SPDX-License-Identifier: Apache-2.0
// The wave between the samples as a converter would draw it, by the method of ITU-R BS.1770-4,
// annex 2: oversampled four times, each point from the twelve samples around it.
#pragma once

#include <cstddef>

namespace infinara::sound {

/// How many samples before and after a gap the filter needs to see what is in it.
inline constexpr std::size_t kPeakBefore = 6;
inline constexpr std::size_t kPeakAfter = 6;

/// The sum of the magnitudes of the filter's taps, 1.8625, rounded up: no point is higher than this
/// times the largest of the twelve samples around it.
inline constexpr float kMostOvershoot = 1.8626F;

/// For each gap i of `count`: peaks[i] is the largest magnitude at 1/4, 1/2 and 3/4 of the way from
/// x[i] to x[i + step]. `step` is the number of interleaved channels. Reads x[-5 * step] to
/// x[count - 1 + 6 * step].
void peaks_between(const float* x, std::size_t step, std::size_t count, float* peaks);

/// The largest magnitude of `count` samples.
float peak_of(const float* x, std::size_t count);

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// The wave between the samples, as a converter would draw it: four points a sample, each from the
// twelve samples around it (the method of ITU-R BS.1770-4, annex 2).
#pragma once

#include <cstddef>

namespace infinara::sound {

/// How many samples before and after a gap one needs to see what is in it.
inline constexpr std::size_t kPeakBefore = 6;
inline constexpr std::size_t kPeakAfter = 6;

/// The largest magnitude at 1/4, 1/2 and 3/4 of the way from x[0] to x[1]. Reads x[-5] to x[6].
float peak_between(const float* x);

/// Between samples the wave may be this much higher than at both ends; more occurs in test signals
/// only. Whoever looks for peaks above p may pass over samples below p / kOvershoot.
inline constexpr float kOvershoot = 1.5F;

}  // namespace infinara::sound

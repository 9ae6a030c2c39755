// SPDX-License-Identifier: Apache-2.0
// How loud the station is, and what counts as silence on air.
#pragma once

namespace infinara::sound {

inline constexpr double kTargetLufs = -16;      // integrated, on air
inline constexpr double kTruePeakDb = -1.5;     // on air, dBTP
inline constexpr double kSilenceDb = -50;       // on air: RMS of 100 ms below it is silence
inline constexpr double kLongestSilence = 0.7;  // seconds of it are more than a listener may hear

}  // namespace infinara::sound

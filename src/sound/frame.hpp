// SPDX-License-Identifier: Apache-2.0
// The one format in which Infinara hears: 48 kHz, stereo, signed 16 bit, interleaved, in frames of
// 20 ms.
#pragma once

#include <cmath>
#include <cstdint>

namespace infinara::sound {

inline constexpr int kRate = 48000;                      // samples a second and channel
inline constexpr int kChannels = 2;                      // left, right, interleaved
inline constexpr int kFrame = 960;                       // samples a channel in one frame
inline constexpr int kFrameValues = kFrame * kChannels;  // int16 values in one frame
inline constexpr int kFrameBytes = kFrameValues * 2;
inline constexpr std::int64_t kFrameNs = 20'000'000;  // a frame's length, nanoseconds

static_assert(std::int64_t{kFrame} * 1'000'000'000 == kFrameNs * kRate);

/// Samples a channel in `seconds`, rounded to the nearest.
inline std::int64_t samples_from_seconds(double seconds) {
  return std::llround(seconds * kRate);
}

/// Nanoseconds of a position counted in samples, rounded down; exact at every frame border. In two
/// parts, since samples times 10^9 would overflow after two days.
constexpr std::int64_t ns_from_samples(std::int64_t samples) {
  return samples / kRate * 1'000'000'000 + samples % kRate * 1'000'000'000 / kRate;
}

}  // namespace infinara::sound

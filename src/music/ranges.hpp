// SPDX-License-Identifier: Apache-2.0
// The values that settings may take: said once, for options, API, elements and help alike.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace infinara::music {

template <class T>
struct Range {
  T low, high;

  /// False for NaN.
  constexpr bool contains(double value) const { return value >= low && value <= high; }
};

inline constexpr Range<int> kTrackDurations{5, 3600};          // seconds
inline constexpr Range<double> kCrossfades{0, 60};             // seconds
inline constexpr Range<double> kDwells{1, 7 * 24 * 3600};      // seconds
inline constexpr Range<int> kTracksAhead{1, 20};               // ready beside the one on air
inline constexpr Range<std::int64_t> kSeeds{-1, 0xffff'ffff};  // -1: another one each time

// What ACE-Step takes. 0 leaves the last three to its model.
inline constexpr Range<int> kMadeElsewhere{10, 600};  // seconds
inline constexpr std::array<std::string_view, 3> kAudioFormats{"flac", "mp3", "wav"};
inline constexpr Range<int> kInferenceSteps{0, 200};
inline constexpr Range<double> kGuidanceScales{0, 30};
inline constexpr Range<double> kShifts{0, 10};

}  // namespace infinara::music

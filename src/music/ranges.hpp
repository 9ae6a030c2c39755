// SPDX-License-Identifier: Apache-2.0
// What may be wished for: said once, for options, API, elements and help alike.
#pragma once

namespace infinara::music {

template <class T>
struct Range {
  T low, high;

  /// False for NaN.
  constexpr bool contains(double value) const { return value >= low && value <= high; }
};

inline constexpr Range<int> kTrackDurations{5, 3600};  // seconds
inline constexpr Range<double> kCrossfades{0, 60};     // seconds
/// What ACE-Step makes, seconds.
inline constexpr Range<int> kMadeElsewhere{10, 600};

}  // namespace infinara::music

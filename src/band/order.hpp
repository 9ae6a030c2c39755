// SPDX-License-Identifier: Apache-2.0
// What a caller orders from the house band, and its limits.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace infinara::band {

inline constexpr int kBpmLow = 40, kBpmHigh = 220;
inline constexpr double kShortest = 1, kLongest = 3600;  // seconds

inline constexpr double kOwnEnergy = -1;  // the band's own choice

inline constexpr double kLengthTolerance = 0.08, kMostTolerance = 0.5;

struct BandOrder {
  std::string genre = "lofi hip hop";  // a name of music::kGenres
  std::uint32_t seed = 0;
  double duration = 90;  // seconds
  double bpm = 0;        // 0: the band's own choice
  std::string key = "";  // "A minor"; empty: the band's own choice
  /// A file. Empty: the best installed one. "none": only the band's own synthesiser.
  std::string soundfont = "";
  /// A style sheet in a file, in place of the one of the genre that is compiled in.
  std::string sheet = "";
  std::string only = "";  // debugging: one part's name or "drums"; the others stay silent
  /// How far the length may be from the duration, as a share of it, so that the form ends where it
  /// ends at the tempo that it has. 0: exact to the sample; the tempo is bent for it.
  double tolerance = kLengthTolerance;
  bool level = true;           // debugging: false bypasses the controllers of loudness and balance
  double energy = kOwnEnergy;  // 0 calm … 1 lively
  /// The sections in their order, as "intro,verse,chorus,break,chorus,outro": names of kTags.
  /// Empty: the form is drawn.
  std::string form = "";
};

/// An order that cannot be played; what() names the value and what is allowed.
struct OrderError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

}  // namespace infinara::band

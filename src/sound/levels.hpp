// SPDX-License-Identifier: Apache-2.0
// How loud a track is, 20 ms at a time: what joins are chosen by.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/fifo.hpp"
#include "sound/frame.hpp"
#include "sound/lowpass.hpp"

namespace infinara::sound {

/// The power of the low, mid and high band, weighted as ITU-R BS.1770 weighs them. 1 is a square
/// wave of one step of 16 bits in the mid band.
using BandPowers = std::array<double, 3>;

/// Of two tracks from the begin of a join to its end.
struct JoinPowers {
  std::vector<BandPowers> leaving, entering;
};

/// In samples: so much of a track has one BandPowers.
inline constexpr std::int64_t kBandStep = 960;

/// Power steps from one window of loudness to the next, 100 ms.
inline constexpr std::size_t kBetweenWindows = 5;

/// Measures the power in the bands of BandSplit, by shorter filters and fewer values: one step of a
/// track after the other.
class BandMeter {
 public:
  static constexpr std::int64_t kBefore = kBandStep;  // samples before the first step that count
  static constexpr std::int64_t kAhead = kBandStep;   // samples after a step that count

  BandMeter();

  /// Of the next step, which begins `from` samples behind the first that the FIFO holds; what it
  /// does not hold is silence.
  BandPowers next(const Fifo& fifo, std::int64_t from);

 private:
  void push(const Fifo& fifo, std::int64_t from);

  Line samples_;  // the step is the older half
  Line body_;     // below 2 kHz, at 6 kHz
  Line slow_;     // below 650 Hz, at 1.5 kHz
  Line bass_;     // of it what is below 250 Hz
  bool begun_ = false;
};

/// dB of windows of 400 ms, ten a second, made of powers of 20 ms.
std::vector<double> levels_of(std::span<const double> powers);

/// The middle one of `all`, which is not empty.
double middle_of(std::vector<double> all);

}  // namespace infinara::sound

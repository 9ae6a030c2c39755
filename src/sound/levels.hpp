// SPDX-License-Identifier: Apache-2.0
// How loud a track is, 20 ms at a time: what joins are chosen by.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/bands.hpp"
#include "sound/fifo.hpp"

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

/// Of the next step of a track, which begins `from` samples behind the first that the FIFO holds.
/// Steps follow each other, each split by the same bands.
BandPowers powers_of(BandSplit& bands, const Fifo& fifo, std::int64_t from);

/// dB of windows of 400 ms, ten a second, made of powers of 20 ms.
std::vector<double> levels_of(std::span<const double> powers);

/// The middle one of `all`, which is not empty.
double middle_of(std::vector<double> all);

}  // namespace infinara::sound

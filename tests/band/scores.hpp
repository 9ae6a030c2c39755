// SPDX-License-Identifier: Apache-2.0
// Scores for the tests of what the band composes.
#pragma once

#include <cstdint>

#include "band/composer.hpp"
#include "band/score.hpp"
#include "music/genre.hpp"

namespace infinara::band {

inline constexpr std::uint32_t kSeeds = 5;

inline Score score_of(const music::Genre& genre, std::uint32_t seed, double duration = 90,
                      double bpm = 0, const Key* key = nullptr,
                      double tolerance = kLengthTolerance) {
  return compose(*sheet_of(genre.name),
                 {seed, duration, bpm, genre.bpm_low, genre.bpm_high, key, tolerance});
}

}  // namespace infinara::band

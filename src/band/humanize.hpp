// SPDX-License-Identifier: Apache-2.0
// The score as it is played: ticks become blocks of time, with swing and the looseness of hands.
#pragma once

#include <cstdint>
#include <vector>

#include "band/score.hpp"

namespace infinara::band {

struct Event {
  std::uint32_t block = 0;  // when, in blocks of 64 samples
  bool on = false;          // at the same block notes end before others begin
  std::uint8_t part = 0;    // index of score.parts, or kDrums
  std::uint8_t pitch = 0;   // MIDI, or a Drum
  std::uint8_t velocity = 0;
};
inline constexpr std::uint8_t kDrums = 255;

/// All events of the track, by time.
std::vector<Event> perform(const Score& score, std::uint32_t seed);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// The validation of a finished track: from what was measured of it, whether it may go on air, how
// loud it then plays, and which silence and which fades of its own are left out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sound/defects.hpp"
#include "sound/loudness.hpp"
#include "sound/own_fades.hpp"

namespace infinara::sound {

/// What was measured of a track, decoded whole.
struct Measurements {
  double seconds = 0;
  int rate = 48000;
  int channels = 2;
  bool to_the_end = true;           // decoded without an error
  std::vector<float> levels;        // dBFS RMS of each 100 ms
  double loudness = -70;            // LUFS, integrated
  double rms = -120;                // dBFS of the whole
  double peak = -120;               // dBFS
  double true_peak = -120;          // dBTP
  double offset = 0;                // direct current, of full scale
  double clipped = 0;               // share of samples that stand at full scale
  std::uint64_t not_numbers = 0;    // NaN and infinite samples
  std::vector<Measure> measures{};  // of a DefectFinder
  double gap = 0;                   // seconds: the longest silence between sounds, to 5 ms
  double gap_at = 0;
};

struct Expected {
  double seconds = 0;      // as ordered; 0: any length
  double tolerance = 0.1;  // by how much of it a track may be shorter
  // Seconds at which who made it cuts off what was ordered longer; a track may be that short.
  std::span<const double> limits{};
};

struct Validation {
  bool ok = false;
  std::string reason{};  // why not, with the figure that tells
  double gain_db = 0;    // to the station's loudness, before the limiter
  double head = 0;       // seconds of silence to leave out
  double tail = 0;
  OwnFades fades{};  // of its own, to leave out besides
};

/// A track is refused for the first reason that applies.
Validation validate(const Measurements& measured, const Expected& expected);

}  // namespace infinara::sound

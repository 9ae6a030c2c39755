// SPDX-License-Identifier: Apache-2.0
// Form of a track: tempo and bars that fill the asked time, and sections.
#pragma once

#include "band/composer.hpp"
#include "band/score.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// Sets bpm, bars, duration, ring_seconds and end_tick: of an exact order so that bars and last
/// chord fill its duration, of any other so that whole fours of bars come near it.
void fit_tempo(Score& score, const ComposeRequest& request, music::Random& random);
/// Sets the sections: the first shape of the sheet made shorter, or a medley with the others, until
/// it has `bars`.
///
/// An ordered form has each of its sections; throws OrderError if they are more than its bars.
void fit_form(Score& score, const ComposeRequest& request, music::Random& random);

/// Seconds from the release of the last chord to the end of the track: its tail.
inline constexpr double kTail = 0.8;

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// Harmony of a track: each theme has changes that grow from those written in the sheet.
#pragma once

#include "band/score.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// Sets the chords of all bars and of the end; needs key and sections.
void lay_chords(Score& score, music::Random& random);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// How a track opens: who plays from the first bar, and who comes in after it.
#pragma once

#include "band/score.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// Draws an opening: all at once, or the drums with one other player for a bar or two before the
/// rest of the band comes in. Where bars are long it is one bar, and pads are there from the first.
/// A track without drums, or a short one, begins as it is written.
void open_up(Score& score, music::Random& random);

}  // namespace infinara::band

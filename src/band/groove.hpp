// SPDX-License-Identifier: Apache-2.0
// Rhythms of one track: the rows of a sheet are cells, of which each track makes rows of its own.
#pragma once

#include "band/sheet.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// Replaces the rows of players and drums, and the cells of tunes, by rows of this track: a cell
/// changed a little, in four bars of which the second and the fourth are varied. The first
/// step and accents stay; a note comes, goes, moves to a step nearby, becomes two, is shortened or
/// is held.
void make_grooves(Sheet& track, music::Random& random);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// The players of a track, their instruments and their room: drawn from all that a style sheet
// offers.
#pragma once

#include "band/sheet.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// The sheet in one of its metres: its own, or another with that one's rows, cells and fills.
Sheet in_its_metre(const Sheet& sheet, music::Random& random);

/// The sheet of one track: of each player, kit and room one, and the shape of its form first among
/// the shapes.
Sheet line_up(const Sheet& sheet, music::Random& random);

}  // namespace infinara::band

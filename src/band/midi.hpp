// SPDX-License-Identifier: Apache-2.0
// A score as a standard MIDI file.
#pragma once

#include <string>

#include "band/score.hpp"

namespace infinara::band {

/// The bytes of a file of type 1 with 96 ticks in a quarter note, those of the score: a track with
/// tempo, metre, key, sections and chords, one for each part that plays, and one for the drums.
/// Notes are where they are written, neither swung nor humanised. What our own voices play is given
/// the program of General MIDI that is nearest.
std::string to_midi(const Score& score);

}  // namespace infinara::band

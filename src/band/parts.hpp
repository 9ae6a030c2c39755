// SPDX-License-Identifier: Apache-2.0
// What each pitched player of the band plays over a score that has its sections and chords.
#pragma once

#include <array>
#include <cstdint>

#include "band/melody.hpp"
#include "band/score.hpp"

namespace infinara::band {

/// The tunes of a track, for the sections A to D.
using Tunes = std::array<Melody, 4>;

/// Fills the notes of score.parts[index]; parts that double another come after it.
void play_part(Score& score, std::size_t index, const Tunes& tunes, std::uint32_t seed);

/// Accompaniment that would cover the tune goes an octave down, or leaves the note out.
void make_room(Score& score);

/// Where bass and tune would go in parallel fifths or octaves the bass takes another tone of the
/// chord.
void part_ways(Score& score);

/// Whether it is a voice that people follow, or sings with one.
bool is_tune(Role role);

/// Whether a part plays in a section. Where a section was lifted, tunes go by the sheet's energy.
bool plays_in(const PartSheet& part, const Section& section);

}  // namespace infinara::band

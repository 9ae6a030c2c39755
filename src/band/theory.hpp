// SPDX-License-Identifier: Apache-2.0
// Modes and chords as numbers: pitch classes count semitones from C, intervals from a root.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "music/key.hpp"

namespace infinara::band {

using music::Key;
using music::Mode;

/// Of the pitch classes.
inline constexpr std::array<std::string_view, 12> kNoteNames{"C",  "C#", "D",  "Eb", "E",  "F",
                                                             "F#", "G",  "Ab", "A",  "Bb", "B"};

/// Bit i set: the pitch class i belongs to it.
using PitchSet = std::uint16_t;

/// A chord in a key without tonic: "ii7", "bVII", "V7b9/3".
struct Chord {
  std::string name;
  int root = 0;            // semitones above the tonic, 0 … 11
  std::vector<int> tones;  // semitones above the root, ascending from 0
  int bass = 0;            // semitones above the root, 0 … 11
};

/// A Roman numeral over the major scale of the tonic (minor keys write bIII, bVI, bVII); capitals
/// have a major third, small letters a minor one. Nothing if it cannot be read.
std::optional<Chord> parse_chord(std::string_view text);

PitchSet scale_of(Mode mode);       // relative to the tonic
PitchSet pentatonic_of(Mode mode);  // five of those seven
inline bool has(PitchSet set, int pitch_class) {
  return ((set >> (((pitch_class % 12) + 12) % 12)) & 1) != 0;
}
/// The pitch classes of the chord, relative to the tonic.
PitchSet tones_of(const Chord& chord);
/// The mode's scale bent so that the chord's tones belong to it and do not rub.
PitchSet scale_over(PitchSet scale, const Chord& chord);

}  // namespace infinara::band

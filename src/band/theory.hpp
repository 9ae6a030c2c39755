// SPDX-License-Identifier: Apache-2.0
// Keys, modes and chords as numbers: pitch classes count semitones from C, intervals from a root.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace infinara::band {

enum class Mode { kIonian, kDorian, kPhrygian, kLydian, kMixolydian, kAeolian };
inline constexpr std::array<std::string_view, 6> kModeNames{"ionian", "dorian",     "phrygian",
                                                            "lydian", "mixolydian", "aeolian"};

/// Of the pitch classes.
inline constexpr std::array<std::string_view, 12> kNoteNames{"C",  "C#", "D",  "Eb", "E",  "F",
                                                             "F#", "G",  "Ab", "A",  "Bb", "B"};

/// Bit i set: the pitch class i belongs to it.
using PitchSet = std::uint16_t;

struct Key {
  int tonic = 0;  // pitch class
  Mode mode = Mode::kIonian;
  bool operator==(const Key&) const = default;
};

/// A chord in a key without tonic: "ii7", "bVII", "V7b9/3".
struct Chord {
  std::string name;
  int root = 0;            // semitones above the tonic, 0 … 11
  std::vector<int> tones;  // semitones above the root, ascending from 0
  int bass = 0;            // semitones above the root, 0 … 11
};

std::optional<Mode> parse_mode(std::string_view text);
/// "A minor", "Am", "F# major", "Bb min", "C"; nothing if it is no key.
std::optional<Key> parse_key(std::string_view text);
/// What parse_key allows, for the message of an error.
inline constexpr std::string_view kKeyWords =
    "a note A to G with # or b, then major, minor or nothing: \"A minor\", \"F# major\", \"Bbm\"";
/// "A minor", "F# dorian".
std::string name_of(const Key& key);
bool is_minor(Mode mode);

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

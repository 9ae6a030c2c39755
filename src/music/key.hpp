// SPDX-License-Identifier: Apache-2.0
// Keys as people write them and as numbers: a tonic and a mode. Pitch classes count semitones from
// C.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace infinara::music {

enum class Mode { kIonian, kDorian, kPhrygian, kLydian, kMixolydian, kAeolian };

/// In the order of Mode. Keys say "major" for ionian and "minor" for aeolian.
inline constexpr std::array<std::string_view, 6> kModeNames{"ionian", "dorian",     "phrygian",
                                                            "lydian", "mixolydian", "aeolian"};

struct Key {
  int tonic = 0;  // pitch class
  Mode mode = Mode::kIonian;
  bool operator==(const Key&) const = default;
};

/// One of kModeNames, or nothing.
std::optional<Mode> parse_mode(std::string_view text);
/// "A minor", "Am", "F# major", "Bb min", "C", "D dorian"; nothing if it is no key.
std::optional<Key> parse_key(std::string_view text);
/// What parse_key reads, for the message of an error.
inline constexpr std::string_view kKeyWords =
    "a note A to G with # or b, then major, minor, a mode or nothing: \"A minor\", \"F# major\", "
    "\"Bbm\", \"D dorian\"";
/// "A minor", "F# dorian", in the spelling of its signature().
std::string key_name(Key key);

/// Whether its third is a minor one.
bool is_minor(Mode mode);
/// The major or minor key of the same tonic: A minor for A dorian.
Key plain(Key key);

/// Where the major scale with its notes lies on the circle of fifths, counted from C, 0 … 11.
int place_on_circle(Key key);

/// The accidentals of its key signature, sharps above 0 and flats below: the fewest that it can
/// have. Where six of either would do, a key with a minor third has flats and the others sharps.
int signature(Key key);

/// The seven notes of a key: bit 0 is C, bit 11 B.
std::uint16_t scale_of(Key key);

}  // namespace infinara::music

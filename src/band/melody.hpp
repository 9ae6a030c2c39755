// SPDX-License-Identifier: Apache-2.0
// Tunes: a motif of two bars is stated, answered, said again or climbed from, and brought home, so
// that a listener can hum it; returns are varied, solos begin with the motif and climb.
#pragma once

#include <vector>

#include "band/score.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// A tune without chords: when, how long, and how many scale steps from its unit's first note.
struct Theme {
  struct Tone {
    int tick = 0;  // from the begin of its unit
    int length = kStep;
    int rise = 0;
    bool strong = false;
    int accent = 0;
  };
  enum class Kind { kOwn, kAgain, kSequence };
  enum class End { kOpen, kBreath, kHome };  // a breath: a long tone and a rest
  /// How the long tone comes: on the first beat, after the tone above it, an eighth early, an
  /// eighth late, or with a turn around it.
  enum class Cadence { kPlain, kSuspended, kEarly, kLate, kTurned };
  struct Unit {
    Kind kind = Kind::kOwn;
    std::vector<Tone> tones;  // of its own
    int level = 0;            // own: semitones from the middle; a sequence: scale steps
    End end = End::kOpen;
    Cadence cadence = Cadence::kPlain;
  };
  std::vector<Unit> units;  // four of two bars each
};

/// A tune over chords, eight bars, not yet in a player's register.
struct Melody {
  struct Tone {
    int tick = 0;  // from its begin
    int length = kStep;
    int pitch = 72;
    bool strong = false;
    int accent = 0;
  };
  std::vector<Tone> tones;
  bool penta = false;
};

Theme make_theme(const Sheet& sheet, music::Random& random);

/// The theme over the chords from `first_bar` on; with the motif of `other` instead of its own if
/// that is given.
Melody sing(const Theme& theme, const Score& score, int first_bar, bool penta,
            const Melody* other = nullptr);

/// What a part plays of it in a section: the tune as it is, or the n-th return, each varied a
/// little; fitted to the chords that are there, in octaves of the part's range.
std::vector<Note> play_melody(const Melody& melody, const Score& score, const PartSheet& part,
                              const Section& section, int returns, music::Random& random);

/// A solo: begins with the motif, climbs to its highest at two thirds, about twice as dense.
std::vector<Note> play_solo(const Melody& melody, const Score& score, const PartSheet& part,
                            const Section& section, music::Random& random);

}  // namespace infinara::band

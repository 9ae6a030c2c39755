// SPDX-License-Identifier: Apache-2.0
// Tunes: a motif of two bars, said again, answered and closed, so that a listener can hum it.
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
    int velocity = 0;  // added to the part's
  };
  struct Unit {
    std::vector<Tone> tones;
    int level = 0;        // where it lies, semitones from the middle of the range
    bool closes = false;  // ends on the chord's root or third
  };
  std::vector<Unit> units;  // two bars each
};

Theme make_theme(const Sheet& sheet, music::Random& random);
/// A stretch of improvisation: units of fresh contour over rhythms that come in pairs.
Theme make_solo(const Sheet& sheet, music::Random& random, int bars);

/// The theme over `bars` bars of the score from `first_bar` on, in the range of `part`.
std::vector<Note> play_theme(const Theme& theme, const Score& score, const PartSheet& part,
                             int first_bar, int bars, bool last_closes);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// A composed track as data: form, chords and the notes of every part, on a grid of ticks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "band/sheet.hpp"
#include "music/track.hpp"

namespace infinara::band {

inline constexpr int kStep = 24;  // ticks in a sixteenth note

/// How much longer a beat lasts at the end of a ritardando than before it, as a share.
inline constexpr double kSlowing = 0.5;

struct Note {
  int tick = 0;
  int length = kStep;
  int pitch = 60;     // MIDI
  int velocity = 80;  // MIDI
  int strum = 0;      // place in a strummed chord, 0 = at once
};

struct Part {
  const PartSheet* sheet = nullptr;  // of the score's sheet
  std::vector<Note> notes;           // by tick
};

struct Hit {
  int tick = 0;
  Drum drum = Drum::kKick;
  int velocity = 96;
};

struct Section {
  std::string name;
  char theme = 'A';
  int first_bar = 0, bars = 0;
  double energy = 0.5;
  double written = 0.5;  // in the sheet; the tune goes by it where the rest was lifted
};

struct ChordSpan {
  int tick = 0, length = 0;
  Chord chord;
};

/// What a score refers to before it is composed.
const Sheet& no_sheet();

struct Score {
  std::shared_ptr<const Sheet> own;  // the sheet of this track, to which parts point
  const Sheet* sheet = &no_sheet();
  Key key;
  double bpm = 100;
  double swing = 0.5;  // share of a pair that its first note gets
  int bars = 0;        // before the last chord
  int end_tick = 0;    // where the last chord is struck
  Ending ending = Ending::kRing;
  int slow_tick = 0;        // where a ritardando begins; without one the last chord
  int leave_tick = 0;       // where the groove ends: there, or where it begins to fade
  double ring_seconds = 0;  // from the last chord to its release
  double duration = 0;      // seconds, all
  std::vector<Section> sections;
  std::vector<ChordSpan> chords;  // the last one is the final chord
  std::vector<Part> parts;        // in the order of the sheet
  std::vector<Hit> hits;

  int bar_ticks() const { return sheet->steps() * kStep; }
  double seconds_per_tick() const { return 60.0 / bpm / (4 * kStep); }
  /// When a tick is heard. After slow_tick each lasts longer than the one before, up to the last
  /// chord; that rings in tempo.
  double seconds_at(double tick) const;
  /// How much longer than in tempo a tick lasts there, 0 to kSlowing.
  double slowing_at(double tick) const;
  /// Where the beats are in its sound, and where its groove ends.
  music::BeatGrid beats() const;
  music::Sample end_of_groove() const;
  const ChordSpan& chord_at(int tick) const;
  const Section& section_at(int tick) const;
};

/// The score as text for people and tests: a line for the chords and one for each part of a bar.
std::string to_text(const Score& score);

}  // namespace infinara::band

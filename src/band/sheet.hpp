// SPDX-License-Identifier: Apache-2.0
// A style sheet: all that makes one genre differ from another, read from a text file of styles/.
// The grammar is explained in styles/README.md.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "band/theory.hpp"

namespace infinara::band {

/// A fault in a sheet; what() is "NAME:LINE: reason".
struct SheetError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One row of steps: 'X' accented, 'x' played, 'o' soft, '-' the note before goes on, '.' rest;
/// arpeggios have 1…9 (voice from below), basses R 3 5 7 8 a (approach to the next root).
struct Row {
  std::string steps;  // one bar or several
  double energy = 0;  // used from this energy on; among several the highest that fits
};

enum class Role {
  kComp,
  kPad,
  kArp,
  kBass,
  kWalk,
  kLead,
  kDouble,
  kCounter,
  kSolo,
  kDrone,
  kRiser,
  kImpact,
  kFall
};

/// As style sheets and scores name them, in the order of Role.
inline constexpr std::array<std::string_view, 13> kRoleNames{
    "comp",    "pad",  "arp",   "bass",  "walk",   "lead", "double",
    "counter", "solo", "drone", "riser", "impact", "fall"};

/// A player of the band.
struct PartSheet {
  std::string name;
  Role role = Role::kComp;
  int program = -1;    // GM program, or -1
  std::string preset;  // own voice if program is -1
  int low = 48, high = 72;
  double from = 0, to = 1;                   // section energies in which it plays
  std::vector<std::string> in;               // sections in which it plays; empty: all
  double gain = 0;                           // dB
  double pan = 0;                            // -1 … 1
  double reverb = 0, delay = 0, chorus = 0;  // sends, 0 … 1
  double lowpass = 0, highpass = 0;          // Hz, 0 = none
  double amp = 0;                            // 0 none … 1, how hard its amplifier is driven
  double sweep = 0;                          // octaves that a slow filter moves over
  double pump = 0;                           // 0 … 1, how far the kick pushes it down
  int velocity = 84;
  int voices = 4;
  bool rooted = false;  // the root is its lowest note, as on a guitar
  bool penta = false;   // melodies keep to five notes
  double strum = 0;     // ms between the strings
  double late = 0;      // ms behind the beat, negative = ahead
  double legato = 1;    // of the written length
  double release = 1;   // of the time a GM instrument takes to fall silent; each tail costs a voice
  double density = 1;   // melodies: share of the written notes that is played
  double chance = 1;    // 0 … 1, how often the band has this player at all
  std::vector<Row> rows;
  std::vector<PartSheet> others;  // who may come instead
};

enum class Drum {
  kKick,
  kSnare,
  kRim,
  kClap,
  kHat,
  kOpen,
  kRide,
  kCrash,
  kTomLow,
  kTomMid,
  kTomHigh,
  kShaker,
  kTambourine,
  kCowbell,
  kCongaLow,
  kCongaHigh,
  kBrush
};
inline constexpr std::array<std::string_view, 17> kDrumNames{
    "kick",       "snare",   "rim",      "clap",      "hat",     "open",
    "ride",       "crash",   "tomlow",   "tommid",    "tomhigh", "shaker",
    "tambourine", "cowbell", "congalow", "congahigh", "brush"};

/// Their keys in the percussion map of General MIDI.
inline constexpr std::array<int, 17> kDrumKeys{36, 38, 37, 39, 42, 46, 51, 49, 45,
                                               47, 50, 70, 54, 56, 64, 63, 40};

struct DrumRow {
  Drum drum = Drum::kKick;
  Row row;
};

struct Fill {
  std::string name;
  std::vector<DrumRow> rows;
};

struct DrumSheet {
  int program = -1;  // GM kit of bank 128, or -1
  std::string kit;   // own kit, and what stands in without a soundfont
  double gain = 0, reverb = 0, delay = 0, lowpass = 0, highpass = 0, drive = 0;
  int velocity = 96;
  double ornaments = 1;  // 0 … 2, how much the drummer adds to the rows
  double crash = 1;      // 0 … 1, how often a livelier section begins with one
  double build = 0;      // 0 … 1, how often a much livelier section is led up to by a roll
  std::vector<DrumRow> rows;
  std::vector<Fill> fills;
  std::vector<DrumSheet> others;  // kits that may stand there instead
};

struct Progression {
  Mode mode = Mode::kIonian;
  char theme = 'A';                      // A verse, B chorus or bridge
  std::vector<std::vector<Chord>> bars;  // chords share their bar evenly
};

struct SectionSheet {
  std::string name;
  char theme = 'A';
  int bars = 8;
  double energy = 0.5;
};

/// The words in which a form is ordered, whatever a sheet calls its sections.
enum class Tag { kIntro, kVerse, kChorus, kBridge, kBreak, kSolo, kOutro };
inline constexpr std::array<std::string_view, 7> kTags{"intro", "verse", "chorus", "bridge",
                                                       "break", "solo",  "outro"};

/// How a track ends: a last chord that rings, one that is cut off, or a fade.
enum class Ending { kRing, kCold, kFade };

/// How tracks begin and end.
struct EdgeSheet {
  double lift = 1;                      // 0 … 1, how far intro and outro are lifted to the groove
  double ring = 1, cold = 0, fade = 0;  // how often each ending is drawn
  double ritardando = 0;                // 0 … 1, how often a track that rings slows down before
};

/// How changes grow from the written ones; all 0 … 1.
struct HarmonySheet {
  double invent = 0.6;        // how often a theme's changes are new
  double split = 0.12;        // how often a bar goes on in two steps
  double hold = 0.12;         // how often changes come at half the pace
  double borrow = 0.08;       // how likely borrowed chords are beside the others
  double cadence = 0.35;      // how often a section ends on a chord that leads on
  double pedal = 0.1;         // how often a quiet section stands on the tonic
  double reharmonise = 0.35;  // how often a return has another chord
  double strict = 0;          // 1: no parallel fifths and octaves between bass and tune
};

struct EffectSheet {
  double reverb_seconds = 1.8, reverb_tone = 5000, reverb_level = 1;
  double early = 0.5;  // 0 … 1, how loud the first reflections are
  double delay_steps = 3, delay_feedback = 0.35, delay_tone = 3500, delay_level = 1;
  double delay_duck = 0.5;  // 0 … 1, how far echoes keep back while what they repeat is loud
  double wow = 0, crackle = 0, hiss = 0, air = 0;  // 0 … 1
  double saturation = 0;                           // 0 … 1
  double lowpass = 0, highpass = 28;               // Hz
  double width = 1;                                // 0 mono … 1.5
  double trim = 0;                                 // dB from the mix of the players to -16 LUFS
};

/// How the power of a track is shared between its bands: 20, 60, 120, 350, 1400, 4000 to 18000 Hz.
inline constexpr std::size_t kBalanceBands = 6;
struct BalanceSheet {
  std::array<double, kBalanceBands> db{};  // of the whole
  bool kept = false;                       // else left as it comes
};

/// Another metre in which a genre plays now and then, and what its players play there.
struct MetreSheet {
  int beats = 3;
  bool compound = false;
  double share = 0;                                            // 0 … 1, of the tracks
  std::vector<std::string> cells;                              // as those of the sheet
  std::vector<std::pair<std::string, std::vector<Row>>> rows;  // by part
  std::vector<DrumRow> drum_rows;
  std::vector<Fill> fills;
};

struct Sheet {
  std::string genre;
  std::vector<std::pair<Mode, double>> modes;  // with weights
  std::vector<int> tonics;                     // pitch classes it likes; empty: all
  int beats = 4;                               // quarter notes a bar
  bool compound = false;                       // counted in eighths, three to a beat: 6/8
  int swing_unit = 0;                          // 8 or 16, 0 = straight
  double swing_low = 0.5, swing_high = 0.5;    // share of the pair that the first note gets
  double human_ms = 4, human_velocity = 6, snare_late_ms = 0;
  double substitution = 0;  // how often a turnaround is a ii-V
  std::vector<Progression> progressions;
  std::vector<Progression> borrowed;  // chords of other modes, one a bar
  HarmonySheet harmony;
  EdgeSheet edges;
  std::vector<std::vector<SectionSheet>> shapes;  // forms, of which each track has one
  std::array<std::string, kTags.size()> tags;     // sections that tags mean; empty: of that name
  std::vector<std::string> cells;                 // one-bar melody rhythms
  std::vector<PartSheet> parts;
  DrumSheet drums;
  BalanceSheet balance;
  EffectSheet effects;
  std::vector<EffectSheet> rooms;  // effects that may stand there instead
  double spread = 1;               // 0 … 1, how far the own voices differ from track to track
  std::vector<MetreSheet> metres;  // of which a track may have one instead

  int steps() const { return beats * 4; }  // sixteenths a bar
  /// Sixteenths from one beat to the next.
  int beat_steps() const { return compound ? 6 : 4; }
  /// Sixteenths from one strong beat to the next: two beats, or all of a bar of three.
  int strong_steps() const { return compound ? 6 : beats == 3 ? 12 : 8; }
};

/// Reads and checks a sheet; `name` stands in the error.
Sheet parse_sheet(std::string_view name, std::string_view text);

/// The compiled-in sheet of a genre, parsed once; thread-safe. Null if there is none; throws
/// SheetError if it is broken.
const Sheet* sheet_of(std::string_view genre);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "onair/joins.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "music/mixing_rules.hpp"

namespace infinara::onair {
namespace {

/// In beats per minute, by `beat` or by the track's grid. Where the grid counts halves or thirds of
/// the beats that the track tells, as the eighths of 6/8, it is the tempo that the track tells.
std::string tempo_of(const music::Track& track, double beat = 0) {
  constexpr double kNear = 0.01;  // a tempo may be told in whole beats
  if (beat <= 0 && track.beats) beat = track.beats->beat;
  if (beat <= 0) return track.bpm ? std::to_string(std::lround(*track.bpm)) : "";
  const double counted = music::kSampleRate * 60 / beat;
  for (const int parts : {2, 3})
    if (track.bpm && std::abs(counted / parts / *track.bpm - 1) < kNear)
      return std::to_string(std::lround(*track.bpm));
  return std::to_string(std::lround(counted));
}

/// ", A minor to C major", ", A minor", or nothing.
std::string keys_of(const music::Track& from, const music::Track& to) {
  if (from.key.empty() || to.key.empty()) return "";
  return ", " + from.key + (from.key == to.key ? "" : " to " + to.key);
}

/// ", bass handed over after bar 4", or nothing.
std::string bass_of(const sound::Edit& edit) {
  if (!edit.bands || edit.bars < 2) return "";
  const auto all = static_cast<double>(edit.fade.delay + edit.fade.length);
  const auto gone = static_cast<double>(edit.bands->low.delay + edit.bands->low.length);
  return ", bass handed over after bar " +
         std::to_string(std::lround(gone / all * edit.bars - 0.5));
}

}  // namespace

sound::Cues cues_of(const music::Track& track) {
  sound::Cues cues;
  if (track.beats)
    cues.grid = {static_cast<double>(track.beats->first_downbeat), track.beats->beat,
                 track.beats->beats_per_bar};
  cues.out = track.cue_out;
  if (const auto key = music::parse_key(track.key)) cues.scale = music::scale_of(*key);
  return cues;
}

int fifths_between(const music::Track& from, const music::Track& to) {
  const auto one = music::parse_key(from.key), other = music::parse_key(to.key);
  return one && other ? music::fifths_between(*one, *other) : -1;
}

std::string words_of(const Join& join) {
  char text[160];
  std::snprintf(text, sizeof text, "loudness %+.1f to %+.1f dB, basses together %.1f s", join.dip,
                join.rise, join.basses);
  std::string words = text;
  if (join.beats_apart >= 0)
    words += ", beats " + std::to_string(std::lround(join.beats_apart)) + " ms apart";
  if (join.fifths >= 0)
    words += ", keys " + std::to_string(join.fifths) +
             (join.fifths == 1 ? " fifth apart" : " fifths apart");
  return words;
}

std::string words_of(const sound::Edit& edit, const music::Track& from, const music::Track& to) {
  const std::string tempo = tempo_of(from, edit.beat), other = tempo_of(to);
  const std::string bars =
      std::to_string(edit.bars) + (edit.bars == 1 ? " bar" : " bars") + " at " + tempo;
  const std::string keys = keys_of(from, to);
  const std::string bass = bass_of(edit);
  switch (edit.fit) {
    case sound::Fit::kBars:
      return bars + " bpm" + keys + bass;
    case sound::Fit::kTempo:
      if (other == tempo) return bars + " bpm to another metre" + keys + bass;
      return bars + (other.empty() ? " bpm to another tempo" : " to " + other + " bpm") + keys +
             bass;
    case sound::Fit::kKey:
      return bars + " bpm" + keys + ", which rub" + bass;
    case sound::Fit::kNoGrid:
      return edit.bars > 0 ? bars + " bpm, the next track's beats are not known"
                           : "a crossfade, the beats are not known";
    case sound::Fit::kLate:
      return "a crossfade, there was no whole bar left";
    case sound::Fit::kSkip:
      return edit.beat > 0 ? "a skip on a beat" : "a skip";
    case sound::Fit::kPlain:
      break;
  }
  return "";
}

}  // namespace infinara::onair

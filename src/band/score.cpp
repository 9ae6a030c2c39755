// SPDX-License-Identifier: Apache-2.0
#include "band/score.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace infinara::band {

const Sheet& no_sheet() {
  static const Sheet none;
  return none;
}

double Score::slowing_at(double tick) const {
  if (tick <= slow_tick || tick >= end_tick) return 0;
  return kSlowing * (tick - slow_tick) / (end_tick - slow_tick);
}

double Score::seconds_at(double tick) const {
  double later = 0;  // in ticks
  if (tick >= end_tick)
    later = kSlowing * (end_tick - slow_tick) / 2;
  else if (tick > slow_tick)
    later = slowing_at(tick) * (tick - slow_tick) / 2;
  return (tick + later) * seconds_per_tick();
}

/// Of 6/8 the eighths are told, six to a bar.
music::BeatGrid Score::beats() const {
  const unsigned in_quarter = sheet->compound ? 2 : 1;
  return {.beat = music::kSampleRate * 60 / bpm / in_quarter,
          .beats_per_bar = static_cast<unsigned>(sheet->beats) * in_quarter};
}

music::Sample Score::end_of_groove() const {
  return std::llround(leave_tick * seconds_per_tick() * music::kSampleRate);
}

const ChordSpan& Score::chord_at(int tick) const {
  const auto after = std::ranges::upper_bound(chords, tick, {}, &ChordSpan::tick);
  return after == chords.begin() ? chords.front() : *std::prev(after);
}

const Section& Score::section_at(int tick) const {
  const int bar = tick / (sheet->steps() * kStep);
  const auto after = std::ranges::upper_bound(sections, bar, {}, &Section::first_bar);
  return after == sections.begin() ? sections.front() : *std::prev(after);
}

std::string to_text(const Score& score) {
  const int bar = score.sheet->steps() * kStep;
  char line[160];
  std::snprintf(line, sizeof line, "%s in %s, %.2f bpm, %d bars, last chord at %.2f s of %.2f s\n",
                score.sheet->genre.c_str(), key_name(score.key).c_str(), score.bpm, score.bars,
                score.seconds_at(score.end_tick), score.duration);
  std::string text = line;
  for (const Section& s : score.sections) {
    std::snprintf(line, sizeof line, "[%s] theme %c, bars %d-%d, energy %.2f\n", s.name.c_str(),
                  s.theme, s.first_bar + 1, s.first_bar + s.bars, s.energy);
    text += line;
    for (int b = s.first_bar; b < s.first_bar + s.bars; ++b) {
      text += "  " + std::to_string(b + 1) + ":";
      for (const ChordSpan& c : score.chords)
        if (c.tick / bar == b && c.tick < score.end_tick) text += " " + c.chord.name;
      text += "\n";
      for (const Part& part : score.parts) {
        std::string row;
        for (const Note& n : part.notes) {
          if (n.tick / bar != b || n.tick >= score.end_tick) continue;
          std::snprintf(line, sizeof line, " %g:%s%d", n.tick % bar / static_cast<double>(kStep),
                        kNoteNames[static_cast<std::size_t>(n.pitch % 12)].data(),
                        n.pitch / 12 - 1);
          row += line;
        }
        if (!row.empty()) text += "     " + part.sheet->name + row + "\n";
      }
    }
  }
  if (!score.chords.empty()) text += "  end: " + score.chords.back().chord.name + "\n";
  return text;
}

}  // namespace infinara::band

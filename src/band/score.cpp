// SPDX-License-Identifier: Apache-2.0
#include "band/score.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "band/arranger.hpp"
#include "band/drummer.hpp"
#include "band/players.hpp"

namespace infinara::band {

const ChordSpan& Score::chord_at(int tick) const {
  const auto after = std::ranges::upper_bound(chords, tick, {}, &ChordSpan::tick);
  return after == chords.begin() ? chords.front() : *std::prev(after);
}

const Section& Score::section_at(int tick) const {
  const int bar = tick / (sheet->steps() * kStep);
  const auto after = std::ranges::upper_bound(sections, bar, {}, &Section::first_bar);
  return after == sections.begin() ? sections.front() : *std::prev(after);
}

namespace {

/// Everyone plays softer where little happens and harder where much does.
void add_dynamics(Score& score) {
  constexpr double kVelocityPerEnergy = 20, kUsual = 0.65;
  const auto more = [&](int tick) {
    return static_cast<int>(
        std::lround((score.section_at(tick).energy - kUsual) * kVelocityPerEnergy));
  };
  for (Part& part : score.parts)
    for (Note& note : part.notes)
      note.velocity = std::clamp(note.velocity + more(note.tick), 1, 127);
  for (Hit& hit : score.hits) hit.velocity = std::clamp(hit.velocity + more(hit.tick), 1, 127);
}

}  // namespace

Score compose(const Sheet& sheet, const Wish& wish) {
  Score score;
  score.sheet = &sheet;
  Dice dice(wish.seed, "plan");
  if (wish.key != nullptr) {
    score.key = *wish.key;
  } else {
    std::vector<double> weights;
    for (const auto& mode : sheet.modes) weights.push_back(mode.second);
    score.key.mode = sheet.modes[dice.weighted(weights)].first;
    score.key.tonic = sheet.tonics.empty() ? dice.below(12) : dice.pick(sheet.tonics);
  }
  score.swing = sheet.swing_low + (sheet.swing_high - sheet.swing_low) * dice.unit();
  Dice tempo(wish.seed, "tempo");
  fit_tempo(score, wish, tempo);
  fit_form(score);
  Dice chords(wish.seed, "chords");
  lay_chords(score, chords);

  Dice tune(wish.seed, "tune");
  Tunes tunes;
  tunes.a = make_theme(sheet, tune);
  tunes.b = make_theme(sheet, tune);
  for (const PartSheet& part : sheet.parts) score.parts.push_back({&part, {}});
  for (std::size_t i = 0; i < score.parts.size(); ++i) play_part(score, i, tunes, wish.seed);
  play_drums(score, wish.seed);
  add_dynamics(score);
  return score;
}

std::string to_text(const Score& score) {
  const int bar = score.sheet->steps() * kStep;
  char line[160];
  std::snprintf(line, sizeof line, "%s in %s, %.2f bpm, %d bars, last chord at %.2f s of %.2f s\n",
                score.sheet->genre.c_str(), name_of(score.key).c_str(), score.bpm, score.bars,
                score.end_tick * score.seconds_per_tick(), score.duration);
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
  text += "  end: " + score.chords.back().chord.name + "\n";
  return text;
}

}  // namespace infinara::band

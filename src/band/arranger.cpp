// SPDX-License-Identifier: Apache-2.0
#include "band/arranger.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::band {

void fit_tempo(Score& score, const ComposeRequest& request, music::Random& random) {
  const int beats = score.sheet->beats;
  const double middle = (request.bpm_low + request.bpm_high) / 2.0;
  const double reach = (request.bpm_high - request.bpm_low) / 2.0;
  double bpm = request.bpm > 0 ? request.bpm
                               : middle + reach * std::clamp(random.normal() * 0.45, -0.9, 0.9);
  // The last chord sounds for two beats or so.
  const double hold = std::clamp(120.0 / bpm, 1.0, 1.8);
  const double room = request.duration - kTail - hold;
  const auto bpm_for = [&](int bars) { return bars * beats * 60.0 / room; };
  int bars = static_cast<int>(std::floor(room * bpm / 60 / beats));
  if (request.bpm <= 0 && room > 0) {
    // The tempo may be ours: one at which whole bars, fours of them if it can be, fill the room.
    int best = 0;
    double least = 1e9;
    for (int n = std::max(1, bars - 6); n <= bars + 6; ++n) {
      if (bpm_for(n) < request.bpm_low || bpm_for(n) > request.bpm_high) continue;
      const double cost = std::abs(bpm_for(n) / bpm - 1) * 30 + (n % 4 == 0   ? 0
                                                                 : n % 2 == 0 ? 0.8
                                                                              : 2.5);
      if (cost < least) {
        least = cost;
        best = n;
      }
    }
    if (best > 0) {
      bars = best;
      bpm = bpm_for(best);
    }
  }
  score.bars = std::max(0, bars);
  score.bpm = bpm;
  score.duration = request.duration;
  score.end_tick = score.bars * score.sheet->steps() * kStep;
  score.ring_seconds =
      std::max(0.1, request.duration - kTail - score.end_tick * score.seconds_per_tick());
}

void fit_form(Score& score) {
  const auto& form = score.sheet->form;
  const int bars = score.bars;
  int intro = form.front().bars, outro = form.back().bars;
  if (bars < 24) intro = std::max(1, intro / 2), outro = std::max(1, outro / 2);
  if (bars < 12) intro = 0, outro = 0;
  int body_bars = 0;
  for (std::size_t i = 1; i + 1 < form.size(); ++i) body_bars += form[i].bars;
  const bool short_body = bars - intro - outro < body_bars * 6 / 10;

  int at = 0;
  const auto add = [&](const SectionSheet& from, int count) {
    score.sections.push_back({from.name, from.theme, at, count, from.energy});
    at += count;
  };
  if (intro > 0) add(form.front(), intro);
  for (std::size_t i = 1; at < bars - outro; i = i + 2 < form.size() ? i + 1 : 1) {
    const int room = bars - outro - at;
    int length = short_body && form[i].bars >= 8 ? form[i].bars / 2 : form[i].bars;
    length = std::min(length, room);
    if (room - length < 2) length = room;  // no section of one bar
    add(form[i], length);
  }
  if (outro > 0) add(form.back(), outro);
  if (score.sections.empty()) add(form.back(), 0);
}

void lay_chords(Score& score, music::Random& random) {
  const Sheet& sheet = *score.sheet;
  const auto choose = [&](char theme) {
    std::vector<const Progression*> fitting;
    for (const auto& p : sheet.progressions)
      if (p.mode == score.key.mode && p.theme == theme) fitting.push_back(&p);
    return random.pick(fitting);
  };
  const Progression& first = *choose('A');
  const Progression& second = *choose('B');
  const int bar_ticks = sheet.steps() * kStep;
  const bool minor = is_minor(score.key.mode);
  const std::vector<Chord> turnaround{*parse_chord(minor ? "iim7b5" : "ii9"),
                                      *parse_chord(minor ? "V7b9" : "V13")};
  for (std::size_t s = 0; s < score.sections.size(); ++s) {
    const Section& section = score.sections[s];
    const Progression& progression = section.theme == 'A' ? first : second;
    for (int b = 0; b < section.bars; ++b) {
      const auto* chords = &progression.bars[static_cast<std::size_t>(b) % progression.bars.size()];
      const bool last = b + 1 == section.bars && section.bars >= 4;
      const bool leads_home = s + 1 < score.sections.size() && score.sections[s + 1].theme == 'A' &&
                              first.bars[0][0].root == 0;
      if (last && leads_home && random.chance(sheet.substitution)) chords = &turnaround;
      const int length = bar_ticks / static_cast<int>(chords->size());
      for (std::size_t c = 0; c < chords->size(); ++c)
        score.chords.push_back({(section.first_bar + b) * bar_ticks + static_cast<int>(c) * length,
                                length, (*chords)[c]});
    }
  }
  Chord home = *parse_chord(minor ? "i" : "I");
  for (const Progression* p : {&second, &first})
    for (const auto& bar : p->bars)
      for (const auto& chord : bar)
        if (chord.root == 0 && chord.bass == 0 && chord.tones.size() > 1 &&
            (chord.tones[1] == 3) == minor &&
            std::ranges::find(chord.tones, 10) == chord.tones.end())
          home = chord;
  const int ring = static_cast<int>(score.ring_seconds / score.seconds_per_tick());
  score.chords.push_back({score.end_tick, std::max(1, ring), home});
}

}  // namespace infinara::band

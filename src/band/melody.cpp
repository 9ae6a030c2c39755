// SPDX-License-Identifier: Apache-2.0
#include "band/melody.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "band/voicing.hpp"

namespace infinara::band {

namespace {

struct Onset {
  int step, steps;
  bool strong;
  int velocity;
};

std::vector<Onset> onsets_of(const std::string& cell, int beat_steps) {
  std::vector<Onset> found;
  const int size = static_cast<int>(cell.size());
  for (int i = 0; i < size; ++i) {
    const char c = cell[static_cast<std::size_t>(i)];
    if (c == '-' || c == '.') continue;
    int end = i + 1;
    while (end < size && cell[static_cast<std::size_t>(end)] == '-') ++end;
    const bool strong =
        c == 'X' || (i % (2 * beat_steps) == 0 && end - i >= 2) || end - i >= beat_steps;
    found.push_back({i, end - i, strong, c == 'X' ? 8 : c == 'o' ? -10 : 0});
  }
  return found;
}

int notes_in(const std::string& cell) {
  return static_cast<int>(std::ranges::count_if(cell, [](char c) { return c != '-' && c != '.'; }));
}

/// How far the next tone lies from the one before, in scale steps; a leap is answered by a step
/// back.
int next_rise(int last_move, music::Random& random) {
  if (std::abs(last_move) >= 3) return last_move > 0 ? -1 : 1;
  constexpr std::array<int, 9> kMoves{0, 1, -1, 2, -2, 1, -1, 3, -3};
  constexpr std::array<double, 9> kUsual{0.10, 0.30, 0.34, 0.04, 0.05, 0.06, 0.07, 0.02, 0.02};
  std::array<double, 9> weights = kUsual;
  for (std::size_t i = 0; i < weights.size(); ++i)  // a direction once taken is kept a while
    if (last_move != 0 && (kMoves[i] > 0) == (last_move > 0) && kMoves[i] != 0) weights[i] *= 1.6;
  return kMoves[random.weighted(weights)];
}

Theme::Unit make_unit(const std::string& first, const std::string& second, int bar,
                      music::Random& random) {
  Theme::Unit unit;
  int rise = 0, move = 0;
  bool begun = false;
  for (int half = 0; half < 2; ++half)
    for (const Onset& o : onsets_of(half == 0 ? first : second, 4)) {
      if (begun) {
        move = next_rise(move, random);
        if (rise + move > 5 || rise + move < -5) move = -move;
        rise += move;
      }
      begun = true;
      unit.tones.push_back(
          {half * bar + o.step * kStep, o.steps * kStep, rise, o.strong, o.velocity});
    }
  return unit;
}

/// The last bar becomes one or two long notes: a breath.
void close(Theme::Unit& unit, int bar, bool root) {
  std::erase_if(unit.tones, [&](const Theme::Tone& t) { return t.tick > bar; });
  if (!unit.tones.empty() && unit.tones.back().tick == bar) unit.tones.pop_back();
  for (auto& tone : unit.tones) tone.length = std::min(tone.length, bar - tone.tick);
  const int rise = unit.tones.empty() ? 0 : std::clamp(unit.tones.back().rise, -3, 3);
  unit.tones.push_back({bar, bar * 5 / 8 / kStep * kStep, root ? 0 : rise, true, 2});
  unit.closes = root;
}

}  // namespace

Theme make_theme(const Sheet& sheet, music::Random& random) {
  const int bar = sheet.steps() * kStep;
  auto cells = sheet.cells;
  std::ranges::stable_sort(cells, std::greater{}, notes_in);
  const auto busy = static_cast<int>(cells.size() + 1) / 2;  // the livelier half opens the motif
  const auto pick = [&](int from, int to) {
    return cells[static_cast<std::size_t>(random.between(from, to))];
  };
  const int last = static_cast<int>(cells.size()) - 1;

  const std::string head = pick(0, busy - 1);
  const std::string tail = pick(std::min(busy, last), last);
  const Theme::Unit motif = make_unit(head, tail, bar, random);
  Theme::Unit contrast =
      make_unit(random.chance(0.5) ? head : pick(0, busy - 1), tail, bar, random);
  const int arch = random.between(2, 4);
  contrast.level = arch + 1;

  Theme theme;
  Theme::Unit answer = motif;  // the same rhythm, lower or higher, open at its end
  answer.level = random.chance(0.6) ? -arch / 2 : arch / 2;
  if (random.chance(0.5)) close(answer, bar, false);
  Theme::Unit end = motif;
  close(end, bar, true);
  theme.units = {motif, answer, random.chance(0.7) ? contrast : motif, end};
  return theme;
}

Theme make_solo(const Sheet& sheet, music::Random& random, int bars) {
  const int bar = sheet.steps() * kStep;
  Theme theme;
  std::string first, second;
  for (int i = 0; i < (bars + 1) / 2; ++i) {
    if (i % 2 == 0 || random.chance(0.3)) {
      first = random.pick(sheet.cells);
      second = random.pick(sheet.cells);
    }
    Theme::Unit unit = make_unit(first, second, bar, random);
    unit.level = random.between(-3, 3) + 4 * i / std::max(1, bars / 2);
    if (random.chance(0.35)) close(unit, bar, false);
    theme.units.push_back(unit);
  }
  close(theme.units.back(), bar, true);
  return theme;
}

std::vector<Note> play_theme(const Theme& theme, const Score& score, const PartSheet& part,
                             int first_bar, int bars, bool last_closes) {
  const int bar = score.sheet->steps() * kStep;
  const int tonic = score.key.tonic;
  const int middle = (part.low + part.high) / 2;
  const PitchSet base = part.penta ? pentatonic_of(score.key.mode) : scale_of(score.key.mode);
  std::vector<Note> notes;
  int last = middle;
  for (int at = 0; at < bars; at += 2) {
    const bool final_unit = at + 2 >= bars;
    const auto index = static_cast<std::size_t>(at / 2) % theme.units.size();
    // A section shorter than the theme still ends with the closing unit.
    const Theme::Unit& unit = final_unit && last_closes ? theme.units.back() : theme.units[index];
    const int unit_tick = (first_bar + at) * bar;
    const int unit_end = (first_bar + std::min(at + 2, bars)) * bar;
    int anchor = 0;
    for (std::size_t i = 0; i < unit.tones.size(); ++i) {
      const Theme::Tone& tone = unit.tones[i];
      const int tick = unit_tick + tone.tick;
      if (tick >= unit_end) break;
      const Chord& chord = score.chord_at(tick).chord;
      const PitchSet tones = tones_of(chord);
      const PitchSet scale = part.penta ? base : scale_over(base, chord);
      if (i == 0) {
        // So that neither its highest nor its lowest tone leaves the range.
        const auto [low, high] = std::ranges::minmax(unit.tones, {}, &Theme::Tone::rise);
        const int per_rise = part.penta ? 5 : 4;  // halves of a semitone
        const int floor = part.low - low.rise * per_rise / 2,
                  ceiling = part.high - high.rise * per_rise / 2;
        const int wish = std::clamp((2 * (middle + unit.level) + last) / 3,
                                    std::min(floor, ceiling), std::max(floor, ceiling));
        anchor = nearest_in(tones, tonic, wish);
        if (part.penta)
          anchor = nearest_in(
              has(base & tones, anchor - tonic) ? static_cast<PitchSet>(base & tones) : base, tonic,
              anchor);
      }
      int pitch = tone.rise == 0 ? nearest_in(scale, tonic, anchor)
                                 : walk(scale, tonic, nearest_in(scale, tonic, anchor), tone.rise);
      if (tone.strong || i == 0) {
        const PitchSet good =
            part.penta && (base & tones) != 0 ? static_cast<PitchSet>(base & tones) : tones;
        pitch = nearest_in(good, tonic, pitch);
      }
      if (unit.closes && i + 1 == unit.tones.size()) {
        // Home: the root or third of the chord, whichever is nearer to where the tune is.
        const int root = nearest((tonic + chord.root) % 12, last, part.low, part.high);
        const int third =
            nearest((tonic + chord.root + chord.tones[1]) % 12, last, part.low, part.high);
        pitch = std::abs(root - last) <= std::abs(third - last) + 1 ? root : third;
      }
      while (pitch > part.high + 2) pitch -= 12;
      while (pitch < part.low - 2) pitch += 12;
      if (pitch - last > 8) pitch = nearest_in(scale, tonic, last + 5);  // no wild leaps
      if (last - pitch > 8) pitch = nearest_in(scale, tonic, last - 5);
      // The same tones are left out whenever the theme returns.
      const int place = (tone.tick / kStep * 7 + static_cast<int>(i) * 3) % 10;
      if (!tone.strong && i != 0 && place >= part.density * 10) continue;
      const int length = std::min(static_cast<int>(tone.length * part.legato), unit_end - tick);
      const int velocity = part.velocity + tone.velocity + (tone.tick % (bar / 2) == 0 ? 4 : 0);
      notes.push_back({tick, std::max(length, kStep / 2), pitch, velocity, 0});
      last = pitch;
    }
  }
  return notes;
}

}  // namespace infinara::band

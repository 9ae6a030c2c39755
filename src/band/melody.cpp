// SPDX-License-Identifier: Apache-2.0
#include "band/melody.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>

#include "band/voicing.hpp"

namespace infinara::band {

namespace {

constexpr int kMiddle = 73;  // of the register in which tunes are made
constexpr int kThemeBars = 8;
using Tones = std::vector<Melody::Tone>;

struct Onset {
  int step, steps;
  bool strong;
  int accent;
};

std::vector<Onset> onsets_of(const std::string& cell, int strong_steps) {
  std::vector<Onset> found;
  const int size = static_cast<int>(cell.size());
  for (int i = 0; i < size; ++i) {
    const char c = cell[static_cast<std::size_t>(i)];
    if (c == '-' || c == '.') continue;
    int end = i + 1;
    while (end < size && cell[static_cast<std::size_t>(end)] == '-') ++end;
    const bool strong = c == 'X' || (i % strong_steps == 0 && end - i >= 2) || end - i >= 8;
    found.push_back({i, end - i, strong, c == 'X' ? 3 : c == 'o' ? -4 : 0});
  }
  return found;
}

int notes_in(const std::string& cell) {
  return static_cast<int>(std::ranges::count_if(cell, [](char c) { return c != '-' && c != '.'; }));
}

/// How far the next tone lies from the one before, in scale steps; a leap is answered by a step
/// back, and `pull` is where the line wants to go.
int next_rise(int last_move, int pull, music::Random& random) {
  if (std::abs(last_move) >= 3) return last_move > 0 ? -1 : 1;
  constexpr std::array<int, 9> kMoves{0, 1, -1, 2, -2, 1, -1, 3, -3};
  constexpr std::array<double, 9> kUsual{0.05, 0.30, 0.30, 0.07, 0.07, 0.06, 0.06, 0.035, 0.025};
  std::array<double, 9> weights = kUsual;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (kMoves[i] == 0) continue;
    if (last_move != 0 && (kMoves[i] > 0) == (last_move > 0)) weights[i] *= 1.5;
    if (pull != 0 && (kMoves[i] > 0) == (pull > 0)) weights[i] *= 1.9;
  }
  return kMoves[random.weighted(weights)];
}

/// Where a line goes: up and back, down and back, up, down, a wave.
int pull_of(int shape, int at, int count) {
  const bool first_half = at * 2 < count;
  switch (shape) {
    case 0:
      return first_half ? 1 : -1;
    case 1:
      return first_half ? -1 : 1;
    case 2:
      return 1;
    case 3:
      return -1;
    default:
      return at / 2 % 2 == 0 ? 1 : -1;
  }
}

Theme::Unit make_unit(const std::string& first, const std::string& second, const Sheet& sheet,
                      music::Random& random) {
  const int bar = sheet.steps() * kStep;
  Theme::Unit unit;
  int rise = 0, move = 0;
  const int shape = random.between(0, 4);
  const int count = notes_in(first) + notes_in(second);
  for (int half = 0; half < 2; ++half)
    for (const Onset& o : onsets_of(half == 0 ? first : second, sheet.strong_steps())) {
      if (!unit.tones.empty()) {
        move = next_rise(move, pull_of(shape, static_cast<int>(unit.tones.size()), count), random);
        if (rise + move > 6 || rise + move < -5) move = -move;
        rise += move;
      }
      unit.tones.push_back(
          {half * bar + o.step * kStep, o.steps * kStep, rise, o.strong, o.accent});
    }
  return unit;
}

PitchSet scale_at(const Score& score, const Chord& chord, bool penta) {
  return penta ? pentatonic_of(score.key.mode) : scale_over(scale_of(score.key.mode), chord);
}

/// Chord tones that the tune may rest on: of five notes those that the chord has, if any.
PitchSet rests_at(const Score& score, const Chord& chord, bool penta) {
  const PitchSet tones = tones_of(chord);
  if (!penta) return tones;
  const auto both = static_cast<PitchSet>(tones & pentatonic_of(score.key.mode));
  return both != 0 ? both : tones;
}

int fitted(const Score& score, int tick, int pitch, bool strong, bool penta) {
  const Chord& chord = score.chord_at(tick).chord;
  const int tonic = score.key.tonic;
  return nearest_in(strong ? rests_at(score, chord, penta) : scale_at(score, chord, penta), tonic,
                    pitch);
}

/// A tone that was said before stays as it is unless it rubs: then it moves to what fits.
int kept(const Score& score, int tick, int pitch, bool strong, bool penta) {
  const Chord& chord = score.chord_at(tick).chord;
  const int place = pitch - score.key.tonic;
  const PitchSet tones = tones_of(chord);
  const bool inside = has(scale_over(scale_of(score.key.mode), chord), place);
  const bool rubs = strong && !has(tones, place) && has(tones, place - 1);
  return inside && !rubs ? pitch : fitted(score, tick, pitch, strong, penta);
}

/// Not the tone before again: the next one up or down that fits as well.
int other_than(const Score& score, int tick, int last, bool strong, bool penta, int way) {
  const Chord& chord = score.chord_at(tick).chord;
  return walk(strong ? rests_at(score, chord, penta) : scale_at(score, chord, penta),
              score.key.tonic, last, way);
}

/// The last bar of a unit becomes a long tone that comes as the unit's cadence says: a breath, or
/// at home. An open end stays as it is.
void close(Tones& tones, const Score& score, int begin, int first_tick, const Theme::Unit& unit,
           bool penta) {
  using Cadence = Theme::Cadence;
  if (unit.end == Theme::End::kOpen) return;
  const int bar = score.sheet->steps() * kStep, eighth = 2 * kStep;
  const int rest = begin + bar;
  const int from = unit.cadence == Cadence::kEarly  ? rest - eighth
                   : unit.cadence == Cadence::kLate ? rest + eighth
                                                    : rest;
  const int stop = std::min(from, rest);  // of the tones before
  std::erase_if(tones, [&](const Melody::Tone& t) { return t.tick >= stop; });
  for (auto& tone : tones)
    if (tone.tick >= begin) tone.length = std::min(tone.length, stop - tone.tick);
  const int last = tones.empty() ? kMiddle : tones.back().pitch;
  const Chord& chord = score.chord_at(first_tick + rest).chord;
  const int tonic = score.key.tonic;
  int pitch = nearest_in(rests_at(score, chord, penta), tonic, last - 1);
  if (unit.end == Theme::End::kHome) {
    const int root = nearest((tonic + chord.root) % 12, last, 0, 127);
    const int third = nearest((tonic + chord.root + chord.tones[1]) % 12, last, 0, 127);
    pitch = std::abs(root - last) <= std::abs(third - last) + 1 ? root : third;
  }
  const int above = other_than(score, first_tick + rest, pitch, false, penta, 1);
  const int first = unit.cadence == Cadence::kSuspended ? above : pitch;
  if (first == last && !tones.empty() && tones.back().tick >= begin && tones.size() > 1)
    tones.back().pitch = other_than(score, first_tick + tones.back().tick, last, false, penta,
                                    last > kMiddle ? -1 : 1);
  const int whole = rest + bar * 5 / 8 / kStep * kStep - from;
  switch (unit.cadence) {
    case Cadence::kSuspended:
      tones.push_back({from, 2 * eighth, above, false, 3});
      tones.push_back({from + 2 * eighth, whole - 2 * eighth, pitch, true, 0});
      return;
    case Cadence::kTurned:
      tones.push_back({from, 2 * eighth, pitch, true, 1});
      tones.push_back({from + 2 * eighth, eighth, above, false, -1});
      tones.push_back({from + 3 * eighth, whole - 3 * eighth, pitch, true, 0});
      return;
    default:
      tones.push_back({from, whole, pitch, true, 1});
  }
}

}  // namespace

Theme make_theme(const Sheet& sheet, music::Random& random) {
  auto cells = sheet.cells;
  std::ranges::stable_sort(cells, std::greater{}, notes_in);
  const auto busy = static_cast<int>(cells.size() + 1) / 2;  // the livelier half opens the motif
  const auto pick = [&](int from, int to) {
    return cells[static_cast<std::size_t>(random.between(from, to))];
  };
  const int last = static_cast<int>(cells.size()) - 1;
  const std::string head = pick(0, busy - 1);
  const std::string tail = pick(std::min(busy, last), last);

  Theme theme;
  Theme::Unit motif = make_unit(head, tail, sheet, random);
  Theme::Unit answer;
  answer.kind = random.chance(0.35) ? Theme::Kind::kSequence : Theme::Kind::kAgain;
  constexpr std::array<int, 4> kAway{-2, -1, 1, 2};
  answer.level = kAway[random.below(4)];
  answer.end = random.chance(0.7) ? Theme::End::kBreath : Theme::End::kOpen;
  Theme::Unit third;
  if (random.chance(0.15)) {  // developed: the head of the motif, climbing to the highest tone
    third = make_unit(head, random.chance(0.5) ? head : tail, sheet, random);
    third.level = random.between(3, 6);
  } else if (random.chance(0.5)) {
    third.kind = Theme::Kind::kSequence;
    third.level = random.between(2, 3);
  } else {
    third.kind = Theme::Kind::kAgain;
  }
  Theme::Unit end;
  end.kind = Theme::Kind::kAgain;
  end.end = Theme::End::kHome;
  theme.units = {motif, answer, third, end};
  constexpr std::array<double, 5> kCadences{0.3, 0.25, 0.15, 0.15, 0.15};
  for (Theme::Unit& unit : theme.units)
    unit.cadence = static_cast<Theme::Cadence>(random.weighted(kCadences));
  return theme;
}

Melody sing(const Theme& theme, const Score& score, int first_bar, bool penta,
            const Melody* other) {
  const int bar = score.sheet->steps() * kStep, first_tick = first_bar * bar;
  const int tonic = score.key.tonic;
  Melody melody;
  melody.penta = penta;
  Tones motif;
  for (std::size_t u = 0; u < theme.units.size(); ++u) {
    const Theme::Unit& unit = theme.units[u];
    const int begin = static_cast<int>(u) * 2 * bar;
    const auto before = melody.tones.size();
    if (u == 0 && other != nullptr) {
      for (Melody::Tone tone : other->tones) {
        if (tone.tick >= 2 * bar) break;
        tone.pitch = kept(score, first_tick + tone.tick, tone.pitch, tone.strong, penta);
        melody.tones.push_back(tone);
      }
    } else if (unit.kind == Theme::Kind::kOwn) {
      int anchor = kMiddle + unit.level;
      int last = -1;
      for (std::size_t i = 0; i < unit.tones.size(); ++i) {
        const Theme::Tone& tone = unit.tones[i];
        const int tick = begin + tone.tick, at = first_tick + tick;
        const PitchSet scale = scale_at(score, score.chord_at(at).chord, penta);
        if (i == 0) anchor = fitted(score, at, anchor, true, penta);
        int pitch = tone.rise == 0
                        ? nearest_in(scale, tonic, anchor)
                        : walk(scale, tonic, nearest_in(scale, tonic, anchor), tone.rise);
        pitch = fitted(score, at, pitch, tone.strong || i == 0, penta);
        const bool meant = i > 0 && tone.rise == unit.tones[i - 1].rise;
        if (pitch == last && !meant)
          pitch = other_than(score, at, last, tone.strong, penta,
                             i > 0 && tone.rise < unit.tones[i - 1].rise ? -1 : 1);
        if (last >= 0 && pitch - last > 8) pitch = fitted(score, at, last + 5, tone.strong, penta);
        if (last >= 0 && last - pitch > 8) pitch = fitted(score, at, last - 5, tone.strong, penta);
        melody.tones.push_back({tick, tone.length, pitch, tone.strong, tone.accent});
        last = pitch;
      }
    } else {
      for (Melody::Tone tone : motif) {
        tone.tick += begin;
        const int at = first_tick + tone.tick;
        if (unit.kind == Theme::Kind::kSequence) {
          const PitchSet scale = scale_at(score, score.chord_at(at).chord, penta);
          tone.pitch = walk(scale, tonic, nearest_in(scale, tonic, tone.pitch), unit.level);
        }
        tone.pitch = kept(score, at, tone.pitch, tone.strong, penta);
        if (melody.tones.size() > before && melody.tones.back().pitch == tone.pitch &&
            unit.kind == Theme::Kind::kSequence)
          tone.pitch =
              other_than(score, at, tone.pitch, tone.strong, penta, unit.level > 0 ? 1 : -1);
        melody.tones.push_back(tone);
      }
    }
    if (u == 0) motif = melody.tones;
    close(melody.tones, score, begin, first_tick, unit, penta);
  }
  return melody;
}

namespace {

/// Changes one thing in the bar of a tune that returns; false if that kind of change has no place.
bool vary(Tones& tones, int begin, int bar, const Score& score, int first_tick, bool penta,
          music::Random& random) {
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < tones.size(); ++i)
    if (tones[i].tick >= begin && tones[i].tick < begin + bar) inside.push_back(i);
  if (inside.empty()) return false;
  const std::size_t i = random.pick(inside);
  Melody::Tone& tone = tones[i];
  const int next = i + 1 < tones.size() ? tones[i + 1].tick : begin + bar;
  const int way = random.chance(0.5) ? 1 : -1;
  switch (random.below(5)) {
    case 0: {  // a neighbour in the second half of a long tone
      if (tone.length < 4 * kStep) return false;
      Melody::Tone more = tone;
      const int half = tone.length / (2 * kStep) * kStep;
      more.tick += half;
      more.length -= half;
      more.strong = false;
      more.pitch = other_than(score, first_tick + more.tick, tone.pitch, false, penta, way);
      tone.length = half;
      tones.insert(tones.begin() + static_cast<std::ptrdiff_t>(i) + 1, more);
      return true;
    }
    case 1: {  // a passing tone to one a third or more away
      if (i + 1 == tones.size() || next - tone.tick < 2 * kStep) return false;
      const int away = tones[i + 1].pitch - tone.pitch;
      if (std::abs(away) < 3 || std::abs(away) > 7) return false;
      Melody::Tone more = tone;
      more.length = kStep * (next - tone.tick >= 4 * kStep ? 2 : 1);
      more.tick = next - more.length;
      more.strong = false;
      more.pitch =
          other_than(score, first_tick + more.tick, tone.pitch, false, penta, away > 0 ? 1 : -1);
      tone.length = std::min(tone.length, more.tick - tone.tick);
      if (tone.length <= 0) return false;
      tones.insert(tones.begin() + static_cast<std::ptrdiff_t>(i) + 1, more);
      return true;
    }
    case 2: {  // earlier than expected
      const int before = i > 0 ? tones[i - 1].tick : begin - bar;
      if (tone.tick - 2 * kStep <= std::max(before, begin)) return false;
      tone.tick -= 2 * kStep;
      tone.length += 2 * kStep;
      if (i > 0) tones[i - 1].length = std::min(tones[i - 1].length, tone.tick - before);
      return true;
    }
    case 3:  // left out
      if (inside.size() < 3 || tone.strong) return false;
      tones.erase(tones.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    default:  // another tone
      tone.pitch = other_than(score, first_tick + tone.tick, tone.pitch, tone.strong, penta, way);
      return true;
  }
}

/// By whole octaves to where the part sounds well: within its range, rather high in it.
int shift_for(const Tones& tones, const PartSheet& part) {
  int best = 0;
  double least = 1e9;
  for (int shift = -48; shift <= 48; shift += 12) {
    double cost = 0, mean = 0;
    for (const auto& tone : tones) {
      const int pitch = tone.pitch + shift;
      mean += pitch / static_cast<double>(tones.size());
      if (pitch < part.low - 2) cost += 4 + (part.low - pitch);
      if (pitch > part.high + 2) cost += 4 + (pitch - part.high);
    }
    cost += std::abs(mean - (part.low + 2 * part.high) / 3.0);
    if (cost < least) least = cost, best = shift;
  }
  return best;
}

/// Notes of a line, louder where it is higher and in the middle of its phrase.
std::vector<Note> voiced(const Tones& tones, const Score& score, const PartSheet& part,
                         const Section& section) {
  const int bar = score.sheet->steps() * kStep, first_tick = section.first_bar * bar;
  const int stop = section.bars * bar;
  std::vector<Note> notes;
  if (tones.empty()) return notes;
  const int shift = shift_for(tones, part);
  double mean = 0;
  for (const auto& tone : tones) mean += tone.pitch / static_cast<double>(tones.size());
  for (std::size_t i = 0; i < tones.size(); ++i) {
    const auto& tone = tones[i];
    // The same tones are left out whenever the theme returns.
    const int place = (tone.tick / kStep * 7) % 10;
    if (!tone.strong && i != 0 && place >= part.density * 10) continue;
    int pitch = tone.pitch + shift;
    while (pitch > part.high + 2) pitch -= 12;
    while (pitch < part.low - 2) pitch += 12;
    int end = tone.tick + std::max(kStep / 2, static_cast<int>(tone.length * part.legato));
    end = std::min(end, stop);
    if (i + 1 < tones.size()) end = std::min(end, tones[i + 1].tick);
    if (end <= tone.tick) continue;
    const int higher =
        static_cast<int>(std::lround(std::clamp(1.3 * (tone.pitch - mean), -13.0, 13.0)));
    const int within = tone.tick % (2 * bar);  // a phrase swells into its second bar
    const int arc = within < bar ? within * 4 / bar : 4 - (within - bar) * 6 / bar;
    notes.push_back({first_tick + tone.tick, end - tone.tick, pitch,
                     part.velocity + tone.accent + higher + arc, 0});
  }
  return notes;
}

/// What of the tune sounds in the section: its units in turn, the closing one at the end.
Tones laid_out(const Melody& melody, const Score& score, const Section& section) {
  const int bar = score.sheet->steps() * kStep, first_tick = section.first_bar * bar;
  Tones tones;
  for (int at = 0; at < section.bars; at += 2) {
    const int unit = at + 2 >= section.bars ? 3 : at / 2 % 4;
    const int until = std::min(at + 2, section.bars) * bar;
    for (Melody::Tone tone : melody.tones) {
      if (tone.tick < unit * 2 * bar || tone.tick >= (unit + 1) * 2 * bar) continue;
      tone.tick += (at - unit * 2) * bar;
      if (tone.tick >= until) continue;
      tone.pitch = kept(score, first_tick + tone.tick, tone.pitch, tone.strong, melody.penta);
      tones.push_back(tone);
    }
  }
  return tones;
}

}  // namespace

std::vector<Note> play_melody(const Melody& melody, const Score& score, const PartSheet& part,
                              const Section& section, int returns, music::Random& random) {
  const int bar = score.sheet->steps() * kStep, first_tick = section.first_bar * bar;
  Tones tones = laid_out(melody, score, section);
  const double each = static_cast<double>(std::max<std::size_t>(tones.size(), 1)) / section.bars;
  const double likely = std::clamp(4 / each, 0.5, 1.8);  // few tones are soon known by heart
  for (int b = 0; b < section.bars; ++b) {
    // The first return is known again; the tenth of a long track goes its own way.
    const int again = returns + b / kThemeBars;
    if (again == 0 || !random.chance(std::min(
                          0.95, likely * (0.04 + 0.14 * again + 0.07 * std::max(0, again - 3)))))
      continue;
    for (int change = 0; change < 1 + again / 3; ++change)
      for (int tries = 0; tries < 8; ++tries)
        if (vary(tones, b * bar, bar, score, first_tick, melody.penta, random)) break;
  }
  return voiced(tones, score, part, section);
}

std::vector<Note> play_solo(const Melody& melody, const Score& score, const PartSheet& part,
                            const Section& section, music::Random& random) {
  const int steps = score.sheet->steps(), bar = steps * kStep;
  const int first_tick = section.first_bar * bar;
  const double theme_density =
      static_cast<double>(melody.tones.size()) / kThemeBars;  // rests of whole bars count too
  const double wanted = std::clamp(2.7 * theme_density, 6.5, 0.8 * steps);
  const double filled = std::min(0.92, wanted / (steps / 2.0));  // of the eighths
  const double runs = std::clamp((wanted - steps / 2.0) / (steps / 2.0), 0.06, 0.6);  // sixteenths
  const Tones theme = laid_out(melody, score, section);
  Tones tones = theme;
  std::erase_if(tones, [&](const auto& t) { return t.tick >= 2 * bar || section.bars < 3; });
  int last = tones.empty() ? kMiddle : tones.back().pitch, way = 1;
  const int from = tones.empty() ? 0 : 2;
  for (int b = from; b < section.bars; ++b) {
    const double through = section.bars < 2 ? 1 : static_cast<double>(b) / (section.bars - 1);
    const double arc = through < 0.67 ? through / 0.67 : 1 - (through - 0.67) / 0.33;
    const int goal = kMiddle - 2 + static_cast<int>(std::lround(13 * arc));
    const bool breathes = b % 2 == 1 || b + 1 == section.bars;
    if (b % 4 == 0 && random.chance(0.6)) {  // remembers the theme
      std::ranges::copy_if(theme, std::back_inserter(tones),
                           [&](const auto& t) { return t.tick / bar == b; });
      if (!tones.empty()) last = tones.back().pitch;
      continue;
    }
    const int stop = breathes ? steps - 4 : steps;
    for (int s = b % 4 == 0 && random.chance(0.5) ? 2 : 0; s < stop; ++s) {
      const bool eighth = s % 2 == 0;
      if (!random.chance(eighth ? filled : runs)) continue;
      const int tick = b * bar + s * kStep, at = first_tick + tick;
      const bool strong = s % score.sheet->strong_steps() == 0;
      if (random.chance(std::abs(goal - last) > 5 ? 0.6 : 0.22)) way = goal > last ? 1 : -1;
      int pitch = other_than(score, at, last, strong, melody.penta, way);
      if (!strong && random.chance(0.12))
        pitch = walk(tones_of(score.chord_at(at).chord), score.key.tonic, pitch, way);
      if (std::abs(pitch - last) > 7)
        pitch = fitted(score, at, last + way * 3, strong, melody.penta);
      if (pitch == last) pitch = other_than(score, at, last, false, melody.penta, -way);
      tones.push_back({tick, (eighth ? 2 : 1) * kStep, pitch, strong, strong ? 2 : 0});
      last = pitch;
    }
    if (!breathes || tones.empty() || tones.back().tick < b * bar) continue;
    Melody::Tone& end = tones.back();  // the phrase rests on a tone of the chord
    end.pitch = fitted(score, first_tick + end.tick, end.pitch, true, melody.penta);
    end.length = std::max(end.length, 3 * kStep);
    end.strong = true;
    last = end.pitch;
  }
  return voiced(tones, score, part, section);
}

}  // namespace infinara::band

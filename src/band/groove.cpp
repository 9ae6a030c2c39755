// SPDX-License-Identifier: Apache-2.0
#include "band/groove.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace infinara::band {

namespace {

bool is_note(char c) {
  return c != '.' && c != '-';
}

std::vector<int> notes_of(const std::string& bar) {
  std::vector<int> found;
  for (std::size_t i = 0; i < bar.size(); ++i)
    if (is_note(bar[i])) found.push_back(static_cast<int>(i));
  return found;
}

char& step(std::string& bar, int at) {
  return bar[static_cast<std::size_t>(at)];
}

/// Those of the notes that may move or go.
std::vector<int> loose(const std::string& bar) {
  std::vector<int> found;
  for (const int at : notes_of(bar))
    if (at != 0 && bar[static_cast<std::size_t>(at)] != 'X') found.push_back(at);
  return found;
}

/// Where no note begins; a beat twice and off-beat eighths four times, as they are likelier. `beat`
/// counts steps.
std::vector<int> places(const std::string& bar, int beat) {
  std::vector<int> found;
  for (int at = 1; at < static_cast<int>(bar.size()); ++at) {
    if (is_note(bar[static_cast<std::size_t>(at)])) continue;
    found.push_back(at);
    if (at % 2 == 0) found.insert(found.end(), at % beat == 0 ? 1 : 3, at);
  }
  return found;
}

/// Removes the note at `at` with the steps that hold it.
void take(std::string& bar, int at) {
  step(bar, at) = '.';
  for (int i = at + 1; i < static_cast<int>(bar.size()) && step(bar, i) == '-'; ++i)
    step(bar, i) = '.';
}

/// Puts a note there, which ends a note that was held over the place.
void put(std::string& bar, int at, char c) {
  const bool held = step(bar, at) == '-';
  step(bar, at) = c;
  if (!held && at + 1 < static_cast<int>(bar.size()) && bar.find('-') != bar.npos &&
      step(bar, at + 1) == '.' && at % 2 == 0)
    step(bar, at + 1) = '-';
}

void change(std::string& bar, int beat, music::Random& random) {
  const std::vector<int> movable = loose(bar), free = places(bar, beat), notes = notes_of(bar);
  if (notes.empty()) return;  // a bar of rest stays one
  switch (random.below(5)) {
    case 0: {  // a note more
      if (free.empty()) return;
      const int at = random.pick(free);
      return put(bar, at, random.chance(0.35) ? 'o' : 'x');
    }
    case 1:  // one less
      if (movable.empty() || notes.size() < 3) return;
      return take(bar, random.pick(movable));
    case 2: {  // one a little earlier or later
      if (movable.empty()) return;
      const int from = random.pick(movable),
                to = from + (random.chance(0.5) ? 1 : -1) * (random.chance(0.6) ? 2 : 1);
      if (to <= 0 || to >= static_cast<int>(bar.size()) || is_note(step(bar, to))) return;
      const char c = step(bar, from);
      take(bar, from);
      return put(bar, to, c);
    }
    case 3: {  // one made two
      const int at = random.pick(notes);
      int end = at + 1;
      while (end < static_cast<int>(bar.size()) && step(bar, end) == '-') ++end;
      if (end - at >= 4) step(bar, at + (end - at) / 4 * 2) = 'x';
      return;
    }
    default: {  // shorter, or held
      const int at = random.pick(notes);
      int end = at + 1;
      while (end < static_cast<int>(bar.size()) && step(bar, end) == '-') ++end;
      if (end - at > 1)
        for (int i = at + std::max(1, (end - at) / 2); i < end; ++i) step(bar, i) = '.';
      else if (bar.find('-') != bar.npos && end < static_cast<int>(bar.size()) &&
               step(bar, end) == '.')
        step(bar, end) = '-';
    }
  }
}

/// An arpeggio keeps its first note; others change place, move by a step or two, go on or rest. One
/// of two or three notes gets another.
void change_arp(std::string& bar, int beat, music::Random& random) {
  const std::vector<int> notes = notes_of(bar);
  if (notes.empty()) return;
  const auto add = [&] {
    const auto free = places(bar, beat);
    if (!free.empty()) step(bar, random.pick(free)) = step(bar, random.pick(notes));
  };
  if (notes.size() < 2) return add();
  const int one = notes[1 + random.below(static_cast<std::uint32_t>(notes.size() - 1))];
  const int other = notes[1 + random.below(static_cast<std::uint32_t>(notes.size() - 1))];
  switch (random.below(5)) {
    case 0:
      return std::swap(step(bar, one), step(bar, other));
    case 1: {
      char& c = step(bar, one);
      c = static_cast<char>(std::clamp(c + (random.chance(0.5) ? 1 : -1), int{'1'}, int{'5'}));
      return;
    }
    case 2: {
      if (notes.size() < 5) return add();
      step(bar, one) = one > 0 && step(bar, one - 1) == '.' ? '.' : '-';
      return;
    }
    case 3: {
      const int to = one + (random.chance(0.5) ? 1 : -1) * (random.chance(0.7) ? 2 : 1);
      if (to <= 0 || to >= static_cast<int>(bar.size()) || is_note(step(bar, to))) return;
      const char c = step(bar, one);
      const char before = step(bar, one - 1);
      step(bar, one) = to > one && before != '.' ? '-' : '.';
      step(bar, to) = c;
      return;
    }
    default:
      return add();
  }
}

/// Removes the note at `at` and holds the one before over its place: a bass leaves no hole.
void hold_over(std::string& bar, int at) {
  step(bar, at) = at > 0 && step(bar, at - 1) != '.' ? '-' : '.';
  for (int i = at + 1; i < static_cast<int>(bar.size()) && step(bar, i) == '-'; ++i)
    step(bar, i) = step(bar, at);
}

/// A bass keeps its roots on the first step; an approach stays at the end of the bar.
void change_bass(std::string& bar, int beat, music::Random& random) {
  std::vector<int> movable;
  for (const int at : notes_of(bar))
    if (at != 0) movable.push_back(at);
  if (movable.empty() && !is_note(bar[0])) return;
  switch (random.below(5)) {
    case 0: {
      auto free = places(bar, beat);
      if (free.empty()) return;
      const int at = random.pick(free);
      constexpr char kMore[] = {'R', 'R', '5', '8', 'o'};
      return put(bar, at, kMore[random.below(5)]);
    }
    case 1:
      if (movable.size() > 1) hold_over(bar, random.pick(movable));
      return;
    case 2: {
      if (movable.empty()) return;
      const int from = random.pick(movable), to = from + (random.chance(0.5) ? 2 : -2);
      const char c = step(bar, from);
      if (to <= 0 || to >= static_cast<int>(bar.size()) || is_note(step(bar, to)) || c == 'a')
        return;
      hold_over(bar, from);
      return put(bar, to, c);
    }
    case 3: {
      if (movable.empty()) return;
      char& c = step(bar, random.pick(movable));
      if (c == 'a' || c == 'o') return;
      constexpr char kTones[] = {'R', '5', '8', '3', '5', '7'};
      c = kTones[random.below(6)];
      return;
    }
    default: {
      const int last = static_cast<int>(bar.size()) - 2;
      if (last > 12 && random.chance(0.5)) put(bar, last, 'a');
    }
  }
}

std::string bar_of(const std::string& row, int steps, std::size_t bar) {
  const auto length = static_cast<std::size_t>(steps);
  return row.substr(bar * length % row.size(), length);
}

/// Four bars: the track's cell, a variation, the cell, a bolder one.
template <class Change>
std::string four(const std::string& row, const Sheet& track, int times, music::Random& random,
                 Change change_one) {
  const int steps = track.steps();
  const auto apply = [&](std::string bar, int count) {
    for (int i = 0; i < count; ++i) change_one(bar, track.beat_steps(), random);
    return bar;
  };
  const std::string first = apply(bar_of(row, steps, 0), times);
  const bool two = row.size() > static_cast<std::size_t>(steps);
  const std::string second = apply(two ? bar_of(row, steps, 1) : first, two ? times : 1);
  return first + second + first + apply(second, 1 + static_cast<int>(random.below(2)));
}

/// What a drum may play more, and how likely by its place in the bar of sixteen steps.
struct Ornament {
  std::string_view places;  // 0 … 9, tenths of likelihood
  char step;
};

Ornament ornament_of(Drum drum) {
  switch (drum) {
    case Drum::kKick:
      return {"0011022202310223", 'x'};
    case Drum::kSnare:
      return {"0021013203130112", 'o'};
    case Drum::kHat:
    case Drum::kShaker:
      return {"0201020102010212", 'o'};
    case Drum::kRide:
      return {"0010001000100013", 'o'};
    case Drum::kCongaHigh:
    case Drum::kCongaLow:
      return {"0011021200110213", 'x'};
    case Drum::kRim:
      return {"0001001000100101", 'o'};
    case Drum::kTomLow:
    case Drum::kTomMid:
      return {"0010001001000112", 'o'};
    default:
      return {"0000000000000000", 'o'};
  }
}

void decorate(std::string& bar, Drum drum, double amount, music::Random& random) {
  const Ornament more = ornament_of(drum);
  for (std::size_t i = 0; i < bar.size(); ++i) {
    const int weight = more.places[i * 16 / bar.size()] - '0';
    const bool comes = random.chance(0.06 * amount * weight);
    if (comes && bar[i] == '.') bar[i] = more.step;
  }
}

/// A drum keeps its accents: the others thin out, soften or move by a step.
void change_drum(std::string& bar, Drum drum, int beat, double amount, music::Random& random) {
  decorate(bar, drum, amount, random);
  if (drum == Drum::kSnare || drum == Drum::kClap || drum == Drum::kCrash) return;
  for (std::size_t i = 1; i < bar.size(); ++i) {
    if (bar[i] != 'x' && bar[i] != 'o') continue;
    const bool on_beat = i % static_cast<std::size_t>(beat) == 0;
    if (random.chance((on_beat ? 0.02 : 0.1) * amount)) {
      bar[i] = '.';
    } else if (random.chance((on_beat ? 0.03 : 0.12) * amount)) {
      bar[i] = bar[i] == 'x' && drum != Drum::kKick ? 'o' : 'x';
    } else if (!on_beat && drum != Drum::kHat && drum != Drum::kRide &&
               random.chance(0.12 * amount)) {
      const std::size_t to = random.chance(0.5) ? i + 1 : i - 1;
      if (to > 0 && to < bar.size() && bar[to] == '.') std::swap(bar[i], bar[to]);
    }
  }
}

}  // namespace

void make_grooves(Sheet& track, music::Random& random) {
  for (PartSheet& part : track.parts)
    for (Row& row : part.rows) {
      // Most rows of a bass have few notes that may change.
      const int times = (part.role == Role::kBass ? 3 : 1) + static_cast<int>(random.below(3));
      if (part.role == Role::kArp)
        row.steps = four(row.steps, track, times, random, change_arp);
      else if (part.role == Role::kBass)
        row.steps = four(row.steps, track, times, random, change_bass);
      else
        row.steps = four(row.steps, track, times, random, change);
    }
  const double ornaments = track.drums.ornaments;
  for (DrumRow& row : track.drums.rows)
    row.row.steps =
        four(row.row.steps, track, 2, random, [&](std::string& bar, int beat, music::Random& r) {
          change_drum(bar, row.drum, beat, ornaments, r);
        });
  for (std::string& cell : track.cells)
    for (int left = 3 + static_cast<int>(random.below(3)); left > 0; --left)
      change(cell, track.beat_steps(), random);
}

}  // namespace infinara::band

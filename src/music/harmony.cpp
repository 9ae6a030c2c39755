// SPDX-License-Identifier: Apache-2.0
#include "music/harmony.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "text/ascii.hpp"

namespace infinara::music {
namespace {

constexpr std::array<std::string_view, 12> kMajor = {"C",  "Db", "D",  "Eb", "E",  "F",
                                                     "F#", "G",  "Ab", "A",  "Bb", "B"};
constexpr std::array<std::string_view, 12> kMinor = {"C",  "C#", "D",  "Eb", "E",  "F",
                                                     "F#", "G",  "G#", "A",  "Bb", "B"};

// Fifths up from C of the key's relative major, 0 … 11.
int place_on_circle(Key key) {
  return (key.tonic + (key.minor ? 3 : 0)) * 7 % 12;
}

constexpr double kTempoStep = 0.04;  // what nobody hears as a jump

/// The tempi of a genre that mix with one of the other; none if that is null.
std::vector<int> ways_out(const Genre& genre, const Genre* other) {
  std::vector<int> ways;
  if (other == nullptr) return ways;
  for (int bpm = genre.bpm_low; bpm <= genre.bpm_high; ++bpm)
    for (int next = other->bpm_low; next <= other->bpm_high; ++next)
      if (tempos_mix(bpm, next)) {
        ways.push_back(bpm);
        break;
      }
  return ways;
}

/// The tempi of a genre that mix with `last`, or else the one nearest to it.
std::vector<int> ways_on(const Genre& genre, int last) {
  std::vector<int> ways;
  for (int bpm = genre.bpm_low; bpm <= genre.bpm_high; ++bpm)
    if (last <= 0 || tempos_mix(last, bpm)) ways.push_back(bpm);
  if (ways.empty()) ways.push_back(last < genre.bpm_low ? genre.bpm_low : genre.bpm_high);
  return ways;
}

/// From one tempo to the nearest of `ends`, each step within 4 %; 0 if there are none.
unsigned steps_between(int bpm, const std::vector<int>& ends) {
  double least = ends.empty() ? 0 : std::numeric_limits<double>::max();
  for (const int end : ends)
    least = std::min(least, std::abs(std::log(end / static_cast<double>(bpm))));
  return static_cast<unsigned>(std::ceil(least / std::log(1.027)));  // 4 % in whole beats, at worst
}

}  // namespace

std::optional<Key> parse_key(std::string_view text) {
  std::string word = text::lowered(text);
  if (word.empty() || word[0] < 'a' || word[0] > 'g') return {};
  constexpr std::array<int, 7> kSemitone = {9, 11, 0, 2, 4, 5, 7};  // of a … g
  Key key{kSemitone[static_cast<std::size_t>(word[0] - 'a')], false};
  word.erase(0, 1);
  if (word.starts_with('#') || word.starts_with('b')) {
    key.tonic = (key.tonic + (word[0] == '#' ? 1 : 11)) % 12;
    word.erase(0, 1);
  }
  if (word != " major" && word != " minor") return {};
  key.minor = word == " minor";
  return key;
}

std::string key_name(Key key) {
  const auto& names = key.minor ? kMinor : kMajor;
  return std::string(names[static_cast<std::size_t>(key.tonic)]) +
         (key.minor ? " minor" : " major");
}

bool keys_mix(Key first, Key second) {
  const int steps = (place_on_circle(first) - place_on_circle(second) + 12) % 12;
  return steps == 0 || ((steps == 1 || steps == 11) && first.minor == second.minor);
}

std::uint16_t scale_of(Key key) {
  unsigned notes = 0;
  for (const int step : {0, 2, 4, 5, 7, 9, 11})  // of the relative major
    notes |= 1U << ((key.tonic + (key.minor ? 3 : 0) + step) % 12);
  return static_cast<std::uint16_t>(notes);
}

Key next_key(std::optional<Key> last, Random& random) {
  if (!last) {
    const int fifths = static_cast<int>(random.below(9)) + 8;  // four flats … four sharps
    const bool minor = random.below(2) == 1;
    return {(fifths * 7 + (minor ? 9 : 0)) % 12, minor};
  }
  switch (random.below(4)) {
    case 0:
      return *last;
    case 1:
      return {(last->tonic + 7) % 12, last->minor};
    case 2:
      return {(last->tonic + 5) % 12, last->minor};
    default:
      return {(last->tonic + (last->minor ? 3 : 9)) % 12, !last->minor};
  }
}

bool tempos_mix(double first, double second) {
  return std::ranges::any_of(std::array{1.0, 2.0, 0.5}, [&](double times) {
    return std::abs(second - times * first) <= kTempoStep * times * first;
  });
}

bool tempos_meet(const Genre& one, const Genre& other) {
  return !ways_out(one, &other).empty();
}

unsigned steps_out(const Genre& genre, int last, const Genre* to) {
  const auto ends = ways_out(genre, to);
  unsigned least = std::numeric_limits<unsigned>::max();
  for (const int bpm : ways_on(genre, last)) least = std::min(least, steps_between(bpm, ends));
  return least;
}

int next_bpm(const Genre& genre, int last, Random& random, const LeadOut& out) {
  auto ways = ways_on(genre, last);
  // Those from which the way out takes too many tracks are left out, or all but the nearest.
  const auto ends = ways_out(genre, out.genre);
  const auto allowed = std::max(steps_out(genre, last, out.genre), out.steps);
  std::erase_if(ways, [&](int bpm) { return steps_between(bpm, ends) > allowed; });
  if (last > 0 && random.below(4) != 0)
    for (const int same : {last, 2 * last, last % 2 == 0 ? last / 2 : 0})
      if (std::ranges::find(ways, same) != ways.end()) return same;
  return random.pick(ways);
}

double whole_bars(double seconds, int bpm, int beats) {
  const double bar = beats * 60.0 / bpm;
  return std::max(std::round(seconds / bar), std::ceil(10 / bar)) * bar;
}

}  // namespace infinara::music

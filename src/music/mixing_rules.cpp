// SPDX-License-Identifier: Apache-2.0
#include "music/mixing_rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace infinara::music {
namespace {

constexpr double kTempoStep = 0.04;  // what nobody hears as a jump

constexpr unsigned kTooFar = std::numeric_limits<unsigned>::max();

/// For each tempo of a genre, from the lowest, how many tracks later the last of some tracks has
/// it; kTooFar where none can.
using Steps = std::vector<unsigned>;

/// The fewest tracks until the tempo is one of those that are 0 in `steps`.
Steps completed(const Genre& genre, Steps steps) {
  for (bool is_done = false; !is_done;) {
    is_done = true;
    for (std::size_t from = 0; from < steps.size(); ++from)
      for (std::size_t to = 0; to < steps.size(); ++to)
        if (steps[to] < kTooFar && steps[to] + 1 < steps[from] &&
            tempos_mix(genre.bpm_low + static_cast<int>(from),
                       genre.bpm_low + static_cast<int>(to))) {
          steps[from] = steps[to] + 1;
          is_done = false;
        }
  }
  return steps;
}

Steps steps_of(const Genre& genre, unsigned each) {
  return Steps(static_cast<std::size_t>(genre.bpm_high - genre.bpm_low + 1), each);
}

/// Until the tempo mixes with one of the other genre from which at most `more` tracks lie ahead.
Steps steps_towards(const Genre& genre, const Genre& other, const Steps& ahead, unsigned more) {
  Steps steps = steps_of(genre, kTooFar);
  for (std::size_t from = 0; from < steps.size(); ++from)
    for (std::size_t to = 0; to < ahead.size(); ++to)
      if (ahead[to] <= more &&
          tempos_mix(genre.bpm_low + static_cast<int>(from), other.bpm_low + static_cast<int>(to)))
        steps[from] = 0;
  return completed(genre, std::move(steps));
}

/// Until the tempo can lead on to the other genre; all 0 where none ever can.
Steps steps_towards(const Genre& genre, const Genre* other) {
  if (other == nullptr || !tempos_meet(genre, *other)) return steps_of(genre, 0);
  return steps_towards(genre, *other, steps_of(*other, 0), 0);
}

/// The tempi of a genre that mix with `last`, or else the one nearest to it.
std::vector<int> ways_on(const Genre& genre, int last) {
  std::vector<int> ways;
  for (int bpm = genre.bpm_low; bpm <= genre.bpm_high; ++bpm)
    if (last <= 0 || tempos_mix(last, bpm)) ways.push_back(bpm);
  if (ways.empty()) ways.push_back(last < genre.bpm_low ? genre.bpm_low : genre.bpm_high);
  return ways;
}

/// The tempi of a genre after `last`, and how they lead out.
struct Ways {
  std::vector<int> bpm;
  Steps steps;           // until the tempo leads to the next genre
  unsigned allowed = 0;  // so many of these a way may take
  bool is_in_time = true;

  unsigned left(const Genre& genre, int from) const {
    return steps[static_cast<std::size_t>(from - genre.bpm_low)];
  }
  unsigned least(const Genre& genre) const {
    unsigned least = kTooFar;
    for (const int from : bpm) least = std::min(least, left(genre, from));
    return least;
  }
};

/// The next genre is entered at a tempo that leads on in time, or else at one that does so as soon
/// as can be reached, or else at any.
Ways ways_out(const Genre& genre, int last, const LeadOut& out) {
  Ways ways{.bpm = ways_on(genre, last), .steps = steps_towards(genre, out.genre)};
  ways.allowed = std::max(ways.least(genre), out.steps);
  ways.is_in_time = ways.allowed == out.steps;
  if (!ways.is_in_time || out.genre == nullptr || !tempos_meet(genre, *out.genre)) return ways;
  const Steps ahead = steps_towards(*out.genre, out.then);
  const unsigned most = *std::ranges::max_element(ahead);
  for (unsigned more = out.steps_then; more < most; ++more) {
    Ways better = ways;
    better.steps = steps_towards(genre, *out.genre, ahead, more);
    if (better.least(genre) > out.steps) continue;
    better.is_in_time = more == out.steps_then;
    return better;
  }
  ways.is_in_time = out.steps_then >= most;
  return ways;
}

}  // namespace

int fifths_between(Key first, Key second) {
  const int up = (place_on_circle(first) - place_on_circle(second) + 12) % 12;
  return std::min(up, 12 - up);
}

bool keys_mix(Key first, Key second) {
  const int apart = fifths_between(first, second);
  if (apart != 1) return apart == 0;
  const int tonics = fifths_between(plain(first), plain(second));
  return tonics == 0 || (tonics == 1 && is_minor(first.mode) == is_minor(second.mode));
}

Key next_key(std::optional<Key> last, Random& random) {
  if (!last) {
    const int fifths = static_cast<int>(random.below(9)) + 8;  // four flats … four sharps
    if (random.below(2) == 1) return {(fifths * 7 + 9) % 12, Mode::kAeolian};
    return {fifths * 7 % 12};
  }
  const auto [tonic, mode] = plain(*last);
  switch (random.below(8)) {
    case 0:
      return {(tonic + 7) % 12, mode};
    case 1:
      return {(tonic + 5) % 12, mode};
    case 2:
    case 3:
    case 4:
      if (mode == Mode::kAeolian) return {(tonic + 3) % 12};
      return {(tonic + 9) % 12, Mode::kAeolian};
    default:
      return {tonic, mode};
  }
}

bool tempos_mix(double first, double second) {
  return std::ranges::any_of(std::array{1.0, 2.0, 0.5}, [&](double times) {
    return std::abs(second - times * first) <= kTempoStep * times * first;
  });
}

bool tempos_meet(const Genre& one, const Genre& other) {
  for (int bpm = one.bpm_low; bpm <= one.bpm_high; ++bpm)
    for (int next = other.bpm_low; next <= other.bpm_high; ++next)
      if (tempos_mix(bpm, next)) return true;
  return false;
}

bool leads_out(const Genre& genre, int last, const LeadOut& out) {
  return ways_out(genre, last, out).is_in_time;
}

int next_bpm(const Genre& genre, int last, Random& random, const LeadOut& out) {
  const Ways found = ways_out(genre, last, out);
  // Those from which the way out takes too many tracks are left out, or all but the nearest.
  std::vector<int> ways = found.bpm;
  std::erase_if(ways, [&](int bpm) { return found.left(genre, bpm) > found.allowed; });
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

// SPDX-License-Identifier: Apache-2.0
#include "music/harmony.hpp"

#include <algorithm>
#include <array>
#include <cmath>

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

int next_bpm(const Genre& genre, int last, Random& random) {
  const auto between = [&](int low, int high) {
    return low + static_cast<int>(random.below(static_cast<std::uint32_t>(high - low + 1)));
  };
  if (last <= 0) return between(genre.bpm_low, genre.bpm_high);
  const int low = std::max(genre.bpm_low, static_cast<int>(std::ceil(last * 0.96)));
  const int high = std::min(genre.bpm_high, static_cast<int>(std::floor(last * 1.04)));
  if (low <= high) return between(low, high);
  return last < genre.bpm_low ? genre.bpm_low : genre.bpm_high;
}

double whole_bars(double seconds, int bpm, int beats) {
  const double bar = beats * 60.0 / bpm;
  return std::max(std::round(seconds / bar), std::ceil(10 / bar)) * bar;
}

}  // namespace infinara::music

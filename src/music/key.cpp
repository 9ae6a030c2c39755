// SPDX-License-Identifier: Apache-2.0
#include "music/key.hpp"

#include <algorithm>
#include <cstddef>

#include "text/ascii.hpp"
#include "text/list.hpp"

namespace infinara::music {
namespace {

// Fifths up from the tonic of each mode to that of the major scale with its notes.
constexpr std::array<int, 6> kFifthsToMajor{0, -2, -4, 1, -1, -3};

}  // namespace

std::optional<Mode> parse_mode(std::string_view text) {
  const auto* found = std::ranges::find(kModeNames, text);
  if (found == kModeNames.end()) return {};
  return static_cast<Mode>(found - kModeNames.begin());
}

std::optional<Key> parse_key(std::string_view text) {
  text = text::trimmed(text);
  if (text.empty()) return {};
  const char letter = text::lower(text[0]);
  if (letter < 'a' || letter > 'g') return {};
  constexpr std::array<int, 7> kSemitones{9, 11, 0, 2, 4, 5, 7};  // of a … g
  Key key{kSemitones[static_cast<std::size_t>(letter - 'a')]};
  text.remove_prefix(1);
  if (!text.empty() && (text[0] == '#' || text[0] == 'b')) {
    key.tonic = (key.tonic + (text[0] == '#' ? 1 : 11)) % 12;
    text.remove_prefix(1);
  }
  text = text::trimmed(text);
  const std::string word = text::lowered(text);
  if (word.empty() || word == "maj" || word == "major" || text == "M") return key;
  if (word == "min" || word == "minor" || text == "m") return Key{key.tonic, Mode::kAeolian};
  if (const auto mode = parse_mode(word)) return Key{key.tonic, *mode};
  return {};
}

std::string key_name(Key key) {
  // Notes in fifths: F C G D A E B, then the same with sharps, before them with flats.
  const auto fifths = static_cast<std::size_t>(
      8 + signature(key) - kFifthsToMajor.at(static_cast<std::size_t>(key.mode)));
  std::string tonic(1, "FCGDAEB"[fifths % 7]);
  if (fifths / 7 != 1) tonic += fifths / 7 == 0 ? 'b' : '#';
  const std::string_view mode = key.mode == Mode::kIonian ? "major"
                                : key.mode == Mode::kAeolian
                                    ? "minor"
                                    : kModeNames.at(static_cast<std::size_t>(key.mode));
  return tonic.append(" ").append(mode);
}

bool is_minor(Mode mode) {
  return mode == Mode::kDorian || mode == Mode::kPhrygian || mode == Mode::kAeolian;
}

Key plain(Key key) {
  return {key.tonic, is_minor(key.mode) ? Mode::kAeolian : Mode::kIonian};
}

int place_on_circle(Key key) {
  return (key.tonic * 7 + kFifthsToMajor.at(static_cast<std::size_t>(key.mode)) + 12) % 12;
}

int signature(Key key) {
  const int sharps = place_on_circle(key);
  return sharps > 6 || (sharps == 6 && is_minor(key.mode)) ? sharps - 12 : sharps;
}

std::uint16_t scale_of(Key key) {
  const int major = place_on_circle(key) * 7 % 12;
  unsigned notes = 0;
  for (const int step : {0, 2, 4, 5, 7, 9, 11}) notes |= 1U << ((major + step) % 12);
  return static_cast<std::uint16_t>(notes);
}

}  // namespace infinara::music

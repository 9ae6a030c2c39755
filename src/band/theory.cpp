// SPDX-License-Identifier: Apache-2.0
#include "band/theory.hpp"

#include <algorithm>
#include <utility>

#include "text/ascii.hpp"

namespace infinara::band {

namespace {

constexpr std::array<int, 7> kMajorDegrees{0, 2, 4, 5, 7, 9, 11};
PitchSet set_of(std::initializer_list<int> classes) {
  PitchSet set = 0;
  for (const int c : classes) set = static_cast<PitchSet>(set | (1 << c));
  return set;
}

struct Quality {
  std::string_view suffix;
  std::vector<int> major, minor;  // after a capital, after a small letter
};

const std::vector<Quality>& qualities() {
  static const std::vector<Quality> all{
      {"", {0, 4, 7}, {0, 3, 7}},
      {"5", {0, 7}, {0, 7}},
      {"6", {0, 4, 7, 9}, {0, 3, 7, 9}},
      {"69", {0, 4, 7, 9, 14}, {0, 3, 7, 9, 14}},
      {"7", {0, 4, 7, 10}, {0, 3, 7, 10}},
      {"maj7", {0, 4, 7, 11}, {0, 3, 7, 11}},
      {"9", {0, 4, 7, 10, 14}, {0, 3, 7, 10, 14}},
      {"maj9", {0, 4, 7, 11, 14}, {0, 3, 7, 11, 14}},
      {"11", {0, 5, 7, 10, 14}, {0, 3, 7, 10, 14, 17}},
      {"13", {0, 4, 7, 10, 14, 21}, {0, 3, 7, 10, 14, 21}},
      {"7b9", {0, 4, 7, 10, 13}, {0, 3, 7, 10, 13}},
      {"7#9", {0, 4, 7, 10, 15}, {0, 3, 7, 10, 15}},
      {"7alt", {0, 4, 8, 10, 13}, {0, 4, 8, 10, 13}},
      {"7sus", {0, 5, 7, 10}, {0, 5, 7, 10}},
      {"9sus", {0, 5, 7, 10, 14}, {0, 5, 7, 10, 14}},
      {"sus2", {0, 2, 7}, {0, 2, 7}},
      {"sus4", {0, 5, 7}, {0, 5, 7}},
      {"add9", {0, 4, 7, 14}, {0, 3, 7, 14}},
      {"maj7#11", {0, 4, 7, 11, 18}, {0, 3, 7, 11, 18}},
      {"m7b5", {0, 3, 6, 10}, {0, 3, 6, 10}},
      {"dim", {0, 3, 6}, {0, 3, 6}},
      {"dim7", {0, 3, 6, 9}, {0, 3, 6, 9}},
      {"aug", {0, 4, 8}, {0, 4, 8}},
  };
  return all;
}

/// Takes "b…#…" and a numeral off the front: semitones above the tonic and whether it is a capital.
std::optional<std::pair<int, bool>> take_numeral(std::string_view& text) {
  int shift = 0;
  while (!text.empty() && (text[0] == 'b' || text[0] == '#')) {
    shift += text[0] == '#' ? 1 : -1;
    text.remove_prefix(1);
  }
  constexpr std::array<std::pair<std::string_view, int>, 7> kNumerals{
      {{"VII", 6}, {"III", 2}, {"VI", 5}, {"IV", 3}, {"II", 1}, {"V", 4}, {"I", 0}}};
  for (const auto& [numeral, degree] : kNumerals) {
    if (text.size() < numeral.size()) continue;
    const auto head = text.substr(0, numeral.size());
    const bool capital = head == numeral;
    const bool small = head == text::lowered(numeral);
    if (!capital && !small) continue;
    text.remove_prefix(numeral.size());
    const int semitones = kMajorDegrees[static_cast<std::size_t>(degree)] + shift % 12;
    return std::pair{(semitones + 12) % 12, capital};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Chord> parse_chord(std::string_view text) {
  Chord chord;
  chord.name = text;
  const auto root = take_numeral(text);
  if (!root) return std::nullopt;
  chord.root = root->first;
  std::string_view slash;
  if (const auto at = text.find('/'); at != text.npos) {
    slash = text.substr(at + 1);
    text = text.substr(0, at);
    if (slash.empty()) return std::nullopt;
  }
  const auto quality = std::ranges::find(qualities(), text, &Quality::suffix);
  if (quality == qualities().end()) return std::nullopt;
  chord.tones = root->second ? quality->major : quality->minor;
  if (slash.empty()) return chord;
  if (slash == "3" || slash == "5" || slash == "7") {
    const std::size_t index = slash == "3" ? 1 : slash == "5" ? 2 : 3;
    if (index >= chord.tones.size()) return std::nullopt;
    chord.bass = chord.tones[index] % 12;
    return chord;
  }
  const auto bass = take_numeral(slash);  // a pedal: a degree of the key
  if (!bass || !slash.empty()) return std::nullopt;
  chord.bass = (bass->first - chord.root + 12) % 12;
  return chord;
}

PitchSet scale_of(Mode mode) {
  return music::scale_of({0, mode});
}

PitchSet pentatonic_of(Mode mode) {
  return is_minor(mode) ? set_of({0, 3, 5, 7, 10}) : set_of({0, 2, 4, 7, 9});
}

PitchSet tones_of(const Chord& chord) {
  PitchSet set = 0;
  for (const int tone : chord.tones)
    set = static_cast<PitchSet>(set | (1 << ((chord.root + tone) % 12)));
  return set;
}

PitchSet scale_over(PitchSet scale, const Chord& chord) {
  const PitchSet tones = tones_of(chord);
  PitchSet bent = scale;
  for (int pc = 0; pc < 12; ++pc) {
    if (!has(tones, pc) || has(scale, pc)) continue;
    for (const int neighbour : {(pc + 1) % 12, (pc + 11) % 12})
      if (!has(tones, neighbour)) bent = static_cast<PitchSet>(bent & ~(1 << neighbour));
  }
  return static_cast<PitchSet>(bent | tones);
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "music/prompt_facts.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <span>
#include <vector>

#include "text/ascii.hpp"
#include "text/number.hpp"

namespace infinara::music {
namespace {

constexpr int kSlowest = 30, kFastest = 300;

constexpr std::array kSlow = {"slow",      "slowly",     "ballad",    "lullaby",
                              "adagio",    "largo",      "lento",     "sleepy",
                              "languid",   "sluggish",   "downtempo", "down tempo",
                              "low tempo", "slow tempo", "balladic",  "dirge"};
constexpr std::array kMedium = {"mid tempo", "midtempo",       "medium tempo", "medium swing",
                                "moderate",  "moderate tempo", "moderato",     "andante"};
constexpr std::array kFast = {"fast",    "uptempo",   "up tempo", "lively",     "brisk",
                              "racing",  "galloping", "frantic",  "frenetic",   "presto",
                              "allegro", "vivace",    "bebop",    "high tempo", "breakneck"};
constexpr std::array kMajorMoods = {"cheerful", "cheery",  "joyful",     "joyous",  "sunny",
                                    "happy",    "playful", "triumphant", "festive", "jubilant"};
constexpr std::array kMinorMoods = {"dark",     "melancholic", "melancholy", "brooding",
                                    "ominous",  "suspenseful", "sad",        "sorrowful",
                                    "mournful", "menacing",    "gloomy",     "sinister"};
constexpr std::array kDrums = {"drum",       "drums",  "drummer", "kick",  "snare",   "breakbeat",
                               "breakbeats", "breaks", "beat",    "beats", "drumbeat"};
constexpr std::array kNoDrums = {"beatless", "drumless"};
constexpr std::array kNot = {"no", "without", "not"};
constexpr std::array kMelodic = {"melody", "melodies", "lead",  "leads", "solo",    "theme", "riff",
                                 "riffs",  "hook",     "lines", "line",  "phrases", "licks"};
// Longer names before those that they end in.
constexpr std::array kInstruments = {"electric piano",
                                     "rhodes",
                                     "wurlitzer",
                                     "harpsichord",
                                     "piano",
                                     "tenor saxophone",
                                     "alto saxophone",
                                     "soprano saxophone",
                                     "baritone saxophone",
                                     "saxophone",
                                     "sax",
                                     "muted trumpet",
                                     "trumpet",
                                     "flugelhorn",
                                     "trombone",
                                     "tuba",
                                     "french horn",
                                     "horn section",
                                     "horns",
                                     "horn",
                                     "brass synth",
                                     "brass",
                                     "flute",
                                     "oboe",
                                     "clarinet",
                                     "bassoon",
                                     "recorder",
                                     "harmonica",
                                     "accordion",
                                     "bandoneon",
                                     "melodica",
                                     "violin",
                                     "fiddle",
                                     "viola",
                                     "cello",
                                     "string quartet",
                                     "string section",
                                     "string orchestra",
                                     "string ostinato",
                                     "strings",
                                     "harp",
                                     "steel string guitar",
                                     "nylon string guitar",
                                     "nylon guitar",
                                     "classical guitar",
                                     "acoustic guitar",
                                     "electric guitar",
                                     "slide guitar",
                                     "steel guitar",
                                     "guitar",
                                     "guitars",
                                     "mandolin",
                                     "banjo",
                                     "ukulele",
                                     "sitar",
                                     "lute",
                                     "koto",
                                     "vibraphone",
                                     "marimba",
                                     "xylophone",
                                     "glockenspiel",
                                     "kalimba",
                                     "steel drums",
                                     "bells",
                                     "celesta",
                                     "hammond organ",
                                     "organ",
                                     "clavinet",
                                     "synth pads",
                                     "modular synth",
                                     "synth lead",
                                     "synth",
                                     "synths",
                                     "synthesizer",
                                     "polysynth",
                                     "supersaw lead",
                                     "supersaw",
                                     "pads",
                                     "upright bass",
                                     "double bass",
                                     "reese bass",
                                     "slap bass",
                                     "acid bass",
                                     "sub bass",
                                     "bass guitar",
                                     "bass",
                                     "choir",
                                     "orchestra"};

// Words in lower case, punctuation left out but for # and the dash made a space. A leading "." is a
// word that ends a clause.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (text::is_alnum(c) || c == '#' || c == '\'' || static_cast<unsigned char>(c) >= 0x80) {
      out.back() += text::lower(c);
      continue;
    }
    if (!out.back().empty()) out.emplace_back();
    if (c != ' ' && c != '-' && c != '\t' && !(out.size() > 1 && out[out.size() - 2] == ".")) {
      out.back() = ".";
      out.emplace_back();
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

std::size_t length_of(const char* phrase) {
  return static_cast<std::size_t>(std::ranges::count(std::string_view(phrase), ' ')) + 1;
}

bool stands_at(const std::vector<std::string>& words, std::size_t at, std::string_view phrase) {
  while (!phrase.empty()) {
    const auto word = phrase.substr(0, phrase.find(' '));
    if (at >= words.size() || words[at] != word) return false;
    phrase.remove_prefix(std::min(word.size() + 1, phrase.size()));
    ++at;
  }
  return true;
}

bool is_negated(const std::vector<std::string>& words, std::size_t at) {
  for (std::size_t i = at; i-- > 0 && at - i <= 2 && words[i] != ".";)
    if (std::ranges::find(kNot, words[i]) != kNot.end()) return true;
  return false;
}

bool says(const std::vector<std::string>& words, std::span<const char* const> phrases) {
  for (std::size_t i = 0; i < words.size(); ++i)
    for (const char* phrase : phrases)
      if (stands_at(words, i, phrase) && !is_negated(words, i)) return true;
  return false;
}

// A genre's own name says nothing about instruments: "drum and bass".
void strip_genres(std::vector<std::string>& words) {
  for (const std::string_view name :
       {"drum and bass", "drum n bass", "drum 'n' bass", "drum'n'bass"})
    for (std::size_t i = 0; i < words.size(); ++i)
      if (stands_at(words, i, name))
        words.erase(
            words.begin() + static_cast<std::ptrdiff_t>(i),
            words.begin() + static_cast<std::ptrdiff_t>(i + length_of(std::string(name).c_str())));
}

std::string lead_of(const std::vector<std::string>& words) {
  std::string first;
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const char* name : kInstruments) {
      if (!stands_at(words, i, name)) continue;
      if (is_negated(words, i)) break;
      const std::size_t after = i + length_of(name);
      for (std::size_t j = after; j < words.size() && j < after + 2 && words[j] != "."; ++j)
        if (std::ranges::find(kMelodic, words[j]) != kMelodic.end()) return name;
      if (first.empty()) first = name;
      i = after - 1;
      break;
    }
  }
  return first;
}

std::optional<int> bpm_of(const std::vector<std::string>& words) {
  const auto number = [](std::string_view word) -> std::optional<int> {
    const auto x = text::number<int>(word);
    return x && *x >= kSlowest && *x <= kFastest ? x : std::nullopt;
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].ends_with("bpm") && words[i].size() > 3)
      if (const auto x = number(std::string_view(words[i]).substr(0, words[i].size() - 3)))
        return x;
    if (words[i] != "bpm") continue;
    if (i > 0)
      if (const auto x = number(words[i - 1])) return x;
    for (std::size_t j = i + 1; j < words.size() && j <= i + 2; ++j)  // "bpm: 120"
      if (const auto x = number(words[j])) return x;
  }
  return {};
}

// "F# minor", "Bb major", "E flat major". A lone "a" is an article unless it is written large.
std::optional<Key> key_of(std::string_view prompt) {
  for (const std::string_view mode : {"major", "minor"})
    for (auto at = prompt.find(mode); at != prompt.npos; at = prompt.find(mode, at + 1)) {
      std::string_view before = prompt.substr(0, at);
      while (before.ends_with(' ') || before.ends_with('-')) before.remove_suffix(1);
      std::string accidental;
      for (const auto& [word, sign] : {std::pair{"sharp", "#"}, {"flat", "b"}})
        if (before.ends_with(word)) {
          accidental = sign;
          before.remove_suffix(std::string_view(word).size());
          while (before.ends_with(' ') || before.ends_with('-')) before.remove_suffix(1);
        }
      const auto space = before.find_last_of(" \t\n(,;:");
      const std::string_view tonic = before.substr(space == before.npos ? 0 : space + 1);
      if (tonic.empty() || tonic[0] < 'A' || tonic[0] > 'G') continue;
      if (const auto key = parse_key(std::string(tonic) + accidental + " " + std::string(mode)))
        return key;
    }
  return {};
}

}  // namespace

PromptFacts read_prompt(std::string_view prompt) {
  auto words = words_of(prompt);
  PromptFacts out;
  out.drums = says(words, kDrums) && !says(words, kNoDrums);
  const bool slow = says(words, kSlow), medium = says(words, kMedium), fast = says(words, kFast);
  if (slow + medium + fast == 1)
    out.feel = slow ? Feel::kSlow : medium ? Feel::kMedium : Feel::kFast;
  out.bpm = bpm_of(words);
  out.key = key_of(prompt);
  const bool major = says(words, kMajorMoods), minor = says(words, kMinorMoods);
  if (out.key)
    out.tonality = is_minor(out.key->mode) ? Tonality::kMinor : Tonality::kMajor;
  else if (major != minor)
    out.tonality = major ? Tonality::kMajor : Tonality::kMinor;
  strip_genres(words);
  out.lead = lead_of(words);
  return out;
}

Genre with_feel(const Genre& genre, Feel feel) {
  const double width = genre.bpm_high - genre.bpm_low;
  const auto at = [&](double share) {
    return genre.bpm_low + static_cast<int>(std::lround(share * width));
  };
  switch (feel) {
    case Feel::kSlow:
      return {genre.name, genre.bpm_low, at(0.4)};
    case Feel::kMedium:
      return {genre.name, at(0.25), at(0.75)};
    case Feel::kFast:
      return {genre.name, at(0.6), genre.bpm_high};
    case Feel::kUnsaid:
      break;
  }
  return genre;
}

Feel feel_of(const Genre& genre, int bpm) {
  if (bpm <= with_feel(genre, Feel::kSlow).bpm_high) return Feel::kSlow;
  if (bpm >= with_feel(genre, Feel::kFast).bpm_low) return Feel::kFast;
  return Feel::kMedium;
}

}  // namespace infinara::music

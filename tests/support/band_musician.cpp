// SPDX-License-Identifier: Apache-2.0
#include "support/band_musician.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "band/band.hpp"
#include "music/caption.hpp"
#include "music/mixing_rules.hpp"

namespace support {
namespace {

namespace band = infinara::band;
namespace music = infinara::music;

constexpr std::size_t kKept = 16;  // tracks

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  for (const char c : std::string(text) + ' ') {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!word.empty())
      words.insert(std::exchange(word, {}));
  }
  return words;
}

/// How much each word tells of each genre: all of its name, little of what others say too.
std::map<std::string, std::array<double, music::kGenreCount>> make_weights() {
  std::map<std::string, std::array<double, music::kGenreCount>> weights;
  for (const music::Genre& genre : music::kGenres)
    for (const std::string_view phrase : music::caption_phrases(genre))
      for (const std::string& word : words_of(phrase)) weights[word][music::index_of(genre)] = 1;
  for (auto& [word, row] : weights) {
    const auto genres = static_cast<double>(std::ranges::count(row, 1.0));
    for (double& weight : row) weight /= genres * genres;
  }
  for (const music::Genre& genre : music::kGenres)
    for (const std::string& word : words_of(genre.name))
      if (word != "and") weights[word][music::index_of(genre)] += 2;
  return weights;
}

Pcm play(const Tune& tune) {
  band::BandOrder order;
  order.genre = genre_of(tune.prompt).name;
  order.seed = static_cast<std::uint32_t>(tune.seed);
  order.duration = std::clamp(tune.seconds, band::kShortest, band::kLongest);
  order.bpm = std::clamp(tune.bpm, band::kBpmLow, band::kBpmHigh);
  if (music::parse_key(tune.key)) order.key = tune.key;
  order.tolerance = 0;
  band::Band players(order);
  Pcm pcm;
  pcm.samples.resize(2 * static_cast<std::size_t>(tune.seconds * pcm.rate));
  std::vector<std::int16_t> block(2 * 4800);
  std::size_t at = 0;
  while (const std::size_t got = players.render(block)) {
    const std::size_t end = std::min(at + 2 * got, pcm.samples.size());
    for (std::size_t i = 0; at < end; ++at, ++i)
      pcm.samples[at] = static_cast<float>(block[i]) / 32768;
  }
  return pcm;
}

}  // namespace

const music::Genre& genre_of(std::string_view words) {
  static const auto weights = make_weights();
  std::array<double, music::kGenreCount> sums{};
  for (const std::string& word : words_of(words)) {
    const auto found = weights.find(word);
    if (found == weights.end()) continue;
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += found->second[i];
  }
  return music::kGenres[static_cast<std::size_t>(std::ranges::max_element(sums) - sums.begin())];
}

Pcm house_band(const Tune& tune) {
  static std::mutex mutex;
  static std::list<std::pair<Tune, Pcm>> kept;
  {
    const std::lock_guard lock(mutex);
    const auto known = std::ranges::find(kept, tune, &std::pair<Tune, Pcm>::first);
    if (known != kept.end()) return known->second;
  }
  Pcm pcm = play(tune);
  const std::lock_guard lock(mutex);
  kept.emplace_front(tune, pcm);
  if (kept.size() > kKept) kept.pop_back();
  return pcm;
}

}  // namespace support

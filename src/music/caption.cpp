// SPDX-License-Identifier: Apache-2.0
#include "music/caption.hpp"

#include <algorithm>

#include "music/caption_parts.hpp"

namespace infinara::music {
namespace {

constexpr std::size_t kFewestWords = 15, kMostWords = 25;

consteval bool parts_stand_as_genres_do() {
  for (std::size_t i = 0; i < kGenreCount; ++i)
    if (kCaptionParts.at(i).genre != kGenres.at(i).name) return false;
  return true;
}
static_assert(parts_stand_as_genres_do(), "kCaptionParts must name the genres as kGenres does");

struct Span {
  std::size_t fewest = kMostWords, most = 0;
};

constexpr void widen(Span& span, std::span<const std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    const auto words = static_cast<std::size_t>(std::ranges::count(phrase, ' ')) + 1;
    span.fewest = std::min(span.fewest, words);
    span.most = std::max(span.most, words);
  }
}

consteval bool captions_have_15_to_25_words() {
  for (const CaptionParts& parts : kCaptionParts) {
    std::array<Span, 5> spans{};
    for (const auto* openings : {&parts.slow, &parts.medium, &parts.fast})
      widen(spans[0], *openings);
    widen(spans[1], parts.lineups);
    widen(spans[2], parts.textures);
    widen(spans[3], parts.moods);
    widen(spans[4], parts.productions);
    std::size_t fewest = 0, most = 0;
    for (const Span& span : spans) {
      fewest += span.fewest;
      most += span.most;
    }
    if (fewest < kFewestWords || most > kMostWords) return false;
  }
  return true;
}
static_assert(
    captions_have_15_to_25_words(),
    "a genre's shortest phrases have to make 15 words or more together, its longest 25 or fewer");

std::string_view one_of(std::span<const std::string_view> phrases, Random& random) {
  return phrases[random.below(static_cast<std::uint32_t>(phrases.size()))];
}

}  // namespace

std::uint64_t caption_count(const Genre& genre) {
  const CaptionParts& parts = kCaptionParts.at(index_of(genre));
  return (parts.slow.size() + parts.medium.size() + parts.fast.size()) * parts.lineups.size() *
         parts.textures.size() * parts.moods.size() * parts.productions.size();
}

std::vector<std::string_view> caption_phrases(const Genre& genre) {
  const CaptionParts& parts = kCaptionParts.at(index_of(genre));
  std::vector<std::string_view> out;
  const auto add = [&](std::span<const std::string_view> phrases) {
    out.insert(out.end(), phrases.begin(), phrases.end());
  };
  for (const auto* openings : {&parts.slow, &parts.medium, &parts.fast}) add(*openings);
  add(parts.lineups);
  add(parts.textures);
  add(parts.moods);
  add(parts.productions);
  return out;
}

std::string draw_caption(const Genre& genre, std::span<const std::string_view> avoid,
                         Random& random, Feel feel, Tonality tonality) {
  const CaptionParts& parts = kCaptionParts.at(index_of(genre));
  for (;;) {
    const std::array openings = {&parts.slow, &parts.medium, &parts.fast};
    const std::size_t drawn = random.below(3);
    const std::size_t tempo = feel == Feel::kSlow     ? 0
                              : feel == Feel::kMedium ? 1
                              : feel == Feel::kFast   ? 2
                                                      : drawn;
    std::string caption(one_of(*openings.at(tempo), random));
    caption += ", " + std::string(one_of(parts.lineups, random));
    caption += ", " + std::string(one_of(parts.textures, random));
    const std::string_view mood = one_of(parts.moods, random);
    caption += ", " + std::string(mood);
    caption += ", " + std::string(one_of(parts.productions, random));
    const Tonality said = read_prompt(mood).tonality;
    if (tonality != Tonality::kUnsaid && said != Tonality::kUnsaid && said != tonality) continue;
    if (std::ranges::find(avoid, caption) == avoid.end()) return caption;
  }
}

}  // namespace infinara::music

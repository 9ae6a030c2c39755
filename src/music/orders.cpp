// SPDX-License-Identifier: Apache-2.0
#include "music/orders.hpp"

#include <algorithm>

#include "music/caption.hpp"
#include "music/prompt_facts.hpp"
#include "music/random.hpp"
#include "music/title.hpp"

namespace infinara::music {
namespace {

constexpr int kTitleTries = 16;  // then a title may come again
constexpr std::uint32_t kKeysToALift = 96;

double drawn_duration(const Genre& genre, Random& random) {
  return random.between(genre.seconds_low, genre.seconds_high);
}

}  // namespace

Order Orders::next(GenreIndex of, std::size_t generator, double duration,
                   std::span<const std::string_view> in_hand, const Between& between) {
  // A generator of its own: a track's seed depends on its number alone, not on who asked for what
  // before.
  const auto random_seed = (std::uint64_t{seed_} << 32) ^ ++last_id_;
  Random random(random_seed);
  const Genre& genre = kGenres.at(of);
  // A track that fails or a cover between them must not bring the same words twice running.
  std::vector<std::string_view> avoid = {heard_.at(generator).at(of)};
  avoid.insert(avoid.end(), in_hand.begin(), in_hand.end());
  avoid.insert(avoid.end(), captions_.begin(), captions_.end());
  Random harmony(random_seed, "harmony");
  const int bpm = next_bpm(genre, between.bpm, harmony, between.out);
  Key key = next_key(between.key, harmony);
  // Sometimes a lift: a whole tone up, as before the last chorus of a song.
  if (between.key && harmony.below(kKeysToALift) == 0)
    key = plain({(between.key->tonic + 2) % 12, between.key->mode});
  Random length(random_seed, "length");
  // The words have a generator of their own too: how often they are drawn must not change the seed.
  Random words(random.next());
  Order order{.id = last_id_,
              .genre = std::string(genre.name),
              .title{},
              .caption = draw_caption(genre, avoid, words, feel_of(genre, bpm),
                                      is_minor(key.mode) ? Tonality::kMinor : Tonality::kMajor),
              .duration = duration > 0 ? duration : drawn_duration(genre, length),
              .bpm = bpm,
              .key = key_name(key)};
  for (int tries = 0; tries < kTitleTries; ++tries) {
    order.seed = static_cast<std::uint32_t>(random.next());
    order.title = title_of(genre, order.seed);
    if (std::ranges::find(titles_, order.title) == titles_.end()) break;
  }
  captions_.push_back(order.caption);
  if (captions_.size() > kCaptionsKept) captions_.pop_front();
  titles_.push_back(order.title);
  if (titles_.size() > kTitlesKept) titles_.pop_front();
  return order;
}

}  // namespace infinara::music

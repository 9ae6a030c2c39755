// SPDX-License-Identifier: Apache-2.0
#include "music/orders.hpp"

#include <gtest/gtest.h>

#include <set>

#include "music/prompt_facts.hpp"
#include "music/title.hpp"

namespace infinara::music {
namespace {

constexpr GenreIndex kAmbient = 0;
constexpr GenreIndex kJazz = 3;

TEST(Orders, AreNumberedAndSayWhatWasAskedFor) {
  Orders orders(7, 1);
  for (std::uint64_t id = 1; id < 4; ++id) {
    const Order order = orders.next(kJazz, 0, 90, {});
    EXPECT_EQ(order.id, id);
    EXPECT_EQ(order.genre, "jazz");
    EXPECT_EQ(order.duration, 90);
    EXPECT_EQ(order.title, title_of(kGenres[kJazz], order.seed));
  }
}

TEST(Orders, AreOfDrawnLengthsThatSuitTheGenreWhereNobodySays) {
  Orders orders(7, 1);
  for (const GenreIndex genre : {kAmbient, kJazz}) {
    const auto [low, high] = genre == kAmbient ? std::pair{240, 480} : std::pair{80, 240};
    std::set<double> lengths;
    for (int i = 0; i < 100; ++i) {
      const double length = orders.next(genre, 0, 0, {}).duration;
      EXPECT_GE(length, low);
      EXPECT_LE(length, high);
      lengths.insert(length);
    }
    EXPECT_GE(lengths.size(), 40u);
    EXPECT_LT(*lengths.begin(), low + 20);
    EXPECT_GT(*lengths.rbegin(), high - 20);
  }
}

TEST(Orders, AreTheSameForTheSameSeedAndCalls) {
  Orders one(7, 2), same(7, 2), other(8, 2);
  int different = 0;
  for (int i = 0; i < 20; ++i) {
    const Order order = one.next(kJazz, 0, 90, {});
    EXPECT_EQ(same.next(kJazz, 0, 90, {}), order);
    different += other.next(kJazz, 0, 90, {}) == order ? 0 : 1;
  }
  EXPECT_EQ(different, 20);
}

TEST(Orders, ATracksSeedHangsOnItsNumberAlone) {
  Orders jazz(7, 2), mixed(7, 2);
  for (int i = 0; i < 10; ++i) jazz.next(kJazz, 0, 90, {}), mixed.next(kAmbient, i % 2, 30, {});
  const Order next = jazz.next(kJazz, 0, 90, {});
  EXPECT_EQ(mixed.next(kJazz, 0, 90, {}).seed, next.seed);
}

TEST(Orders, WordsTempoAndKeySayTheSameAndMixWithTheTrackBefore) {
  Orders orders(11, 1);
  int lifts = 0, keys = 0;
  for (GenreIndex genre = 0; genre < kGenreCount; ++genre) {
    Between between;
    for (int i = 0; i < 300; ++i) {
      const Order order = orders.next(genre, 0, 90, {}, between);
      const auto key = parse_key(order.key);
      ASSERT_TRUE(key) << order.key;
      const auto facts = read_prompt(order.caption);
      const Genre part = with_feel(kGenres.at(genre), facts.feel);
      EXPECT_GE(order.bpm, part.bpm_low) << order.caption;
      EXPECT_LE(order.bpm, part.bpm_high) << order.caption;
      if (facts.tonality != Tonality::kUnsaid) {
        EXPECT_EQ(is_minor(key->mode), facts.tonality == Tonality::kMinor) << order.caption;
      }
      if (between.bpm != 0) {
        EXPECT_TRUE(tempos_mix(between.bpm, order.bpm));
        ++keys;
        const Key lift{(between.key->tonic + 2) % 12, between.key->mode};
        lifts += *key == lift ? 1 : 0;
        EXPECT_TRUE(keys_mix(*between.key, *key) || *key == lift);
      }
      between = {order.bpm, key, {}};
    }
  }
  EXPECT_GT(lifts, keys / 160);
  EXPECT_LT(lifts, keys / 60);
}

TEST(Orders, NoTitleComesAgainAmongTheLast256) {
  Orders orders(3, 1);
  std::vector<std::string> titles;
  for (int i = 0; i < 2000; ++i) titles.push_back(orders.next(kAmbient, 0, 90, {}).title);
  for (std::size_t i = Orders::kTitlesKept; i < titles.size(); ++i) {
    const std::set<std::string> late(
        titles.end() - static_cast<std::ptrdiff_t>(i),
        titles.end() - static_cast<std::ptrdiff_t>(i - Orders::kTitlesKept));
    EXPECT_EQ(late.size(), Orders::kTitlesKept) << i;
  }
}

TEST(Orders, WordsAreNeitherThoseHeardLastNorThoseInHand) {
  Orders orders(5, 2);
  std::string heard, in_hand = "none";
  for (int i = 0; i < 200; ++i) {
    const Order order = orders.next(kJazz, 0, 90, std::array{std::string_view(in_hand)});
    EXPECT_NE(order.caption, heard);
    EXPECT_NE(order.caption, in_hand);
    in_hand = heard;
    heard = order.caption;
    orders.heard(kJazz, 0, heard);
  }
}

TEST(Orders, NoCaptionComesAgainWithinAnHourOfOneGenre) {
  for (GenreIndex genre = 0; genre < kGenreCount; ++genre) {
    Orders orders(static_cast<std::uint32_t>(genre), 1);
    std::vector<std::string> captions;
    for (int i = 0; i < 1500; ++i) captions.push_back(orders.next(genre, 0, 10, {}).caption);
    for (std::size_t i = Orders::kCaptionsKept; i < captions.size(); i += 17) {
      const std::set<std::string> hour(
          captions.begin() + static_cast<std::ptrdiff_t>(i - Orders::kCaptionsKept),
          captions.begin() + static_cast<std::ptrdiff_t>(i));
      ASSERT_EQ(hour.size(), Orders::kCaptionsKept) << kGenres[genre].name;
    }
  }
}

}  // namespace
}  // namespace infinara::music

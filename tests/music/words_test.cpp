// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <sstream>
#include <string>

#include "music/caption.hpp"
#include "music/title.hpp"

namespace infinara::music {
namespace {

std::size_t words_in(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string word;
  std::size_t count = 0;
  while (in >> word) ++count;
  return count;
}

TEST(Title, IsAlwaysTheSameForTheSameSeed) {
  // Written down, so that a change of dice or words that renames everybody's tracks is noticed.
  EXPECT_EQ(title_of(*find_genre("jazz"), 7), "Sharp Dressed Overcoat in Three");
  EXPECT_EQ(title_of(*find_genre("ambient"), 4294967295u), "Frozen Lagoon");
}

TEST(Title, IsPleasantToRead) {
  for (const Genre& genre : kGenres)
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
      const std::string title = title_of(genre, seed);
      EXPECT_GE(words_in(title), 2u) << title;
      EXPECT_LE(title.size(), 60u) << title;
      EXPECT_EQ(title.find("  "), std::string::npos) << title;
      EXPECT_NE(std::isupper(static_cast<unsigned char>(title.front())), 0) << title;
      for (const char letter : title) EXPECT_TRUE(letter >= ' ' && letter <= '~') << title;
    }
}

TEST(Title, IsOneOfTenThousandAGenre) {
  std::set<std::string> everywhere;
  for (const Genre& genre : kGenres) {
    std::set<std::string> titles;
    for (std::uint32_t seed = 0; seed < 60000; ++seed) titles.insert(title_of(genre, seed));
    EXPECT_GT(titles.size(), 10000u) << genre.name;
    everywhere.insert(titles.begin(), titles.end());
  }
  EXPECT_GT(everywhere.size(), kGenreCount * 10000u);  // each genre in its own words
}

TEST(Caption, HasFifteenToTwentyFiveWordsAndNoneOfTempoOrKey) {
  std::set<std::string_view> different;
  for (const Genre& genre : kGenres) {
    EXPECT_GE(captions_of(genre).size(), 3u);
    for (const auto caption : captions_of(genre)) {
      EXPECT_GE(words_in(caption), 15u) << caption;
      EXPECT_LE(words_in(caption), 25u) << caption;
      EXPECT_EQ(caption.find("bpm"), std::string_view::npos) << caption;
      EXPECT_EQ(caption.find(" major"), std::string_view::npos) << caption;
      EXPECT_TRUE(different.insert(caption).second) << caption;
    }
  }
}

TEST(Captions, AreDrawnFromThoseThatAreNotToBeAvoided) {
  Dice dice(3);
  for (const Genre& genre : kGenres) {
    const auto all = captions_of(genre);
    for (std::size_t n = 0; n < all.size(); ++n) {
      std::set<std::string_view> drawn;
      for (int i = 0; i < 200; ++i) drawn.insert(draw_caption(genre, all.first(n), dice));
      EXPECT_EQ(drawn, std::set(all.begin() + static_cast<std::ptrdiff_t>(n), all.end()));
    }
  }
}

TEST(Captions, WhenAllAreToBeAvoidedTheFirstOfThemComesAgain) {
  Dice dice(3);
  const auto all = captions_of(kGenres[0]);
  for (int i = 0; i < 200; ++i) EXPECT_EQ(draw_caption(kGenres[0], all, dice), all[0]);
}

}  // namespace
}  // namespace infinara::music

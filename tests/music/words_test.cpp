// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <sstream>
#include <string>
#include <vector>

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
  // Written down, so that a change of random or words that renames everybody's tracks is noticed.
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

std::string opening_of(const std::string& caption) {
  return caption.substr(0, caption.find(','));
}

TEST(Caption, HasFifteenToTwentyFiveWordsAndNoneOfTempoOrKey) {
  Random random(3);
  for (const Genre& genre : kGenres) {
    EXPECT_GE(caption_count(genre), 10000u) << genre.name;
    for (int i = 0; i < 300; ++i) {
      const std::string caption = draw_caption(genre, {}, random);
      EXPECT_GE(words_in(caption), 15u) << caption;
      EXPECT_LE(words_in(caption), 25u) << caption;
      EXPECT_NE(caption.find(genre.name), caption.npos) << caption;
      for (const char* not_there : {"bpm", " major", " minor", "vocal", "sing along", "  ", ",,"})
        EXPECT_EQ(caption.find(not_there), caption.npos)
            << "\"" << not_there << "\" in " << caption;
    }
  }
}

TEST(Caption, PhrasesOfAGenreAreAllDifferent) {
  for (const Genre& genre : kGenres) {
    const auto phrases = caption_phrases(genre);
    EXPECT_EQ(std::set<std::string_view>(phrases.begin(), phrases.end()).size(), phrases.size())
        << genre.name;
  }
}

TEST(Caption, SaysTheFeelAndTheTonalityThatAreAskedFor) {
  Random random(4);
  for (const Genre& genre : kGenres)
    for (const Feel feel : {Feel::kSlow, Feel::kMedium, Feel::kFast})
      for (const Tonality tonality : {Tonality::kMajor, Tonality::kMinor})
        for (int i = 0; i < 200; ++i) {
          const std::string caption = draw_caption(genre, {}, random, feel, tonality);
          const PromptFacts facts = read_prompt(caption);
          EXPECT_EQ(facts.feel, feel) << caption;
          EXPECT_TRUE(facts.tonality == tonality || facts.tonality == Tonality::kUnsaid) << caption;
          EXPECT_FALSE(facts.bpm || facts.key) << caption;
          // The lead is the first instrument after the opening.
          ASSERT_FALSE(facts.lead.empty()) << caption;
          EXPECT_EQ(read_prompt(opening_of(caption)).lead, "") << caption;
          EXPECT_NE(caption.find(facts.lead), caption.npos) << caption;
        }
}

TEST(Caption, IsOneOfThoseThatAreNotToBeAvoided) {
  Random random(3);
  std::vector<std::string> drawn;
  for (int i = 0; i < 400; ++i) {
    const std::vector<std::string_view> avoid(drawn.begin(), drawn.end());
    drawn.push_back(draw_caption(kGenres[3], avoid, random));
  }
  EXPECT_EQ(std::set<std::string>(drawn.begin(), drawn.end()).size(), drawn.size());
}

TEST(Prompt, SaysWhatAPersonMeansByIt) {
  const struct {
    const char* prompt;
    Feel feel;
    int bpm;
    const char* key;
    Tonality tonality;
    const char* lead;
    bool drums;
  } kRows[] = {
      {"slow jazz ballad, breathy tenor saxophone, soft brushed drums", Feel::kSlow, 0, "",
       Tonality::kUnsaid, "tenor saxophone", true},
      {"lively bebop, piano trio, muted trumpet melody", Feel::kFast, 0, "", Tonality::kUnsaid,
       "muted trumpet", false},
      {"Up-Tempo rock, 150 BPM, in E minor", Feel::kFast, 150, "E minor", Tonality::kMinor, "",
       false},
      {"120bpm house, no piano, plucked synth, kick drum", Feel::kUnsaid, 120, "",
       Tonality::kUnsaid, "synth", true},
      {"bpm: 96, key of Bb major", Feel::kUnsaid, 96, "Bb major", Tonality::kMajor, "", false},
      {"song in F sharp minor", Feel::kUnsaid, 0, "F# minor", Tonality::kMinor, "", false},
      {"a minor detail, cheerful flute", Feel::kUnsaid, 0, "", Tonality::kMajor, "flute", false},
      {"ambient without drums, not dark, pads", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "pads",
       false},
      {"slow start and a fast finale, dark but happy", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "",
       false},
      {"drum and bass with electric piano chords", Feel::kUnsaid, 0, "", Tonality::kUnsaid,
       "electric piano", true},
      {"slow as can be, 30 bpm", Feel::kSlow, 30, "", Tonality::kUnsaid, "", false},
      {"as slow as nobody, 29 bpm", Feel::kSlow, 0, "", Tonality::kUnsaid, "", false},
      {"house, 300 bpm", Feel::kUnsaid, 300, "", Tonality::kUnsaid, "", false},
      {"house, 301 bpm", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "", false},
      {"breakfast music, 9999 bpm", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "", false},
      {"", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "", false},
      {"\xff\xfe,,, - -- bpm", Feel::kUnsaid, 0, "", Tonality::kUnsaid, "", false},
  };
  for (const auto& row : kRows) {
    const PromptFacts facts = read_prompt(row.prompt);
    EXPECT_EQ(facts.feel, row.feel) << row.prompt;
    EXPECT_EQ(facts.bpm.value_or(0), row.bpm) << row.prompt;
    EXPECT_EQ(facts.key ? key_name(*facts.key) : "", row.key) << row.prompt;
    EXPECT_EQ(facts.tonality, row.tonality) << row.prompt;
    EXPECT_EQ(facts.lead, row.lead) << row.prompt;
    EXPECT_EQ(facts.drums, row.drums) << row.prompt;
  }
}

TEST(Prompt, AFeelIsAPartOfTheGenresTempos) {
  for (const Genre& genre : kGenres)
    for (int bpm = genre.bpm_low; bpm <= genre.bpm_high; ++bpm) {
      const Genre part = with_feel(genre, feel_of(genre, bpm));
      EXPECT_GE(bpm, part.bpm_low) << genre.name;
      EXPECT_LE(bpm, part.bpm_high) << genre.name;
    }
  EXPECT_EQ(with_feel(*find_genre("jazz"), Feel::kSlow).bpm_high, 125);
  EXPECT_EQ(with_feel(*find_genre("jazz"), Feel::kFast).bpm_low, 139);
}

}  // namespace
}  // namespace infinara::music

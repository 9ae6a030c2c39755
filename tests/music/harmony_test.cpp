// SPDX-License-Identifier: Apache-2.0
#include "music/harmony.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>

using namespace infinara::music;

TEST(Harmony, KeysAreReadAsTheyAreWritten) {
  for (int tonic = 0; tonic < 12; ++tonic)
    for (const bool minor : {false, true})
      EXPECT_EQ(parse_key(key_name({tonic, minor})), (Key{tonic, minor}));
  EXPECT_EQ(parse_key("A# MINOR"), (Key{10, true}));
  EXPECT_EQ(parse_key("Cb major"), (Key{11, false}));
  for (const char* text : {"", "H dorian", "A", "A  minor", "Am", "minor", "F#"})
    EXPECT_FALSE(parse_key(text)) << text;
}

TEST(Harmony, NeighboursOnTheCircleMix) {
  const auto mix = [](const char* a, const char* b) {
    return keys_mix(*parse_key(a), *parse_key(b));
  };
  EXPECT_TRUE(mix("C major", "C major"));
  EXPECT_TRUE(mix("C major", "A minor"));
  EXPECT_TRUE(mix("C major", "G major"));
  EXPECT_TRUE(mix("C major", "F major"));
  EXPECT_TRUE(mix("A minor", "E minor"));
  EXPECT_FALSE(mix("C major", "E minor"));
  EXPECT_FALSE(mix("C major", "C minor"));
  EXPECT_FALSE(mix("C major", "F# major"));
  EXPECT_FALSE(mix("C major", "D major"));
}

TEST(Harmony, ALongWalkNeverJoltsAndComesAround) {
  Random random(3);
  Key key = next_key({}, random);
  std::array<int, 24> visits{};
  for (int i = 0; i < 5000; ++i) {
    const Key next = next_key(key, random);
    ASSERT_TRUE(keys_mix(key, next)) << key_name(key) << " to " << key_name(next);
    key = next;
    ++visits[static_cast<std::size_t>(key.tonic) + (key.minor ? 12 : 0)];
  }
  for (const int count : visits) EXPECT_GT(count, 50);
}

TEST(Harmony, StayingAndEachNeighbourAreAsLikely) {
  for (const char* text : {"C major", "A minor"}) {
    Random random(11);
    const Key from = *parse_key(text);
    std::map<std::string, int> counts;
    for (int i = 0; i < 8000; ++i) ++counts[key_name(next_key(from, random))];
    EXPECT_EQ(counts.size(), 4u);
    for (const auto& [name, count] : counts) EXPECT_NEAR(count, 2000, 200) << text << ": " << name;
  }
}

TEST(Harmony, TheFirstKeyHasAtMostFourFlatsOrSharps) {
  Random random(12);
  std::set<std::string> found;
  for (int i = 0; i < 2000; ++i) found.insert(key_name(next_key({}, random)));
  std::set<std::string> wanted;
  for (const char* major : {"Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E"}) {
    const Key key = *parse_key(std::string(major) + " major");
    wanted.insert(key_name(key));
    wanted.insert(key_name({(key.tonic + 9) % 12, true}));
  }
  EXPECT_EQ(found, wanted);
}

TEST(Harmony, TempoStaysNearWhereTheGenreAllows) {
  Random random(5);
  for (const Genre& genre : kGenres)
    for (const int last : {0, 60, 84, 100, 124, 170}) {
      const int bpm = next_bpm(genre, last, random);
      EXPECT_GE(bpm, genre.bpm_low);
      EXPECT_LE(bpm, genre.bpm_high);
      const bool reachable = last * 1.04 >= genre.bpm_low && last * 0.96 <= genre.bpm_high;
      if (last > 0 && reachable) {
        EXPECT_LE(std::abs(bpm - last), last * 0.04) << genre.name;
      }
    }
  EXPECT_EQ(next_bpm(*find_genre("drum and bass"), 100, random), 168);
  EXPECT_EQ(next_bpm(*find_genre("ambient"), 174, random), 80);
}

TEST(Harmony, LengthsAreWholeBars) {
  EXPECT_DOUBLE_EQ(whole_bars(60, 96), 60);
  EXPECT_DOUBLE_EQ(whole_bars(61, 96), 60);
  EXPECT_DOUBLE_EQ(whole_bars(62, 96), 62.5);
  EXPECT_DOUBLE_EQ(whole_bars(3, 120), 10);
  EXPECT_DOUBLE_EQ(whole_bars(60, 90, 3), 60);
  for (int bpm = 60; bpm < 180; ++bpm) EXPECT_LE(std::abs(whole_bars(90, bpm) - 90), 2.0);
}

// SPDX-License-Identifier: Apache-2.0
#include "music/mixing_rules.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "music/mood_graph.hpp"

using namespace infinara::music;

TEST(MixingRules, NeighboursOnTheCircleMix) {
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

TEST(MixingRules, ModesMixByTheirNotes) {
  const auto mix = [](const char* a, const char* b) {
    return keys_mix(*parse_key(a), *parse_key(b));
  };
  for (const char* same : {"A minor", "D dorian", "E phrygian", "F lydian", "G mixolydian"}) {
    EXPECT_EQ(scale_of(*parse_key(same)), scale_of(*parse_key("C major"))) << same;
    EXPECT_EQ(fifths_between(*parse_key(same), *parse_key("C major")), 0) << same;
    EXPECT_TRUE(mix(same, "C major")) << same;
  }
  EXPECT_TRUE(mix("A minor", "A dorian")) << "one note apart, the same tonic";
  EXPECT_TRUE(mix("C major", "A dorian")) << "the relative's";
  EXPECT_TRUE(mix("D minor", "A phrygian"));
  EXPECT_FALSE(mix("A minor", "E dorian")) << "two notes apart";
  EXPECT_FALSE(mix("D minor", "A dorian"));
  EXPECT_FALSE(mix("C major", "E minor")) << "one note apart, and the tonics are no neighbours";
  EXPECT_EQ(fifths_between(*parse_key("C major"), *parse_key("F# major")), 6);
}

TEST(MixingRules, ALongWalkNeverJoltsAndComesAround) {
  Random random(3);
  Key key = next_key({}, random);
  std::array<int, 24> visits{};
  for (int i = 0; i < 5000; ++i) {
    const Key next = next_key(key, random);
    ASSERT_TRUE(keys_mix(key, next)) << key_name(key) << " to " << key_name(next);
    key = next;
    ++visits[static_cast<std::size_t>(key.tonic) + (is_minor(key.mode) ? 12 : 0)];
  }
  for (const int count : visits) EXPECT_GT(count, 50);
}

TEST(MixingRules, OfFourTracksThreeKeepTheNotes) {
  for (const char* text : {"C major", "A minor", "A dorian"}) {
    Random random(11);
    const Key from = *parse_key(text);
    const Key notes_kept = plain(from);
    std::map<std::string, int> counts;
    for (int i = 0; i < 8000; ++i) ++counts[key_name(next_key(from, random))];
    EXPECT_EQ(counts.size(), 4u);
    for (const auto& [name, count] : counts)
      EXPECT_NEAR(count, fifths_between(notes_kept, *parse_key(name)) == 0 ? 3000 : 1000, 200)
          << text << ": " << name;
  }
}

TEST(MixingRules, TheFirstKeyHasAtMostFourFlatsOrSharps) {
  Random random(12);
  std::set<std::string> found;
  for (int i = 0; i < 2000; ++i) found.insert(key_name(next_key({}, random)));
  std::set<std::string> wanted;
  for (const char* major : {"Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E"}) {
    const Key key = *parse_key(std::string(major) + " major");
    wanted.insert(key_name(key));
    wanted.insert(key_name({(key.tonic + 9) % 12, Mode::kAeolian}));
  }
  EXPECT_EQ(found, wanted);
}

TEST(MixingRules, TempoStaysNearWhereTheGenreAllows) {
  Random random(5);
  for (const Genre& genre : kGenres)
    for (const int last : {0, 60, 84, 100, 124, 170}) {
      const int bpm = next_bpm(genre, last, random);
      EXPECT_GE(bpm, genre.bpm_low);
      EXPECT_LE(bpm, genre.bpm_high);
      const bool reachable = last * 1.04 >= genre.bpm_low && last * 0.96 <= genre.bpm_high;
      if (last > 0 && reachable) {
        EXPECT_TRUE(tempos_mix(last, bpm)) << genre.name << last << " " << bpm;
      }
    }
  EXPECT_EQ(next_bpm(*find_genre("drum and bass"), 100, random), 168);
  EXPECT_EQ(next_bpm(*find_genre("ambient"), 174, random), 80);
}

TEST(MixingRules, TempiMixWithinFourPercentOrDoubled) {
  for (const auto& [first, second, mix] :
       std::initializer_list<std::tuple<double, double, bool>>{{100, 100, true},
                                                               {100, 104, true},
                                                               {100, 104.5, false},
                                                               {100, 95.5, false},
                                                               {80, 160, true},
                                                               {160, 80, true},
                                                               {80, 167, false},
                                                               {60, 90, false},
                                                               {60, 180, false}})
    EXPECT_EQ(tempos_mix(first, second), mix) << first << " " << second;
}

TEST(MixingRules, TheEdgesWhoseTempiCannotMeetAreThree) {
  std::set<std::string> apart;
  for (GenreIndex a = 0; a < kGenreCount; ++a)
    for (const GenreIndex b : kMoodGraph.neighbours(a))
      if (a < b && !tempos_meet(kGenres[a], kGenres[b]))
        apart.insert(std::string(kGenres[a].name) + " - " + std::string(kGenres[b].name));
  EXPECT_EQ(apart, (std::set<std::string>{"ambient - chillwave", "electronic - drum and bass",
                                          "synthwave - electronic"}));
}

TEST(MixingRules, OfFourTracksThreeKeepTheTempo) {
  Random random(8);
  const Genre& genre = *find_genre("disco funk");
  int bpm = next_bpm(genre, 0, random), kept = 0;
  std::set<int> heard;
  for (int i = 0; i < 4000; ++i) {
    const int next = next_bpm(genre, bpm, random);
    kept += next == bpm ? 1 : 0;
    heard.insert(bpm = next);
  }
  EXPECT_NEAR(kept, 4000 * (3.0 / 4 + 1.0 / 4 / 9), 200);
  EXPECT_EQ(heard.size(), 17U) << "and all tempi of the genre come";
}

TEST(MixingRules, TheTempoLeadsOutInTime) {
  Random random(2);
  for (GenreIndex a = 0; a < kGenreCount; ++a)
    for (const GenreIndex b : kMoodGraph.neighbours(a)) {
      if (!tempos_meet(kGenres[a], kGenres[b])) continue;
      for (int round = 0; round < 20; ++round) {
        int bpm = next_bpm(kGenres[a], 0, random, {&kGenres[b], 20});
        for (unsigned left = 20; left-- > 0;) {
          const int next = next_bpm(kGenres[a], bpm, random, {&kGenres[b], left});
          ASSERT_TRUE(tempos_mix(bpm, next));
          bpm = next;
        }
        EXPECT_TRUE(tempos_mix(bpm, next_bpm(kGenres[b], bpm, random)))
            << kGenres[a].name << " at " << bpm << " to " << kGenres[b].name;
      }
    }
}

/// From classical at 104 cinematic is met at 100, and indie rock from cinematic at 75 at most.
TEST(MixingRules, TheTempoLeadsToTheGenreAfterTheNext) {
  const Genre &classical = *find_genre("classical"), &cinematic = *find_genre("cinematic"),
              &indie = *find_genre("indie rock");
  EXPECT_FALSE(leads_out(cinematic, 104, {&indie, 3}));
  EXPECT_TRUE(leads_out(cinematic, 104, {&indie, 12}));
  EXPECT_TRUE(leads_out(classical, 104, {&cinematic, 0}));
  EXPECT_FALSE(leads_out(classical, 104, {&cinematic, 3, &indie, 3}));
  EXPECT_TRUE(leads_out(classical, 88, {&cinematic, 3, &indie, 3}));
  EXPECT_TRUE(leads_out(*find_genre("synthwave"), 100, {find_genre("electronic"), 0}))
      << "ranges that cannot meet are in nobody's way";
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    int bpm = 88;
    for (unsigned left = 4; left-- > 0;)
      bpm = next_bpm(classical, bpm, random, {&cinematic, left, &indie, 3});
    for (unsigned left = 4; left-- > 0;) {
      const int next = next_bpm(cinematic, bpm, random, {&indie, left});
      ASSERT_TRUE(tempos_mix(bpm, next)) << bpm << " " << next;
      bpm = next;
    }
    EXPECT_TRUE(tempos_mix(bpm, next_bpm(indie, bpm, random))) << bpm;
  }
}

TEST(MixingRules, LengthsAreWholeBars) {
  EXPECT_DOUBLE_EQ(whole_bars(60, 96), 60);
  EXPECT_DOUBLE_EQ(whole_bars(61, 96), 60);
  EXPECT_DOUBLE_EQ(whole_bars(62, 96), 62.5);
  EXPECT_DOUBLE_EQ(whole_bars(3, 120), 10);
  EXPECT_DOUBLE_EQ(whole_bars(60, 90, 3), 60);
  for (int bpm = 60; bpm < 180; ++bpm) EXPECT_LE(std::abs(whole_bars(90, bpm) - 90), 2.0);
}

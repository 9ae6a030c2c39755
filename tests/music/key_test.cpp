// SPDX-License-Identifier: Apache-2.0
#include "music/key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace infinara::music {
namespace {

TEST(Key, IsReadAsPeopleWriteIt) {
  const struct {
    const char* text;
    int tonic;
    Mode mode;
  } rows[] = {{"A minor", 9, Mode::kAeolian},
              {"Am", 9, Mode::kAeolian},
              {"A# MINOR", 10, Mode::kAeolian},
              {"F# major", 6, Mode::kIonian},
              {"Bb min", 10, Mode::kAeolian},
              {"C", 0, Mode::kIonian},
              {"  eb MAJOR ", 3, Mode::kIonian},
              {"Cb", 11, Mode::kIonian},
              {"G maj", 7, Mode::kIonian},
              {"GM", 7, Mode::kIonian},
              {"B# m", 0, Mode::kAeolian},
              {"A dorian", 9, Mode::kDorian},
              {"E phrygian", 4, Mode::kPhrygian},
              {"F Lydian", 5, Mode::kLydian},
              {"G mixolydian", 7, Mode::kMixolydian},
              {"C ionian", 0, Mode::kIonian}};
  for (const auto& row : rows) {
    const auto key = parse_key(row.text);
    ASSERT_TRUE(key) << row.text;
    EXPECT_EQ(key->tonic, row.tonic) << row.text;
    EXPECT_EQ(key->mode, row.mode) << row.text;
  }
  for (const char* text :
       {"", "H", "H dorian", "A minorish", "F## major", "7", "minor", "A  minor x", "Aminor7"})
    EXPECT_FALSE(parse_key(text)) << text;
}

TEST(Key, IsWrittenAsItIsRead) {
  for (int tonic = 0; tonic < 12; ++tonic)
    for (const std::string_view name : kModeNames) {
      const Key key{tonic, *parse_mode(name)};
      EXPECT_EQ(parse_key(key_name(key)), key) << key_name(key);
    }
  EXPECT_EQ(key_name({2, Mode::kDorian}), "D dorian");
  EXPECT_EQ(key_name({1}), "Db major") << "five flats, not seven sharps";
  EXPECT_EQ(key_name({8, Mode::kAeolian}), "G# minor") << "five sharps, not seven flats";
}

TEST(Key, HasTheNotesOfItsMode) {
  const auto notes_of = [](const char* key) {
    std::string notes;
    for (int note = 0; note < 12; ++note)
      notes += (scale_of(*parse_key(key)) >> note & 1) != 0 ? 'x' : '.';
    return notes;
  };
  EXPECT_EQ(notes_of("C major"), "x.x.xx.x.x.x");
  EXPECT_EQ(notes_of("C dorian"), "x.xx.x.x.xx.");
  EXPECT_EQ(notes_of("C phrygian"), "xx.x.x.xx.x.");
  EXPECT_EQ(notes_of("C lydian"), "x.x.x.xx.x.x");
  EXPECT_EQ(notes_of("C mixolydian"), "x.x.xx.x.xx.");
  EXPECT_EQ(notes_of("C minor"), "x.xx.x.xx.x.");
  EXPECT_EQ(notes_of("Bb minor"), "xx.x.xx.x.x.");
}

}  // namespace
}  // namespace infinara::music

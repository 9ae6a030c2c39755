// SPDX-License-Identifier: Apache-2.0
#include "music/key.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

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
  EXPECT_EQ(key_name({6, Mode::kLydian}), "Gb lydian") << "five flats, not seven sharps";
  EXPECT_EQ(key_name({3, Mode::kPhrygian}), "D# phrygian") << "five sharps, not seven flats";
  EXPECT_EQ(key_name({8, Mode::kDorian}), "Ab dorian") << "six flats, as Eb minor";
  EXPECT_EQ(key_name({3, Mode::kAeolian}), "Eb minor");
  EXPECT_EQ(key_name({6}), "F# major");
}

TEST(Key, HasTheFewestAccidentals) {
  constexpr std::string_view kFifths = "FCGDAEB";
  for (int tonic = 0; tonic < 12; ++tonic)
    for (const std::string_view mode : kModeNames) {
      const Key key{tonic, *parse_mode(mode)};
      EXPECT_LE(std::abs(signature(key)), 6) << key_name(key);
      // The accidentals of the signature lead from the white keys to the notes of the key.
      unsigned notes = 0;
      bool named = false;  // the tonic, as one of them
      for (int i = 0; i < 7; ++i) {
        std::string note(1, kFifths[static_cast<std::size_t>(i)]);
        if (i < signature(key)) note += '#';
        if (6 - i < -signature(key)) note += 'b';
        notes |= 1U << parse_key(note)->tonic;
        named = named || key_name(key).starts_with(note + " ");
      }
      EXPECT_EQ(notes, scale_of(key)) << key_name(key);
      EXPECT_TRUE(named) << key_name(key);
    }
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

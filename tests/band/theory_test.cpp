// SPDX-License-Identifier: Apache-2.0
#include "band/theory.hpp"

#include <gtest/gtest.h>

#include "band/voicing.hpp"

namespace infinara::band {
namespace {

TEST(Chord, IsReadFromItsNumeral) {
  const struct {
    const char* text;
    int root, bass;
    std::vector<int> tones;
  } rows[] = {{"I", 0, 0, {0, 4, 7}},
              {"ii7", 2, 0, {0, 3, 7, 10}},
              {"bVII", 10, 0, {0, 4, 7}},
              {"#iv", 6, 0, {0, 3, 7}},
              {"V7b9", 7, 0, {0, 4, 7, 10, 13}},
              {"iim7b5", 2, 0, {0, 3, 6, 10}},
              {"V/3", 7, 4, {0, 4, 7}},
              {"V7/7", 7, 10, {0, 4, 7, 10}},
              {"IV/I", 5, 7, {0, 4, 7}},
              {"bVI5", 8, 0, {0, 7}},
              {"bbbbbbbbbbbbbbI5", 10, 0, {0, 7}},
              {"I/bbbbbbbbbbbbbbI", 0, 10, {0, 4, 7}}};
  for (const auto& row : rows) {
    const auto chord = parse_chord(row.text);
    ASSERT_TRUE(chord) << row.text;
    EXPECT_EQ(chord->root, row.root) << row.text;
    EXPECT_EQ(chord->bass, row.bass) << row.text;
    EXPECT_EQ(chord->tones, row.tones) << row.text;
  }
  for (const char* text : {"", "H", "IIII", "I/", "I7/9", "Vi", "V8", "i/x", "I5/7"})
    EXPECT_FALSE(parse_chord(text)) << text;
}

TEST(Scale, BendsToTheChordThatSounds) {
  const PitchSet minor = scale_of(Mode::kAeolian);
  const PitchSet over_dominant = scale_over(minor, *parse_chord("V7"));
  EXPECT_TRUE(has(over_dominant, 11)) << "the leading tone";
  EXPECT_FALSE(has(over_dominant, 10)) << "which its neighbour would rub";
  EXPECT_EQ(scale_over(minor, *parse_chord("iv7")), minor);
}

TEST(Voicer, MovesLittleAndKeepsTheChordWhole) {
  PartSheet part;
  part.low = 52;
  part.high = 76;
  part.voices = 4;
  Voicer voicer(part, 5);
  std::vector<int> last;
  for (const char* name : {"Imaj9", "VI7b9", "ii9", "V13", "iii7", "vi9", "IVmaj7", "V9sus"}) {
    const Chord chord = *parse_chord(name);
    const auto voicing = voicer.next(chord);
    ASSERT_EQ(voicing.size(), 4u) << name;
    for (std::size_t i = 1; i < 4; ++i) EXPECT_GT(voicing[i], voicing[i - 1]) << name;
    const PitchSet tones = tones_of(chord);
    bool third = false;
    for (const int pitch : voicing) {
      EXPECT_TRUE(has(tones, pitch - 5)) << name;
      third = third || (pitch - 5 - chord.root - chord.tones[1] + 240) % 12 == 0;
    }
    EXPECT_TRUE(third) << name;
    for (std::size_t i = 0; i < last.size(); ++i)
      EXPECT_LE(std::abs(voicing[i] - last[i]), 7) << name;
    last = voicing;
  }
}

}  // namespace
}  // namespace infinara::band

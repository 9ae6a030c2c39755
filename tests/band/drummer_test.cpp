// SPDX-License-Identifier: Apache-2.0
// Drummers: hands, rows, grooves, fills and builds.
#include "band/drummer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "band/groove.hpp"
#include "music/genre.hpp"
#include "scores.hpp"

namespace infinara::band {
namespace {

TEST(Drummer, HasDrummersWithTwoHands) {
  const std::set<Drum> by_hand{Drum::kSnare,   Drum::kRim,   Drum::kHat,    Drum::kOpen,
                               Drum::kRide,    Drum::kCrash, Drum::kTomLow, Drum::kTomMid,
                               Drum::kTomHigh, Drum::kBrush};
  for (const auto& genre : music::kGenres)
    for (std::uint32_t seed = 31; seed <= 40; ++seed) {
      const Score score = score_of(genre, seed);
      std::map<int, std::set<Drum>> strokes;
      int crashes = 0;
      for (const Hit& hit : score.hits) {
        if (by_hand.contains(hit.drum)) {
          EXPECT_TRUE(strokes[hit.tick].insert(hit.drum).second) << genre.name << ": struck twice";
        }
        crashes += hit.drum == Drum::kCrash;
      }
      for (const auto& [tick, drums] : strokes) EXPECT_LE(drums.size(), 2u) << genre.name;
      if (genre.name == "lofi hip hop") {
        EXPECT_EQ(crashes, 0);
      }
    }
}

/// A build: strokes of the snare that grow, and a last bar without the kick.
bool builds(const Score& score, const Section& section) {
  const int bar = score.bar_ticks(), stop = (section.first_bar + section.bars) * bar;
  std::vector<int> first, last;  // velocities in the two halves of the last two bars
  for (const Hit& hit : score.hits) {
    if (hit.tick < stop - 2 * bar || hit.tick >= stop) continue;
    if (hit.drum == Drum::kKick && hit.tick >= stop - bar) return false;
    if (hit.drum == Drum::kSnare) (hit.tick < stop - bar ? first : last).push_back(hit.velocity);
  }
  return !first.empty() && last.size() >= 2 * first.size() &&
         *std::ranges::min_element(last) > *std::ranges::min_element(first) &&
         *std::ranges::max_element(last) > *std::ranges::max_element(first);
}

TEST(Drummer, BuildsUpToDropsWhereTheSheetWantsIt) {
  const struct {
    const char* genre;
    std::set<std::string> rises;  // a section, its energy in hundredths, the one it leads to
  } rows[] = {{"electronic", {"groove 75 drop", "break 45 drop", "break 48 drop", "break 42 lift"}},
              {"drum and bass", {"air 50 drop", "bridge 63 drop"}},
              {"synthwave", {"break 50 chorus", "break 50 verse", "verse 65 chorus"}}};
  for (const auto& [name, rises] : rows) {
    const music::Genre& genre = *music::find_genre(name);
    int drops = 0, built = 0;
    std::set<std::string> led_up_to;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      const Score score = score_of(genre, seed);
      for (std::size_t s = 0; s + 2 < score.sections.size(); ++s) {
        const Section& section = score.sections[s];
        if (section.bars < 4) continue;
        const std::string rise = section.name + " " +
                                 std::to_string(std::lround(100 * section.energy)) + " " +
                                 score.sections[s + 1].name;
        if (!rises.contains(rise)) {
          EXPECT_FALSE(builds(score, section)) << name << seed << rise;
          continue;
        }
        ++drops;
        if (!builds(score, section)) continue;
        ++built;
        led_up_to.insert(rise);
      }
    }
    ASSERT_GE(drops, 10) << name;
    EXPECT_EQ(led_up_to, rises) << name;
    const double wanted = sheet_of(name)->drums.build;
    EXPECT_NEAR(static_cast<double>(built) / drops, wanted, 0.25) << name;
  }
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const Score score = score_of(*music::find_genre("jazz"), seed);
    for (const Section& section : score.sections)
      EXPECT_FALSE(builds(score, section)) << "jazz " << seed;
  }
}

/// The bars of the drums, each as text.
std::set<std::string> drum_bars(const Score& score) {
  std::map<int, std::string> bars;
  const int bar = score.sheet->steps() * kStep;
  for (const Hit& hit : score.hits)
    if (hit.tick < score.end_tick)
      bars[hit.tick / bar] +=
          std::to_string(hit.tick % bar) + "/" + std::to_string(static_cast<int>(hit.drum)) + " ";
  std::set<std::string> found;
  for (const auto& [at, text] : bars) found.insert(text);
  return found;
}

TEST(Drummer, HasGroovesOfItsOwn) {
  for (const auto& genre : music::kGenres) {
    const auto one = drum_bars(score_of(genre, 51)), other = drum_bars(score_of(genre, 52));
    if (one.empty()) continue;
    double common = 0;
    for (const auto& bar : one) common += other.contains(bar);
    EXPECT_GE(one.size(), 6u) << genre.name;
    EXPECT_LE(common / static_cast<double>(one.size()), 0.5) << genre.name;
  }
}

TEST(Groove, MovesOffBeatEighthsOfItsMetre) {
  // Steps 4 and 8 of a bar of twelve: beats of 3/4, between the beats of 6/8; step 6 the reverse.
  for (const bool compound : {false, true}) {
    int on_fours = 0, on_six = 0;
    for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
      Sheet sheet;
      sheet.beats = 3;
      sheet.compound = compound;
      sheet.cells = {"X..........."};
      music::Random random(seed, "groove");
      make_grooves(sheet, random);
      on_fours += (sheet.cells[0][4] == 'x') + (sheet.cells[0][8] == 'x');
      on_six += 2 * (sheet.cells[0][6] == 'x');
    }
    if (compound) {
      EXPECT_GT(on_fours, 1.3 * on_six);
    } else {
      EXPECT_GT(on_six, 1.3 * on_fours);
    }
  }
}

TEST(Drummer, PlaysOnInAFillOfRests) {
  Sheet sheet;
  sheet.drums.rows = {{Drum::kSnare, {"....X.......X...", 0}}};
  sheet.drums.fills = {{"rests", {{Drum::kTomLow, {"................", 0}}}}};
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Score score;
    score.sheet = &sheet;
    score.bars = 2;
    score.end_tick = 2 * score.bar_ticks();
    score.sections = {{"verse", 'A', 0, 2, 1, 1}};
    play_drums(score, seed);
    EXPECT_EQ(std::ranges::count(score.hits, Drum::kSnare, &Hit::drum), 4) << seed;
  }
}

TEST(Drummer, BuildsOnTheBeatsOfItsMetre) {
  Sheet sheet;
  sheet.beats = 3;
  sheet.compound = true;
  sheet.drums.build = 1;
  sheet.drums.rows = {{Drum::kKick, {"X...........", 0}}};
  Score score;
  score.sheet = &sheet;
  score.bars = 10;
  score.end_tick = 10 * score.bar_ticks();
  score.sections = {{"verse", 'A', 0, 4, 0.5, 0.5},
                    {"chorus", 'A', 4, 4, 0.9, 0.9},
                    {"outro", 'A', 8, 2, 0.9, 0.9}};
  play_drums(score, 1);
  std::vector<int> snares, kicks;  // steps of the last two bars of the verse
  for (const Hit& hit : score.hits) {
    const int step = hit.tick / kStep - 24;
    if (step < 0 || step >= 24) continue;
    if (hit.drum == Drum::kSnare) snares.push_back(step);
    if (hit.drum == Drum::kKick) kicks.push_back(step);
  }
  EXPECT_EQ(snares, (std::vector<int>{0, 6, 12, 14, 16, 18, 19, 20, 21, 22, 23}));
  EXPECT_EQ(kicks, (std::vector<int>{0, 6}));
}

TEST(Drummer, GoesOnWithItsRowsInABuild) {
  Sheet sheet;
  const std::string rest(16, '.');
  sheet.drums.build = 1;
  sheet.drums.rows = {{Drum::kHat, {rest + rest + "X..............." + rest, 0}},
                      {Drum::kKick, {"X.......X.......", 0.7}}};
  for (const double energy : {0.6, 0.7})  // without a kick and with one
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      Score score;
      score.sheet = &sheet;
      score.bars = 14;
      score.end_tick = 14 * score.bar_ticks();
      score.sections = {{"groove", 'A', 0, 8, energy, energy},
                        {"drop", 'A', 8, 4, 0.95, 0.95},
                        {"outro", 'A', 12, 2, 0.95, 0.95}};
      play_drums(score, seed);
      std::set<int> hats;  // bars
      int kicks = 0, snares = 0;
      for (const Hit& hit : score.hits) {
        if (hit.tick >= 8 * score.bar_ticks()) continue;
        if (hit.drum == Drum::kHat) hats.insert(hit.tick / score.bar_ticks());
        kicks += hit.drum == Drum::kKick;
        snares += hit.drum == Drum::kSnare;
      }
      EXPECT_GT(snares, 0);
      EXPECT_EQ(hats, (std::set<int>{2, 6})) << seed;
      EXPECT_EQ(kicks > 0, energy >= 0.7) << seed;
    }
}

}  // namespace
}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// How long a track is, and its form, metre, edges and ending.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "band/block.hpp"
#include "band/composer.hpp"
#include "band/form_tags.hpp"
#include "band/humanize.hpp"
#include "music/genre.hpp"
#include "scores.hpp"

namespace infinara::band {
namespace {

TEST(Form, FillsItsTimeWithWholeBarsAndALastChord) {
  for (const auto& genre : music::kGenres)
    for (const double duration : {1.0, 2.5, 7.0, 15.0, 30.0, 90.0, 217.3, 600.0}) {
      const Score score = score_of(genre, 3, duration, 0, nullptr, 0);
      EXPECT_EQ(score.duration, duration);
      const double last = score.seconds_at(score.end_tick);
      EXPECT_GE(score.bpm, genre.bpm_low) << genre.name;
      EXPECT_LE(score.bpm, genre.bpm_high) << genre.name;
      EXPECT_LE(last, duration) << genre.name << duration;
      if (duration >= 30) {
        EXPECT_LE(duration - last, 3.2) << genre.name << ": music runs to the end";
        EXPECT_GE(duration - last, score.ending == Ending::kRing ? 1.5 : 0.8) << genre.name;
      }
      int bars = 0;
      for (const Section& section : score.sections) {
        EXPECT_EQ(section.first_bar, bars) << genre.name;
        bars += section.bars;
      }
      EXPECT_EQ(bars, score.bars) << genre.name << duration;
    }
}

TEST(Form, ComesNearAWishedLengthAtAnyTempo) {
  for (const auto& genre : music::kGenres) {
    std::set<int> tempi;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      for (const double duration : {60.0, 90.0, 240.0, 600.0}) {
        const Score score = score_of(genre, seed, duration);
        EXPECT_NEAR(score.duration / duration, 1, 0.08) << genre.name;
        EXPECT_EQ(score.bars % (duration < 200 ? 2 : 4), 0) << genre.name << " " << duration;
        if (duration == 90.0) tempi.insert(static_cast<int>(std::lround(score.bpm * 10)));
        const double last = score.duration - score.seconds_at(score.end_tick);
        EXPECT_LE(last, 3.2) << genre.name;
        EXPECT_GE(last, score.ending == Ending::kRing ? 1.5 : 0.8) << genre.name;
      }
      const Score ordered = score_of(genre, seed, 90, 97);
      EXPECT_EQ(ordered.bpm, 97);
      EXPECT_NEAR(ordered.duration / 90, 1, 0.08) << genre.name;
    }
    EXPECT_GE(tempi.size(), 15u) << genre.name << ", 20 tracks";
  }
}

TEST(Form, HasFormsThatComeToAnEnd) {
  for (const auto& genre : music::kGenres) {
    std::set<std::string> forms;
    for (std::uint32_t seed = 1; seed <= 20; ++seed)
      for (const double duration : {30.0, 90.0, 200.0, 600.0}) {
        const Score score = score_of(genre, seed, duration);
        std::string form;
        double peak = 0;
        for (const Section& section : score.sections) {
          form += section.name + section.theme;
          peak = std::max(peak, section.energy);
        }
        if (duration == 200.0) forms.insert(form);
        const auto& sections = score.sections;
        for (std::size_t i = 1; duration >= 90 && i + 1 < sections.size(); ++i)
          EXPECT_TRUE(sections[i].bars >= 4 && sections[i].bars % 4 == 0)
              << genre.name << ": " << sections[i].bars << " bars in " << form;
        if (sections.size() < 4) continue;
        const double before = sections[sections.size() - 2].energy;
        EXPECT_FALSE(before <= 0.55 && before < peak - 0.2)
            << genre.name << ": a breakdown runs into the outro: " << form;
      }
    EXPECT_GE(forms.size(), 3u) << genre.name;
  }
}

Score ordered(const music::Genre& genre, std::uint32_t seed, double duration, double energy,
              std::string_view form = "", double bpm = 0) {
  return compose(*sheet_of(genre.name), {seed, duration, bpm, genre.bpm_low, genre.bpm_high,
                                         nullptr, kLengthTolerance, energy, parse_form(form)});
}

/// How lively a score is, before anything is rendered.
struct Liveliness {
  double onsets = 0;    // a bar: notes, of a chord one, and strokes
  double velocity = 0;  // mean
  double players = 0;   // parts that sound in a bar, the drums being one, mean
  double loudest = 0;   // energy of the liveliest section
};

Liveliness liveliness_of(const Score& score) {
  Liveliness of;
  std::set<std::pair<int, std::size_t>> onsets, sounding;  // tick or bar, and part
  double velocities = 0;
  int notes = 0;
  const int bar = score.bar_ticks();
  for (std::size_t p = 0; p < score.parts.size(); ++p)
    for (const Note& note : score.parts[p].notes) {
      onsets.emplace(note.tick, p);
      velocities += note.velocity, ++notes;
      for (int b = note.tick / bar; b * bar < std::min(note.tick + note.length, score.end_tick);
           ++b)
        sounding.emplace(b, p);
    }
  for (const Hit& hit : score.hits) {
    onsets.emplace(hit.tick, 100 + static_cast<std::size_t>(hit.drum));
    velocities += hit.velocity, ++notes;
    sounding.emplace(hit.tick / bar, 100);
  }
  of.onsets = static_cast<double>(onsets.size()) / score.bars;
  of.players = static_cast<double>(sounding.size()) / score.bars;
  of.velocity = velocities / notes;
  for (const Section& section : score.sections) of.loudest = std::max(of.loudest, section.energy);
  return of;
}

TEST(Form, IsAsCalmOrLivelyAsOrdered) {
  int more_players = 0;
  for (const auto& genre : music::kGenres) {
    Liveliness calm, lively;  // sums over the seeds
    double slow = 0, fast = 0;
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
      for (const auto& [energy, sum, bpm] :
           {std::tuple(0.2, &calm, &slow), std::tuple(0.9, &lively, &fast)}) {
        const Score score = ordered(genre, seed, 120, energy);
        const Liveliness of = liveliness_of(score);
        sum->onsets += of.onsets, sum->velocity += of.velocity / 8;
        sum->players += of.players, sum->loudest += of.loudest / 8;
        *bpm += score.bpm;
        double mean = 0;
        for (const Section& section : score.sections)
          mean += section.written * section.bars / score.bars;
        EXPECT_NEAR(mean, 0.3 + 0.6 * energy, 1e-9) << genre.name;
      }
    }
    EXPECT_GE(lively.onsets / calm.onsets, 1.15) << genre.name;
    EXPECT_GE(lively.players, calm.players) << genre.name;
    more_players += lively.players / calm.players > 1.15;
    EXPECT_GE(lively.velocity - calm.velocity, 1) << genre.name;
    EXPECT_GE(lively.loudest - calm.loudest, 0.3) << genre.name;
    EXPECT_GT(fast, slow) << genre.name;
  }
  // In jazz all play all of the time.
  EXPECT_GE(more_players, static_cast<int>(music::kGenreCount) - 1);
}

TEST(Form, PlaysInTheMetresOfItsSheet) {
  constexpr std::uint32_t kTracks = 100;
  for (const auto& genre : music::kGenres) {
    const Sheet& sheet = *sheet_of(genre.name);
    std::map<std::pair<int, bool>, double> shares;  // by beats and whether it is compound
    for (std::uint32_t seed = 1; seed <= kTracks; ++seed) {
      const Score score = score_of(genre, seed);
      shares[{score.sheet->beats, score.sheet->compound}] += 1.0 / kTracks;
      const music::BeatGrid grid = score.beats();
      EXPECT_EQ(grid.beats_per_bar, score.sheet->compound ? 6u : score.sheet->beats == 3 ? 3u : 4u);
      EXPECT_NEAR(grid.beat * grid.beats_per_bar,
                  score.bar_ticks() * score.seconds_per_tick() * music::kSampleRate, 1e-6);
      EXPECT_EQ(score.end_tick, score.bars * score.bar_ticks());
      if (score.sheet->steps() == 16) continue;
      // Where there is a bass it tells the bars.
      int downbeats = 0, bars = 0;
      for (const Part& part : score.parts) {
        if (part.sheet->role != Role::kBass && part.sheet->role != Role::kWalk) continue;
        std::set<int> struck, played;
        for (const Note& note : part.notes) {
          if (note.tick < score.end_tick) played.insert(note.tick / score.bar_ticks());
          if (note.tick % score.bar_ticks() == 0) struck.insert(note.tick / score.bar_ticks());
        }
        bars += static_cast<int>(played.size());
        downbeats += static_cast<int>(
            std::ranges::count_if(played, [&](int bar) { return struck.contains(bar); }));
      }
      EXPECT_GE(downbeats, 0.9 * bars) << genre.name << " " << seed;
    }
    double own = 1;
    for (const MetreSheet& metre : sheet.metres) {
      const double share = shares[{metre.beats, metre.compound}];
      EXPECT_NEAR(share, metre.share, 0.1) << genre.name << " " << metre.beats;
      EXPECT_GT(share, 0.03) << genre.name;
      own -= metre.share;
    }
    const double share = shares[{sheet.beats, sheet.compound}];
    EXPECT_NEAR(share, own, 0.1) << genre.name;
    EXPECT_EQ(shares.size(), sheet.metres.size() + 1) << genre.name;
  }
  for (const char* genre : {"classical", "acoustic folk", "jazz", "cinematic"})
    EXPECT_FALSE(sheet_of(genre)->metres.empty()) << genre;
}

TEST(Form, ChangesChordsOnTheBeatsOfItsMetre) {
  Sheet sheet = *sheet_of("jazz");
  ASSERT_EQ(sheet.metres.size(), 1u);
  ASSERT_EQ(sheet.metres[0].beats, 3);
  sheet.metres[0].share = 1;
  for (Progression& progression : sheet.progressions)
    for (auto& bar : progression.bars) bar.resize(4, bar.front());
  std::size_t most = 0;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    const Score score = compose(sheet, {seed, 90, 0, 100, 140, nullptr, kLengthTolerance});
    std::map<int, std::size_t> in_bar;
    int tick = 0;
    for (const ChordSpan& span : score.chords) {
      EXPECT_EQ(span.tick, tick) << "where the one before ends";
      EXPECT_EQ(span.tick % (4 * kStep), 0);
      tick = span.tick + span.length;
      most = std::max(most, ++in_bar[span.tick / score.bar_ticks()]);
    }
  }
  EXPECT_EQ(most, 3u);
}

TEST(Form, SlowsDownAtTheEndAfterItsGridWhereTheSheetWantsIt) {
  for (const auto& genre : music::kGenres) {
    const double wanted = sheet_of(genre.name)->edges.ritardando;
    int slowed = 0, rang = 0;
    for (std::uint32_t seed = 1; seed <= 60; ++seed)
      for (const double tolerance : {kLengthTolerance, 0.0}) {
        const Score score = score_of(genre, seed, 90, 0, nullptr, tolerance);
        rang += score.ending == Ending::kRing;
        if (tolerance == 0) {
          EXPECT_EQ(score.duration, 90);
        }
        // Up to where a join may leave, bars are where the grid has them.
        for (int tick = 0; tick <= score.leave_tick; tick += score.bar_ticks())
          ASSERT_EQ(score.seconds_at(tick), tick * score.seconds_per_tick());
        if (score.slow_tick == score.end_tick) continue;
        ++slowed;
        EXPECT_EQ(score.ending, Ending::kRing);
        EXPECT_EQ(score.leave_tick, score.slow_tick);
        EXPECT_EQ(score.end_tick - score.slow_tick, 2 * score.bar_ticks());
        double last = score.seconds_per_tick();
        for (int tick = score.slow_tick; tick < score.end_tick; ++tick) {
          const double each = score.seconds_at(tick + 1) - score.seconds_at(tick);
          EXPECT_GT(each, last - 1e-12);
          last = each;
        }
        EXPECT_NEAR(last / score.seconds_per_tick(), 1 + kSlowing, 0.01);
        const double ring = score.duration - score.seconds_at(score.end_tick);
        EXPECT_TRUE(ring > 1.5 && ring < 3.2) << genre.name << ": rings for " << ring;
        // It is heard so: the last stroke before the chord comes as late as that.
        const auto events = perform(score, seed);
        const auto played =
            std::ranges::max(events, {}, [](const Event& e) { return e.on ? e.block : 0; });
        EXPECT_NEAR(played.block * double{kBlock} / sound::kRate, score.seconds_at(score.end_tick),
                    0.15)
            << genre.name << " " << seed;
      }
    EXPECT_EQ(slowed > 0, wanted > 0) << genre.name;
    EXPECT_NEAR(slowed, wanted * rang, 0.2 * rang) << genre.name;
  }
}

TEST(Form, HasTheFormThatIsOrdered) {
  constexpr std::string_view kForm = "intro, verse, chorus, break, solo, bridge, chorus, outro";
  for (const auto& genre : music::kGenres) {
    const Sheet& sheet = *sheet_of(genre.name);
    for (const double duration : {45.0, 90.0, 240.0}) {
      const Score score = ordered(genre, 3, duration, kOwnEnergy, kForm);
      ASSERT_EQ(score.sections.size(), 8u) << genre.name;
      int bars = 0;
      for (const Section& section : score.sections) {
        EXPECT_EQ(section.first_bar, bars);
        EXPECT_GE(section.bars, 1) << genre.name;
        if (duration == 240.0 && &section != &score.sections.back()) {
          EXPECT_EQ(section.bars % 4, 0) << genre.name;
        }
        bars += section.bars;
      }
      EXPECT_EQ(bars, score.bars);
      const auto& s = score.sections;
      EXPECT_EQ(s[0].name, sheet.shapes.front().front().name);
      EXPECT_EQ(s[7].name, sheet.shapes.front().back().name);
      EXPECT_EQ(s[2].name, s[6].name);
      EXPECT_EQ(s[2].theme, s[6].theme);
      EXPECT_GT(s[2].energy, s[1].energy) << genre.name << ": a chorus is livelier than a verse";
      EXPECT_GT(s[2].energy, s[3].energy) << genre.name << ": and than a break";
    }
    EXPECT_THROW(ordered(genre, 3, 5, kOwnEnergy, kForm), OrderError);
  }
}

/// Whether a part of one of these roles sounds at the tick.
bool sounds_at(const Score& score, int tick, const std::set<Role>& roles) {
  return std::ranges::any_of(score.parts, [&](const Part& part) {
    return roles.contains(part.sheet->role) &&
           std::ranges::any_of(part.notes, [&](const Note& note) {
             return note.tick < tick + score.bar_ticks() && note.tick + note.length > tick;
           });
  });
}

TEST(Form, PlaysItsGrooveFromTheThirdBar) {
  const std::set<Role> bass{Role::kBass, Role::kWalk, Role::kDrone},
      chords{Role::kComp, Role::kArp, Role::kPad};
  for (const auto& genre : music::kGenres) {
    int at_once = 0;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      const Score score = score_of(genre, seed);
      const int third = 2 * score.bar_ticks();
      EXPECT_TRUE(sounds_at(score, third, chords)) << genre.name << " " << seed;
      const bool has_bass = std::ranges::any_of(
          score.parts, [&](const Part& p) { return bass.contains(p.sheet->role); });
      EXPECT_EQ(sounds_at(score, third, bass), has_bass) << genre.name << " " << seed;
      EXPECT_TRUE(score.hits.empty() || score.hits.front().tick < third) << genre.name;
      at_once += sounds_at(score, 0, chords) && (!has_bass || sounds_at(score, 0, bass));
    }
    EXPECT_GE(at_once, 4) << genre.name;
  }
}

/// Risers end, and falls begin, where a section ends.
TEST(Form, LeadsIntoLivelyAndCalmSectionsByTheirOwnSounds) {
  std::set<std::string> risers;
  int falls = 0;
  for (const std::string_view name : {"electronic", "drum and bass", "synthwave"})
    for (std::uint32_t seed = 1; seed <= 12; ++seed) {
      const Score score = score_of(*music::find_genre(name), seed, 120);
      const auto energy_at = [&](int tick) { return score.section_at(tick).energy; };
      const auto is_border = [&](int tick) {
        return std::ranges::any_of(score.sections, [&](const Section& section) {
          return section.first_bar * score.bar_ticks() == tick;
        });
      };
      for (const Part& part : score.parts)
        for (const Note& note : part.notes) {
          if (part.sheet->role == Role::kRiser) {
            risers.insert(part.sheet->preset);
            EXPECT_TRUE(is_border(note.tick + note.length)) << name << seed;
            EXPECT_LT(energy_at(note.tick), energy_at(note.tick + note.length)) << name << seed;
          } else if (part.sheet->role == Role::kFall) {
            ++falls;
            EXPECT_TRUE(is_border(note.tick)) << name << seed;
            EXPECT_GT(energy_at(note.tick - 1), energy_at(note.tick)) << name << seed;
          }
        }
    }
  EXPECT_EQ(risers, (std::set<std::string>{"climb", "reverse", "riser"}));
  EXPECT_GT(falls, 12);
}

TEST(Form, EndsAsItsSheetSays) {
  for (const auto& genre : music::kGenres) {
    std::array<int, 3> endings{};
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
      const Score score = score_of(genre, seed);
      ++endings[static_cast<std::size_t>(score.ending)];
      const double second = score.seconds_per_tick();
      EXPECT_EQ(score.leave_tick % score.bar_ticks(), 0) << "tracks are joined at a bar line";
      const double rest = score.duration - score.leave_tick * second;
      if (score.ending == Ending::kFade) {
        EXPECT_TRUE(rest > 5 && rest < 15) << genre.name << ": fades for " << rest;
      } else {
        EXPECT_EQ(score.leave_tick, score.slow_tick);
        EXPECT_EQ(score.ring_seconds < 0.6, score.ending == Ending::kCold) << genre.name;
      }
    }
    const EdgeSheet& edges = sheet_of(genre.name)->edges;
    const double wanted[] = {edges.ring, edges.cold, edges.fade};
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(endings[i] > 0, wanted[i] > 0) << genre.name;
  }
}

}  // namespace
}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// What makes a score musical, as numbers.
#include "band/score.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "band/block.hpp"
#include "band/composer.hpp"
#include "band/drummer.hpp"
#include "band/form_tags.hpp"
#include "band/groove.hpp"
#include "band/humanize.hpp"
#include "music/genre.hpp"

namespace infinara::band {
namespace {

constexpr std::uint32_t kSeeds = 5;

Score score_of(const music::Genre& genre, std::uint32_t seed, double duration = 90, double bpm = 0,
               const Key* key = nullptr, double tolerance = kLengthTolerance) {
  return compose(*sheet_of(genre.name),
                 {seed, duration, bpm, genre.bpm_low, genre.bpm_high, key, tolerance});
}

/// A run of four lead notes as (interval, step between) triples.
using Gram = std::array<std::pair<int, int>, 3>;

std::map<Gram, int> grams(const Score& score) {
  std::map<Gram, int> found;
  for (const Part& part : score.parts) {
    if (part.sheet->role != Role::kLead) continue;
    for (std::size_t i = 0; i + 3 < part.notes.size(); ++i) {
      Gram gram;
      for (std::size_t k = 0; k < 3; ++k)
        gram[k] = {part.notes[i + k + 1].pitch - part.notes[i + k].pitch,
                   part.notes[i + k + 1].tick - part.notes[i + k].tick};
      ++found[gram];
    }
  }
  return found;
}

double coherence(const Score& score) {
  int again = 0, all = 0;
  for (const auto& [gram, count] : grams(score)) {
    all += count;
    if (count > 1) again += count;
  }
  return all == 0 ? 0 : static_cast<double>(again) / all;
}

TEST(Score, FillsItsTimeWithWholeBarsAndALastChord) {
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

TEST(Score, ComesNearAWishedLengthAtAnyTempo) {
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

TEST(Score, HasFormsThatComeToAnEnd) {
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

TEST(Score, IsAsCalmOrLivelyAsOrdered) {
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

TEST(Score, PlaysInTheMetresOfItsSheet) {
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

TEST(Score, ChangesChordsOnTheBeatsOfItsMetre) {
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

TEST(Score, SlowsDownAtTheEndAfterItsGridWhereTheSheetWantsIt) {
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

TEST(Score, HasTheFormThatIsOrdered) {
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

TEST(Score, PlaysItsGrooveFromTheThirdBar) {
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

TEST(Score, EndsAsItsSheetSays) {
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

std::string line_up_of(const Score& score) {
  std::string names;
  for (const Part& part : score.parts)
    if (!part.notes.empty()) names += part.sheet->name + " ";
  return names;
}

TEST(Score, HasOtherPlayersFromTrackToTrack) {
  for (const auto& genre : music::kGenres) {
    std::set<std::string> line_ups;
    std::set<std::pair<int, std::string>> kits;
    std::set<double> rooms;
    for (std::uint32_t seed = 1; seed <= 20; ++seed) {
      const Score score = score_of(genre, seed);
      line_ups.insert(line_up_of(score));
      kits.emplace(score.sheet->drums.program, score.sheet->drums.kit);
      rooms.insert(score.sheet->effects.reverb_tone);
    }
    EXPECT_GE(line_ups.size(), 16u) << genre.name;
    EXPECT_GE(rooms.size(), 2u) << genre.name;
    if (!score_of(genre, 1).hits.empty()) {
      EXPECT_GE(kits.size(), 3u) << genre.name;
    }
  }
}

TEST(Score, HasDrummersWithTwoHands) {
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

TEST(Score, BuildsUpToDropsWhereTheSheetWantsIt) {
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

TEST(Score, HasGroovesOfItsOwn) {
  for (const auto& genre : music::kGenres) {
    const auto one = drum_bars(score_of(genre, 51)), other = drum_bars(score_of(genre, 52));
    if (one.empty()) continue;
    double common = 0;
    for (const auto& bar : one) common += other.contains(bar);
    EXPECT_GE(one.size(), 6u) << genre.name;
    EXPECT_LE(common / static_cast<double>(one.size()), 0.5) << genre.name;
  }
}

TEST(Score, KeepsARequestedTempoAndKey) {
  const Key key{9, Mode::kAeolian};
  for (const auto& genre : music::kGenres)
    for (const double bpm : {40.0, 97.0, 220.0}) {
      const Score score = score_of(genre, 1, 60, bpm, &key, 0);
      EXPECT_EQ(score.bpm, bpm);
      EXPECT_EQ(score.key.tonic, key.tonic);
      EXPECT_TRUE(is_minor(score.key.mode)) << genre.name << ": minor in one of its modes";
      EXPECT_LE(60 - score.end_tick * score.seconds_per_tick(), 4 * 60 / bpm + 3) << genre.name;
    }
}

TEST(Score, PlaysAModeThatIsOrderedWhereItsSheetHasChordsForIt) {
  int played = 0;
  for (const auto& genre : music::kGenres)
    for (std::size_t mode = 0; mode < music::kModeNames.size(); ++mode) {
      const Key key{2, static_cast<Mode>(mode)};
      for (std::uint32_t seed = 1; seed <= 4; ++seed) {
        const Score score = score_of(genre, seed, 60, 0, &key);
        EXPECT_EQ(score.key.tonic, key.tonic);
        EXPECT_EQ(is_minor(score.key.mode), is_minor(key.mode)) << genre.name << key_name(key);
        EXPECT_FALSE(score.chords.empty()) << genre.name << key_name(key);
        played += score.key.mode == key.mode && key.mode != plain(key).mode;
      }
    }
  EXPECT_GT(played, 20);
}

TEST(Score, StaysInItsKey) {
  for (const auto& genre : music::kGenres)
    for (const Key key : {Key{9, Mode::kAeolian}, Key{3, Mode::kIonian}}) {
      double inside = 0, all = 0, home = 0;
      for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        const Score score = score_of(genre, seed, 90, 0, &key);
        for (const Part& part : score.parts)
          for (const Note& note : part.notes) {
            all += note.length;
            if (has(scale_of(score.key.mode), note.pitch - key.tonic)) inside += note.length;
          }
        const Chord& last = score.chords.back().chord;
        EXPECT_EQ(last.root, 0) << genre.name << " ends at home";
        home += last.tones.size() > 1 && last.tones[1] == (is_minor(key.mode) ? 3 : 4);
      }
      // Dominants of minor keys and jazz turnarounds borrow a few tones.
      EXPECT_GE(inside / all, genre.name == "jazz" || genre.name == "bossa nova" ? 0.85 : 0.93)
          << genre.name << " in " << key_name(key);
      EXPECT_TRUE(home == kSeeds || genre.name == "rock") << genre.name << " in " << key_name(key);
    }
}

TEST(Score, HasTunesThatReturnAndMoveBySteps) {
  for (const auto& genre : music::kGenres) {
    double steps = 0, leaps = 0, moves = 0, coherent = 0;
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
      const Score score = score_of(genre, seed, 120);
      coherent += coherence(score) / kSeeds;
      for (const Part& part : score.parts) {
        if (part.sheet->role != Role::kLead && part.sheet->role != Role::kSolo) continue;
        EXPECT_FALSE(part.notes.empty()) << part.sheet->name << " of " << genre.name;
        for (std::size_t i = 1; i < part.notes.size(); ++i) {
          const int move = std::abs(part.notes[i].pitch - part.notes[i - 1].pitch);
          ++moves;
          steps += move <= 2;
          leaps += move > 7;
        }
      }
    }
    EXPECT_GE(coherent, 0.4) << genre.name;
    EXPECT_LE(coherent, 0.98) << genre.name;
    EXPECT_GE(steps / moves, 0.4) << genre.name;
    EXPECT_LE(leaps / moves, 0.12) << genre.name;
  }
}

/// All notes of leads and solos by time.
std::vector<Note> tune_of(const Score& score) {
  std::vector<Note> line;
  for (const Part& part : score.parts)
    if (part.sheet->role == Role::kLead || part.sheet->role == Role::kSolo)
      for (const Note& note : part.notes)
        if (note.tick < score.end_tick) line.push_back(note);
  std::ranges::stable_sort(line, {}, &Note::tick);
  return line;
}

TEST(Score, HasTunesOnTopThatBreatheAndSwell) {
  for (const auto& genre : music::kGenres) {
    double on_top = 0, all = 0, repeated = 0, moves = 0, together = 0, sections = 0;
    for (std::uint32_t seed = 61; seed <= 66; ++seed) {
      const Score score = score_of(genre, seed);
      const std::vector<Note> line = tune_of(score);
      for (std::size_t i = 0; i < line.size(); ++i) {
        int top = 0;
        for (const Part& part : score.parts) {
          const Role role = part.sheet->role;
          if (role != Role::kComp && role != Role::kPad && role != Role::kArp &&
              role != Role::kCounter)
            continue;
          for (const Note& note : part.notes)
            if (note.tick <= line[i].tick && note.tick + note.length > line[i].tick)
              top = std::max(top, note.pitch);
        }
        ++all;
        on_top += line[i].pitch > top;
        if (i == 0 || line[i].tick == line[i - 1].tick) continue;
        ++moves;
        repeated += line[i].pitch == line[i - 1].pitch;
      }
      const int bar = score.sheet->steps() * kStep;
      for (const Section& section : score.sections) {  // louder where it is higher
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (const Note& note : line) {
          if (note.tick / bar < section.first_bar ||
              note.tick / bar >= section.first_bar + section.bars)
            continue;
          const double p = note.pitch, v = note.velocity;
          ++n, x += p, y += v, xx += p * p, yy += v * v, xy += p * v;
        }
        const double spread = (n * xx - x * x) * (n * yy - y * y);
        if (n < 8 || spread <= 0) continue;
        together += (n * xy - x * y) / std::sqrt(spread);
        ++sections;
      }
    }
    EXPECT_GE(on_top / all, 0.8) << genre.name;
    EXPECT_LE(repeated / moves, 0.15) << genre.name;
    EXPECT_GE(together / std::max(1.0, sections), 0.4) << genre.name;
  }
}

TEST(Score, HasSolosDenserThanTheirThemes) {
  for (const std::string_view name : {"jazz", "bossa nova", "rock"}) {
    double notes[2]{}, bars[2]{};
    for (std::uint32_t seed = 61; seed <= 70; ++seed) {
      const Score score = score_of(*music::find_genre(name), seed);
      for (const Part& part : score.parts) {
        if (part.sheet->role != Role::kLead && part.sheet->role != Role::kSolo) continue;
        const bool solo = part.sheet->role == Role::kSolo;
        std::set<int> played;
        for (const Note& note : part.notes)
          played.insert(note.tick / (score.sheet->steps() * kStep));
        notes[solo] += static_cast<double>(part.notes.size());
        bars[solo] += static_cast<double>(played.size());
      }
    }
    EXPECT_GE(notes[1] / bars[1], 1.45 * notes[0] / bars[0]) << name;
  }
}

TEST(Score, DiffersFromSeedToSeed) {
  for (const auto& genre : music::kGenres) {
    const auto one = grams(score_of(genre, 1)), other = grams(score_of(genre, 2));
    double common = 0;
    for (const auto& [gram, count] : one) common += other.contains(gram);
    EXPECT_LT(common / static_cast<double>(one.size() + other.size() - common), 0.1) << genre.name;
  }
}

/// The changes of four bars each, in the words of the key.
std::vector<std::string> changes_of(const Score& score) {
  std::vector<std::string> found;
  const int bar = score.sheet->steps() * kStep;
  for (const Section& section : score.sections)
    for (int b = 0; b + 4 <= section.bars; b += 4) {
      std::string four;
      for (const ChordSpan& span : score.chords)
        if (span.tick >= (section.first_bar + b) * bar &&
            span.tick < (section.first_bar + b + 4) * bar)
          four += span.chord.name + " ";
      found.push_back(four);
    }
  return found;
}

TEST(Score, HasChangesThatWereNotHeardBefore) {
  for (const auto& genre : music::kGenres) {
    std::set<std::string> heard;
    for (std::uint32_t seed = 101; seed <= 120; ++seed)  // half an hour
      for (const auto& four : changes_of(score_of(genre, seed))) heard.insert(four);
    EXPECT_GE(heard.size(), 40u) << genre.name;
    double again = 0, all = 0;
    for (std::uint32_t seed = 121; seed <= 130; ++seed)
      for (const auto& four : changes_of(score_of(genre, seed)))
        ++all, again += heard.contains(four);
    EXPECT_LE(again / all, 0.55) << genre.name;
  }
}

TEST(Score, HasNoParallelsInClassicalsOuterVoices) {
  for (std::uint32_t seed = 71; seed <= 80; ++seed) {
    const Score score = score_of(*music::find_genre("classical"), seed);
    std::map<int, int> low, high;
    for (const Part& part : score.parts)
      for (const Note& note : part.notes) {
        if (note.tick >= score.end_tick) continue;
        if (part.sheet->role == Role::kBass) low.emplace(note.tick, note.pitch);
        if (part.sheet->role == Role::kLead) high.emplace(note.tick, note.pitch);
      }
    int bass = -1, tune = -1;
    for (const auto& [tick, pitch] : low) {
      const auto at = high.find(tick);
      if (at == high.end()) continue;
      const int now = (at->second - pitch) % 12;
      const bool parallel = bass >= 0 && pitch != bass && at->second != tune &&
                            (tune - bass) % 12 == now && (now == 0 || now == 7) &&
                            (pitch > bass) == (at->second > tune);
      EXPECT_FALSE(parallel) << "seed " << seed << ", tick " << tick;
      bass = pitch;
      tune = at->second;
    }
  }
}

TEST(Score, LocksTheBassToTheChords) {
  for (const auto& genre : music::kGenres) {
    const Score score = score_of(genre, 4);
    int on_change = 0, right = 0;
    for (const Part& part : score.parts) {
      if (part.sheet->role != Role::kBass) continue;
      for (const Note& note : part.notes) {
        const ChordSpan& span = score.chord_at(note.tick);
        if (note.tick != span.tick) continue;
        ++on_change;
        const int above = (note.pitch - score.key.tonic - span.chord.root + 24) % 12;
        right +=
            has(tones_of(span.chord), note.pitch - score.key.tonic) || above == span.chord.bass;
      }
    }
    EXPECT_EQ(right, on_change) << genre.name;
  }
}

TEST(Score, KeepsPlayersInTheirRanges) {
  for (const auto& genre : music::kGenres)
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
      const Score score = score_of(genre, seed);
      for (const Part& part : score.parts)
        for (const Note& note : part.notes) {
          EXPECT_GE(note.pitch, part.sheet->low - 6) << genre.name << " " << part.sheet->name;
          EXPECT_LE(note.pitch, part.sheet->high + 14) << genre.name << " " << part.sheet->name;
          EXPECT_GT(note.length, 0);
        }
    }
}

TEST(Score, IsEmptyBeforeItIsComposed) {
  const Score score;
  EXPECT_EQ(score.beats().beats_per_bar, 4u);
  EXPECT_FALSE(to_text(score).empty());
}

TEST(Score, IsWrittenOutForPeople) {
  const std::string text = to_text(score_of(music::kGenres[3], 7));
  EXPECT_NE(text.find("jazz in "), text.npos);
  EXPECT_NE(text.find("[solo] theme A"), text.npos);
  EXPECT_EQ(text, to_text(score_of(music::kGenres[3], 7)));
  EXPECT_NE(text, to_text(score_of(music::kGenres[3], 8)));
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

TEST(Performance, EndsEachNoteBeforeItsPitchSoundsAgain) {
  for (const auto& genre : music::kGenres) {
    const Score score = score_of(genre, 2, 45);
    std::map<std::pair<int, int>, int> sounding;
    std::uint32_t last = 0;
    for (const Event& event : perform(score, 2)) {
      EXPECT_GE(event.block, last);
      last = event.block;
      if (event.part == kDrums) continue;
      int& count = sounding[{event.part, event.pitch}];
      count += event.on ? 1 : -1;
      EXPECT_GE(count, 0) << genre.name;
      EXPECT_LE(count, 1) << genre.name;
    }
    for (const auto& [who, count] : sounding) EXPECT_EQ(count, 0) << genre.name;
  }
}

}  // namespace
}  // namespace infinara::band

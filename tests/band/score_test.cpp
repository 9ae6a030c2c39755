// SPDX-License-Identifier: Apache-2.0
// What makes a score musical, as numbers: players, keys, chords, tunes, bass.
#include "band/score.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "band/humanize.hpp"
#include "music/genre.hpp"
#include "scores.hpp"

namespace infinara::band {
namespace {

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

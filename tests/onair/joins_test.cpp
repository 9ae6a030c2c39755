// SPDX-License-Identifier: Apache-2.0
// Every way in which one track may follow another is met, and said in words.
#include "onair/joins.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "../sound/tracks.hpp"

namespace {

using namespace infinara;
using sound::Edit;
using sound::Fit;

constexpr std::int64_t s = sound::kRate;

/// Of a track of so many samples whose last bar ends 4 s before its end.
music::Track tune(double bpm, const std::string& key, std::int64_t length) {
  music::Track about;
  about.length = length;
  about.bpm = bpm;
  about.beats = music::BeatGrid{0, 60.0 * s / bpm, 4};
  about.key = key;
  about.cue_out = length - 4 * s;
  return about;
}

/// In 6/8, its eighths told as beats.
music::Track six_eighths(double bpm, const std::string& key, std::int64_t length) {
  music::Track about = tune(2 * bpm, key, length);
  about.bpm = bpm;
  about.beats->beats_per_bar = 6;
  return about;
}

/// Two tracks of a live programme, as the mixer plays them and as people are told.
struct Programme : sound::TestProgramme {
  Programme() : TestProgramme({.crossfade = 18 * s, .join = sound::JoinStyle::kPlanned}) {}

  music::Track from = tune(120, "C major", 60 * s), to = tune(120, "G major", 60 * s);
  std::int64_t next_is_late = 0;       // samples of the programme
  std::optional<std::int64_t> skip{};  // at this sample of it

  Edit leaves() {
    for (unsigned i = 0; i < 2; ++i) {
      const auto& about = i == 0 ? from : to;
      const auto id = add(std::to_string(i), sound::noise(*about.length, i + 1, 6000)).id;
      mix.describe(id, onair::cues_of(about));
    }
    tracks[1].available = next_is_late > 0 ? 0 : INT64_MAX;
    while (!mix.is_finished()) {
      if (mix.position() >= next_is_late) tracks[1].available = INT64_MAX;
      if (skip && mix.position() >= *skip) {
        mix.skip();
        skip.reset();
      }
      write_all();
      sound::Samples frame(sound::kFrameValues);
      mix.render(frame);
      for (const Edit& edit : mix.take_edits())
        if (edit.what == Edit::What::kLeaves) return edit;
    }
    ADD_FAILURE() << "it was never left";
    return {};
  }
};

TEST(Joins, EachFallbackIsMetAndNamed) {
  const auto set = [](Programme& all, auto change) {
    auto settings = all.mix.settings();
    change(settings);
    all.mix.set(settings);
  };
  const struct {
    const char* what;
    std::function<void(Programme&)> change;
    Fit fit;
    const char* words;
    std::int64_t at, length;  // samples
  } rows[] = {
      {"all is known and fits", [](auto&) {}, Fit::kBars,
       "8 bars at 120 bpm, C major to G major, bass handed over after bar 4", 40 * s, 16 * s},
      {"a cold ending", [](auto& all) { all.from.cue_out = 60 * s; }, Fit::kBars,
       "8 bars at 120 bpm, C major to G major, bass handed over after bar 4", 44 * s, 16 * s},
      {"half the tempo", [](auto& all) { all.to = tune(60, "G major", 60 * s); }, Fit::kBars,
       "8 bars at 120 bpm, C major to G major, bass handed over after bar 4", 40 * s, 16 * s},
      {"no key", [](auto& all) { all.to.key.clear(); }, Fit::kBars,
       "8 bars at 120 bpm, bass handed over after bar 4", 40 * s, 16 * s},
      {"a key that rubs", [](auto& all) { all.to.key = "F# major"; }, Fit::kKey,
       "2 bars at 120 bpm, C major to F# major, which rub, bass handed over after bar 1", 52 * s,
       4 * s},
      {"another tempo", [](auto& all) { all.to = tune(97, "G major", 60 * s); }, Fit::kTempo,
       "2 bars at 120 to 97 bpm, C major to G major, bass handed over after bar 1", 52 * s, 4 * s},
      {"a tempo that the beats contradict", [](auto& all) { all.from.bpm = all.to.bpm = 97; },
       Fit::kBars, "8 bars at 120 bpm, C major to G major, bass handed over after bar 4", 40 * s,
       16 * s},
      {"six eighths",
       [](auto& all) {
         all.from = six_eighths(90, "C major", 60 * s);
         all.to = six_eighths(90, "G major", 60 * s);
       },
       Fit::kBars, "8 bars at 90 bpm, C major to G major, bass handed over after bar 4", 40 * s,
       16 * s},
      {"six eighths after four quarters",
       [](auto& all) {
         all.from = tune(90, "C major", 60 * s);
         all.to = six_eighths(90, "G major", 60 * s);
       },
       Fit::kTempo,
       "2 bars at 90 bpm to another metre, C major to G major, bass handed over after bar 1",
       56 * s - 16 * s / 3, 16 * s / 3},
      {"a next track without beats", [](auto& all) { all.to.beats.reset(); }, Fit::kNoGrid,
       "2 bars at 120 bpm, the next track's beats are not known", 52 * s, 4 * s},
      {"a track without beats", [](auto& all) { all.from.beats.reset(); }, Fit::kNoGrid,
       "a crossfade, the beats are not known", 42 * s, 18 * s},
      {"no tags at all",
       [](auto& all) {
         all.from = {.length = 60 * s};
         all.to = {.length = 60 * s};
       },
       Fit::kNoGrid, "a crossfade, the beats are not known", 42 * s, 18 * s},
      {"a successor that is late", [](auto& all) { all.next_is_late = 46 * s; }, Fit::kBars,
       "4 bars at 120 bpm, C major to G major, bass handed over after bar 2", 48 * s, 8 * s},
      {"one that comes within the last bar", [](auto& all) { all.next_is_late = 55 * s; },
       Fit::kLate, "a crossfade, there was no whole bar left", 55 * s, 5 * s},
      {"a track that is too short for more",
       [](auto& all) { all.to = tune(120, "G major", 10 * s); }, Fit::kBars,
       "2 bars at 120 bpm, C major to G major, bass handed over after bar 1", 52 * s, 4 * s},
      {"or for a bar", [](auto& all) { all.to = tune(120, "G major", 3 * s); }, Fit::kLate,
       "a crossfade, there was no whole bar left", 60 * s - 3 * s / 2, 3 * s / 2},
      {"a crossfade that is shorter than a bar",
       [set](auto& all) { set(all, [](auto& settings) { settings.crossfade = s; }); }, Fit::kLate,
       "a crossfade, there was no whole bar left", 59 * s, s},
      {"a skip", [](auto& all) { all.skip = 10 * s + 960; }, Fit::kSkip, "a skip on a beat",
       10 * s + s / 2, s * 2 / 5},
      {"a skip where no beat is known",
       [](auto& all) {
         all.from.beats.reset();
         all.skip = 10 * s + 960;
       },
       Fit::kSkip, "a skip", 10 * s + 960, s * 2 / 5},
      {"a skip without a next track",
       [](auto& all) {
         all.next_is_late = 30 * s;
         all.skip = 10 * s + 960;
       },
       Fit::kSkip, "a skip", 10 * s + 960, s * 2 / 5},
      {"plain joins",
       [set](auto& all) {
         set(all, [](auto& settings) { settings.join = sound::JoinStyle::kPlain; });
       },
       Fit::kPlain, "", 42 * s, 18 * s},
  };
  std::set<Fit> met;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Programme programme;
    row.change(programme);
    const Edit leaves = programme.leaves();
    met.insert(leaves.fit);
    EXPECT_EQ(leaves.fit, row.fit) << name_of(leaves.fit);
    EXPECT_EQ(onair::words_of(leaves, programme.from, programme.to), row.words);
    EXPECT_EQ(leaves.at, row.at);
    EXPECT_EQ(leaves.fade.delay + leaves.fade.length, row.length);
  }
  for (const Fit fit :
       {Fit::kBars, Fit::kTempo, Fit::kKey, Fit::kNoGrid, Fit::kLate, Fit::kPlain, Fit::kSkip})
    EXPECT_TRUE(met.contains(fit)) << name_of(fit) << " was not met";
}

}  // namespace

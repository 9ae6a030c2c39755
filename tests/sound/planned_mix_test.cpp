// SPDX-License-Identifier: Apache-2.0
// Planned joins are mixed where the plan says, sample by sample.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "sound/meter.hpp"
#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;

double smoothstep(double t) {
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/// A programme that plays `first` and `second`, each with beats at 120 bpm and a last bar until 36
/// s.
struct PlannedProgramme : TestProgramme {
  PlannedProgramme(bool patient, const Samples& first, const Samples& second)
      : TestProgramme({.crossfade = 10 * s, .join = JoinStyle::kPlanned, .patient = patient}) {
    for (const auto* samples : {&first, &second})
      mix.describe(add(samples == &first ? "a" : "b", *samples).id,
                   {Grid{0, s / 2.0, 4}, 36 * s, std::nullopt});
  }
  Edit edit(Edit::What what, unsigned track = 0) {
    for (const Edit& one : edits)
      if (one.what == what && one.track == track) return one;
    ADD_FAILURE() << "not told";
    return {};
  }
  Edit leaves() { return edit(Edit::What::kLeaves); }
  Edit begins() { return edit(Edit::What::kBegins, 1); }
  void play() {
    while (!mix.is_finished()) {
      write_all();
      Samples frame(kFrameValues);
      const auto count = mix.render(frame);
      const bool is_hungry = std::ranges::any_of(
          tracks, [this](const auto& track) { return !track.ended && mix.room(track.id) > 0; });
      ASSERT_TRUE(count > 0 || is_hungry || mix.is_finished());
      out.insert(out.end(), frame.begin(), frame.begin() + count * 2);
      for (const Edit& edit : mix.take_edits()) edits.push_back(edit);
    }
  }
  std::vector<Edit> edits;
};

Samples tone(double hertz, double amplitude) {
  return hertz > 0 ? sine(40 * s, hertz, amplitude)
                   : level(40 * s, static_cast<std::int16_t>(amplitude));
}

/// Each band by a tone of it: where its gains move is where the edits say, to the sample.
TEST(PlannedMix, GainsMoveAsPlannedOnTheBarLines) {
  const struct {
    double hertz;
    GainMove Edit::*mid;
    GainMove BandMoves::*band;
  } rows[] = {{0, nullptr, &BandMoves::low},
              {30, nullptr, &BandMoves::low},
              {600, &Edit::fade, nullptr},
              {9000, nullptr, &BandMoves::high}};
  for (const bool patient : {false, true})
    for (const auto& row : rows) {
      SCOPED_TRACE((patient ? "patient, " : "live, ") + std::to_string(row.hertz) + " Hz");
      PlannedProgramme programme(patient, tone(row.hertz, 8000), tone(row.hertz, 3000));
      programme.play();
      const Edit leaves = programme.leaves(), begins = programme.begins();
      EXPECT_EQ(leaves.fit, Fit::kBars);
      EXPECT_EQ(leaves.bars, 4U);
      EXPECT_EQ(leaves.at, 28 * s);
      EXPECT_EQ(begins.at, 28 * s);
      EXPECT_EQ(leaves.fade.delay + leaves.fade.length, 8 * s);
      ASSERT_TRUE(leaves.bands && begins.bands);
      EXPECT_EQ(leaves.bands->low.length, std::llround(kOpenShare * 2 * s));
      EXPECT_EQ(leaves.bands->low.delay + leaves.bands->low.length - begins.bands->low.delay, 2 * s)
          << "the bass is handed over within one bar";
      const auto move_of = [&row](const Edit& edit) {
        return row.mid != nullptr ? edit.*row.mid : *edit.bands.*row.band;
      };
      const auto share = [](const GainMove& move, std::int64_t at) {
        return smoothstep((static_cast<double>(at - move.delay) + 0.5) /
                          static_cast<double>(move.length));
      };
      const auto first = tone(row.hertz, 8000), second = tone(row.hertz, 3000);
      for (std::int64_t i = s; i < 60 * s; i += 7) {  // not the ramps at its ends
        const double away = share(move_of(leaves), i - 28 * s);
        const double in = share(move_of(begins), i - 28 * s);
        const auto k = static_cast<std::size_t>(i) * 2;
        const double expected = (k < first.size() ? first[k] * (1 - away) : 0) +
                                (i >= 28 * s ? second[k - 56 * s] * in : 0);
        ASSERT_NEAR(programme.out[k], expected, 8) << i;  // a thousandth of the tone
      }
      EXPECT_EQ(programme.out.size(), (28 + 40) * s * 2U + kFrameValues)
          << "a ramp after the hard end";
    }
}

/// What is heard of a join that begins with a piece: both tracks in bands, with the gains of the
/// edits.
Samples as_told(const Edit& leaves, const Edit& begins, const Samples& first,
                const Samples& second) {
  struct Side {
    Side(const Edit& edit, const Samples& samples, std::int64_t from, bool comes) : at(from) {
      fifo.write(samples);
      const auto running = [comes](const GainMove& move) {
        return RunningFade{{move.curve, comes ? 0.0F : 1.0F, comes ? 1.0F : 0.0F, move.length},
                           -move.delay};
      };
      low = running(edit.bands->low);
      rest = running(edit.fade);
    }
    void add(std::span<float> sum) {
      bands.next(fifo, at);
      bands.add(sum, 0, low, rest, rest);
      for (auto* place : {&at, &low.at, &rest.at}) *place += kFrame;
    }
    Blocks blocks;
    Fifo fifo{blocks};
    BandSplit bands{false};
    RunningFade low, rest;
    std::int64_t at;
  } out(leaves, first, leaves.at, false), in(begins, second, 0, true);
  Samples heard;
  for (auto left = leaves.fade.delay + leaves.fade.length; left > 0; left -= kFrame) {
    std::vector<float> sum(kFrameValues, 0.0F);
    out.add(sum);
    in.add(sum);
    Samples frame(kFrameValues);
    to_pcm(sum, frame);
    heard.insert(heard.end(), frame.begin(), frame.end());
  }
  return heard;
}

TEST(PlannedMix, AJoinIsWhatItsGainsMakeOfBothTracks) {
  const auto first = noise(40 * s, 1, 6000), second = noise(40 * s, 2, 6000);
  PlannedProgramme programme(false, first, second);
  programme.play();
  const auto told = as_told(programme.leaves(), programme.begins(), first, second);
  ASSERT_EQ(told.size(), 8U * s * 2);
  EXPECT_TRUE(std::equal(told.begin(), told.end(), programme.out.begin() + 28 * s * 2));
}

/// In mid-join a skip leaves what was rehearsed. The tracks go on where they were.
TEST(PlannedMix, ASkipOfMidJoinGoesOnWithTheSameSound) {
  const auto first = noise(40 * s, 1, 6000), second = noise(40 * s, 2, 6000);
  PlannedProgramme whole(false, first, second);
  whole.run_out();
  for (const auto until : {28 * s + s / 2, 30 * s, 32 * s, 34 * s, 35 * s}) {
    PlannedProgramme programme(false, first, second);
    programme.run_to(until);
    const auto at = static_cast<std::size_t>(programme.mix.position()) * 2;
    programme.mix.skip(2 * s);
    programme.run_out();
    for (std::size_t k = at; k < at + 60; ++k)
      ASSERT_NEAR(programme.out[k], whole.out[k], 4) << (k - at) / 2 << " behind " << at / 2;
  }
}

/// Clicks of both tracks stay at their samples.
TEST(PlannedMix, ClicksStayWhereTheyAre) {
  Samples first(40 * s * 2), second(40 * s * 2);
  for (std::int64_t at = s / 2; at < 40 * s; at += s / 2) {
    first[static_cast<std::size_t>(at) * 2] = 12'000;
    second[static_cast<std::size_t>(at) * 2 + 1] = 12'000;
  }
  PlannedProgramme programme(true, first, second);
  programme.play();
  const Edit leaves = programme.leaves();
  const auto end = leaves.at + leaves.fade.delay + leaves.fade.length;
  ASSERT_GE(end - leaves.at, 2 * s) << "a bar";
  for (std::int64_t at = leaves.at + s / 2; at < end; at += s / 2)
    for (const std::int64_t channel : {0, 1}) {
      std::int64_t highest = at - 500;
      for (std::int64_t i = at - 500; i <= at + 500; ++i)
        if (std::abs(programme.out[static_cast<std::size_t>(i * 2 + channel)]) >
            std::abs(programme.out[static_cast<std::size_t>(highest * 2 + channel)]))
          highest = i;
      EXPECT_EQ(highest, at) << "channel " << channel;
    }
}

/// After the join the track that came is itself again, bit by bit.
TEST(PlannedMix, ATrackIsUntouchedBeforeAndAfterItsJoin) {
  const auto first = noise(40 * s, 1, 6000), second = noise(40 * s, 2, 6000);
  PlannedProgramme programme(false, first, second);
  programme.play();
  for (std::size_t k = s * 2; k < 28 * s * 2; ++k) ASSERT_EQ(programme.out[k], first[k]) << k;
  for (std::size_t k = 36 * s * 2; k < (28 + 40) * s * 2; ++k)
    ASSERT_EQ(programme.out[k], second[k - 28 * s * 2]) << k;
}

/// Bars in which the track that comes rests are left out. What is heard of it is at its place, and
/// does not depend on the sizes in which it is written, nor on when its end is known.
TEST(PlannedMix, ATrackBeginsBehindBarsThatRest) {
  for (const std::int64_t length : {40 * s, 60 * s}) {
    const auto first = noise(40 * s, 1, 6000);
    auto second = noise(length, 2, 6000);
    for (std::size_t k = 2 * 2 * s; k < 2 * 8 * s; ++k) second[k] /= 16;
    Samples before;
    std::vector<std::int64_t> places;
    for (const auto& [buffer, next] : {std::pair<std::size_t, std::size_t>{1024, 1024},
                                       {4000, 100},
                                       {100, 48'000},
                                       {960, 3'000'000}}) {
      SCOPED_TRACE(std::to_string(length / s) + " s in buffers of " + std::to_string(next));
      PlannedProgramme programme(true, first, second);
      programme.track("a").buffer = buffer;
      programme.track("b").buffer = next;
      programme.play();
      const Edit leaves = programme.leaves(), begins = programme.begins();
      ASSERT_GT(begins.cut, 0);
      EXPECT_EQ(begins.cut % (2 * s), 0) << "whole bars";
      EXPECT_EQ(begins.at, leaves.at);
      const auto after = leaves.at + leaves.fade.delay + leaves.fade.length;
      for (std::int64_t k = s * 2; k < leaves.at * 2; ++k)
        ASSERT_EQ(programme.out[static_cast<std::size_t>(k)], first[static_cast<std::size_t>(k)])
            << k;
      const auto end = begins.at + length - begins.cut;
      ASSERT_GE(std::ssize(programme.out), end * 2);
      for (std::int64_t k = after * 2; k < end * 2; ++k)
        ASSERT_EQ(programme.out[static_cast<std::size_t>(k)],
                  second[static_cast<std::size_t>(k + (begins.cut - begins.at) * 2)])
            << k;
      if (before.empty()) before = programme.out;
      EXPECT_TRUE(programme.out == before) << "other bits";
    }
  }
}

/// Of a track that rests for a long time at its begin, and of one of which that is too much.
TEST(PlannedMix, AQuarterOfTheTrackThatComesMayBeLeftOut) {
  for (const auto& [length, rests, cut] :
       {std::tuple{60 * s, 12 * s, 12 * s}, {60 * s, 14 * s, 12 * s}, {44 * s, 14 * s, 10 * s}}) {
    auto second = noise(length, 2, 6000);
    for (std::int64_t k = 0; k < 2 * rests; ++k) second[static_cast<std::size_t>(k)] /= 64;
    for (const bool patient : {false, true}) {
      PlannedProgramme programme(patient, noise(40 * s, 1, 6000), second);
      programme.play();
      EXPECT_EQ(programme.begins().cut, cut) << length / s << " s, rests for " << rests / s << " s";
    }
  }
}

/// A third track that is described or flushed does not change what was chosen of the two before it.
TEST(PlannedMix, AThirdTrackDoesNotChangeTheBarsOfAJoin) {
  const auto first = noise(40 * s, 1, 6000);
  auto second = noise(60 * s, 2, 6000);
  for (std::size_t k = 2 * 2 * s; k < 2 * 8 * s; ++k) second[k] /= 16;
  const auto cut_of = [&](auto touch) {
    PlannedProgramme programme(false, first, second);
    constexpr std::int64_t kTouched = 27 * s;  // chosen by then, not begun
    const auto third = programme.add("c", noise(20 * s, 3, 6000)).id;
    bool is_touched = false;
    while (programme.mix.position() < 34 * s) {
      programme.write_all();
      Samples frame(kFrameValues);
      programme.mix.render(frame);
      for (const Edit& edit : programme.mix.take_edits()) {
        if (edit.what != Edit::What::kBegins || edit.track != 1) continue;
        EXPECT_TRUE(is_touched) << edit.at;
        return edit.cut;
      }
      if (!is_touched && programme.mix.position() >= kTouched) {
        touch(programme.mix, third);
        is_touched = true;
      }
    }
    return std::int64_t{-1};
  };
  const auto usual = cut_of([](Mix&, VoiceId) {});
  EXPECT_GT(usual, 0);
  EXPECT_EQ(cut_of([](Mix& mix, VoiceId third) { mix.flush(third); }), usual);
  EXPECT_EQ(cut_of([](Mix& mix, VoiceId third) { mix.describe(third, {.in = s}); }), usual);
}

/// Where two tracks together would be too high, the join is limited a little, or its gains sum to
/// 1, and then it is no higher than its tracks.
TEST(PlannedMix, NeverLiftsTheTruePeakAboveItsCeiling) {
  for (const double amplitude : {29'000.0, 24'000.0, 21'000.0, 17'000.0}) {
    PlannedProgramme programme(true, sine(40 * s, 440, amplitude), sine(40 * s, 440, amplitude));
    programme.play();
    Meter meter(kRate, kChannels);
    std::vector<float> heard;
    for (const auto x : programme.out) heard.push_back(static_cast<float>(x) / 32768);
    meter.listen(heard);
    const double track_db = 20 * std::log10(amplitude / 32768);
    EXPECT_LE(meter.true_peak_db(), std::max(-1.7, track_db) + 0.03) << amplitude;
    const bool open = track_db + 20 * std::log10(1.42) < -1.7 + 2.2;
    EXPECT_EQ(programme.leaves().fade.delay > std::round((1 - kOpenShare) * 8 * s) - 2, open)
        << amplitude;
  }
}

/// A join whose sum is brought down begins and ends without a step, and so does a skip in the
/// middle of it: nothing limits what is heard then.
TEST(PlannedMix, ALimitedJoinDoesNotClick) {
  const auto whole = level(40 * s, 22'000);
  for (const auto until : {0 * s, 32 * s, 34 * s}) {
    PlannedProgramme programme(false, whole, whole);
    programme.run_to(until);
    if (until > 0) programme.mix.skip(2 * s);
    programme.run_out();
    EXPECT_LE(largest_step(programme.out), 100) << until / s;
    const auto highest = *std::ranges::max_element(programme.out);
    if (until == 0) {
      EXPECT_NEAR(highest, 26'943, 5) << "-1.7 dB of full scale";
    }
  }
}

/// Whatever is set in the middle of a join, it goes on as it was planned.
TEST(PlannedMix, SettingsOfMidJoinAreForTheNextOne) {
  const auto first = noise(40 * s, 1, 6000), second = noise(40 * s, 2, 6000);
  PlannedProgramme whole(false, first, second);
  whole.run_out();
  const std::pair<const char*, void (*)(Mix::Settings&)> changes[] = {
      {"no crossfade", [](auto& all) { all.crossfade = 0; }},
      {"a longer crossfade", [](auto& all) { all.crossfade = 30 * s; }},
      {"a longer fade of skips", [](auto& all) { all.skip_fade = 3 * s; }},
      {"more before a track starts", [](auto& all) { all.min_ready = 2 * s; }},
      {"another curve", [](auto& all) { all.curve = Curve::kLinear; }},
      {"plain joins", [](auto& all) { all.join = JoinStyle::kPlain; }},
  };
  for (const auto at : {28 * s + kFrame / 2, 31 * s, 36 * s - kFrame / 2})
    for (const auto& [what, change] : changes) {
      PlannedProgramme programme(false, first, second);
      programme.run_to(at);
      auto settings = programme.mix.settings();
      change(settings);
      programme.mix.set(settings);
      programme.run_out();
      EXPECT_TRUE(programme.out == whole.out) << what << " at " << at;
    }
}

TEST(PlannedMix, ASkipBeforeTheOutgoingGainMovesDoesNotClick) {
  PlannedProgramme programme(false, level(40 * s, 8000), level(40 * s, 3000));
  programme.run_to(28 * s + s / 2);
  programme.mix.skip(s / 5);
  programme.run_out();
  EXPECT_LE(largest_step(programme.out), kRamp);
}

/// A note of 50 ms, on every beat from `first` on, each fourth one louder; on one channel.
Samples beats(std::int64_t first, int channel) {
  Samples track(40 * s * 2);
  int k = 0;
  for (std::int64_t at = first; at + s / 2 < 40 * s; at += s / 2, ++k)
    for (std::int64_t i = 0; i < s / 20; ++i)
      track[static_cast<std::size_t>((at + i) * 2 + channel)] = static_cast<std::int16_t>(
          (k % 4 == 0 ? 12'000 : 5'000) * std::sin(0.13 * static_cast<double>(i)));
  return track;
}

/// Whenever a skip is asked for, the next track's first downbeat is heard on the next beat.
TEST(PlannedMix, ASkipIsOnABeat) {
  for (const std::int64_t pickup : {std::int64_t{0}, s / 100, s * 3 / 10, s * 13 / 10})
    for (const std::int64_t asked : {5 * s, 5 * s + 960, 5 * s + s / 4, 6 * s - 960}) {
      SCOPED_TRACE(std::to_string(pickup) + ", " + std::to_string(asked));
      const auto first = beats(0, 0), second = beats(pickup, 1);
      PlannedProgramme programme(false, first, second);
      programme.mix.describe(programme.track("b").id,
                             {Grid{static_cast<double>(pickup), s / 2.0, 4}, 36 * s, std::nullopt});
      programme.run_to(asked);
      programme.mix.skip();
      programme.run_to(8 * s);
      const auto early = std::min<std::int64_t>(pickup, kRamp);
      const auto beat = (asked + early + s / 2 - 1) / (s / 2) * (s / 2);
      const TrackEdit begins = programme.told(Edit::What::kBegins, "b");
      EXPECT_EQ(begins.position, beat - early);
      EXPECT_LE(beat - asked, s / 2);
      for (std::int64_t i = beat; i < beat + s; ++i)
        ASSERT_EQ(programme.out[static_cast<std::size_t>(i * 2 + 1)],
                  second[static_cast<std::size_t>((pickup + i - beat) * 2 + 1)])
            << i - beat;
      for (std::int64_t i = 0; i < beat - early; ++i)
        ASSERT_EQ(programme.out[static_cast<std::size_t>(i * 2)],
                  first[static_cast<std::size_t>(i * 2)])
            << i;
      const TrackEdit leaves = programme.told(Edit::What::kLeaves, "b");
      EXPECT_EQ(leaves.until - leaves.position, s * 2 / 5);
      EXPECT_FALSE(programme.told(Edit::What::kEnds, "a").complete);
    }
}

TEST(PlannedMix, ASkipDoesNotWaitWhereThereIsNoBeatOrNoNextTrack) {
  constexpr std::int64_t kAsked = 5 * s + 13 * kFrame;
  const auto begun = [](auto change) {
    PlannedProgramme programme(false, beats(0, 0), beats(0, 1));
    change(programme);
    programme.run_to(kAsked);
    programme.mix.skip();
    programme.run_to(6 * s);
    for (const auto& one : programme.told(Edit::What::kLeaves)) return one.position;
    return std::int64_t{0};
  };
  EXPECT_EQ(begun([](auto&) {}), 5 * s + s / 2);
  EXPECT_EQ(begun([](auto& programme) { programme.mix.set({.crossfade = 10 * s}); }), kAsked)
      << "plain joins";
  EXPECT_EQ(begun([](auto& programme) { programme.mix.describe(programme.track("a").id, {}); }),
            kAsked);
  EXPECT_EQ(begun([](auto& programme) { programme.mix.release(programme.track("b").id); }), kAsked);
}

TEST(PlannedMix, PlainJoinsKnowNothingOfTheMusic) {
  const auto played = [](bool told) {
    TestProgramme programme({.crossfade = 10 * s});
    for (unsigned seed = 1; seed <= 2; ++seed) {
      const auto id = programme.add(std::to_string(seed), noise(40 * s, seed)).id;
      if (told) programme.mix.describe(id, {Grid{0, s / 2.0, 4}, 36 * s, std::nullopt});
    }
    programme.run_out();
    return programme.out;
  };
  EXPECT_EQ(played(true), played(false));
}

}  // namespace
}  // namespace infinara::sound

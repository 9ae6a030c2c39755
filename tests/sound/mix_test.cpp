// SPDX-License-Identifier: Apache-2.0
#include "sound/mix.hpp"

#include <gtest/gtest.h>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = News::What;

constexpr std::int64_t s = kRate;

double smoothstep(double t) {
  return 3 * t * t - 2 * t * t * t;
}

// --- the fade
// -------------------------------------------------------------------------------------

TEST(Mix, FadesBySmoothstepWithinOneBitAtEverySampleWhateverTheBuffers) {
  const auto a = noise(7 * s + 123, 1);
  const auto b = noise(6 * s + 77, 2);
  const std::int64_t fade = 2 * s;
  const std::int64_t start = 7 * s + 123 - fade;
  for (const std::size_t first : {240, 480, 1024, 1152, 4096}) {
    for (const std::size_t second : {240, 480, 1024, 1152, 4096}) {
      TestDesk desk({.crossfade = fade});
      desk.add("a", a, first);
      desk.add("b", b, second);
      desk.run_out();
      double worst = 0;
      // The first 8 ms may differ: a track that begins at a loud sample gets a ramp.
      for (std::int64_t i = kRamp; i < start + 6 * s + 77; ++i) {
        for (std::int64_t c = 0; c < 2; ++c) {
          const auto at = [c](const Samples& x, std::int64_t n) {
            return static_cast<double>(x[static_cast<std::size_t>(n * 2 + c)]);
          };
          double exact;
          if (i < start) {
            exact = at(a, i);
          } else if (i < start + fade) {
            const double gain = smoothstep((static_cast<double>(i - start) + 0.5) / fade);
            exact = at(a, i) * (1 - gain) + at(b, i - start) * gain;
          } else {
            exact = at(b, i - start);
          }
          worst = std::max(worst, std::abs(exact - at(desk.out, i)));
        }
      }
      EXPECT_LE(worst, 0.52) << "buffers of " << first << " and " << second;
      const auto faded = desk.told(What::kFade, "b");
      EXPECT_EQ(faded.other, "a");
      EXPECT_EQ(faded.position, start);
      EXPECT_EQ(faded.until, start + fade);
      EXPECT_EQ(desk.told(What::kOnAir, "b").position, start + fade / 2);
      EXPECT_EQ(desk.told(What::kOnAir, "b").until, start);
    }
  }
}

TEST(Mix, LeavesATrackThatBeginsAndEndsInSilenceAsItIs) {
  auto a = noise(3 * s, 1);
  a[0] = a[1] = a[a.size() - 2] = a.back() = 0;
  TestDesk desk({});
  desk.add("a", a);
  desk.run_out();
  desk.out.resize(a.size());
  EXPECT_EQ(desk.out, a);
}

TEST(Mix, JoinsTracksToTheSampleWithoutACrossfade) {
  const auto whole = sine(6 * s, 440, 10'000);
  const auto cut = whole.begin() + 2 * (3 * s + 17);
  TestDesk desk({.crossfade = 0});
  desk.add("a", {whole.begin(), cut});
  desk.add("b", {cut, whole.end()});
  desk.run_out();
  // An album cut in the middle of a note: the ramp only takes back the one step at the join.
  const auto step = largest_step(whole);
  for (std::size_t k = 0; k < whole.size(); ++k)
    ASSERT_LE(std::abs(desk.out[k] - whole[k]), step) << k;
  EXPECT_EQ(desk.told(What::kStarted, "b").position, 3 * s + 17);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 3 * s + 17);
}

TEST(Mix, AHardStartAndAHardEndMakeNoClick) {
  TestDesk desk({});
  desk.add("a", level(s, 20'000));
  desk.run_out();
  desk.frames(2);
  EXPECT_LE(largest_step(desk.out, true), 20'000 * 1.5 / kRamp + 1);
  EXPECT_EQ(desk.out[2 * kRamp], 20'000);
  EXPECT_EQ(desk.out[2 * s], 20'000) << "the ramp follows the end, it takes nothing away";
  EXPECT_EQ(desk.out[2 * (s + kRamp)], 0);
}

// --- short, late, missing
// -------------------------------------------------------------------------

TEST(Mix, TakesNoMoreThanHalfOfAShortTrack) {
  TestDesk desk({.crossfade = s});
  const std::vector<double> seconds = {3, 0.5, 3, 0.7, 0.5, 3};
  for (std::size_t i = 0; i < seconds.size(); ++i)
    desk.add(std::to_string(i), sine(samples_from_seconds(seconds[i]), 440, 10'000));
  desk.run_out();
  const auto fades = desk.told(What::kFade);
  ASSERT_EQ(fades.size(), 5U);
  for (std::size_t i = 0; i < fades.size(); ++i)
    EXPECT_EQ(fades[i].until - fades[i].position,
              samples_from_seconds(std::min({1.0, seconds[i] / 2, seconds[i + 1] / 2})))
        << i;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const auto ended = desk.told(What::kEnded, std::to_string(i));
    EXPECT_EQ(ended.played, samples_from_seconds(seconds[i]));
    EXPECT_TRUE(ended.complete);
  }
  EXPECT_LE(largest_step(desk.out),
            largest_step(desk.tracks[0].samples) + 10'000 * 2 * 1.5 / 12'000 + 1);
}

TEST(Mix, TracksOfAFewSamplesAreAllPlayed) {
  TestDesk desk({.crossfade = s});
  std::int64_t total = 0;
  for (int i = 1; i <= 50; ++i) {
    desk.add(std::to_string(i), level(i * 7, 1000));
    total += i * 7;
  }
  desk.run_out();
  const auto ended = desk.told(What::kEnded);
  ASSERT_EQ(ended.size(), 50U);
  std::int64_t played = 0;
  for (const auto& one : ended) {
    EXPECT_TRUE(one.complete);
    played += one.played;
  }
  EXPECT_EQ(played, total);
  EXPECT_EQ(desk.told(What::kEnded, "50").position, total) << "joined end to start";
  EXPECT_LE(largest_step(desk.out, true), 8);
}

TEST(Mix, ALateTrackFadesInOverWhatRemains) {
  TestDesk desk({.crossfade = 2 * s});
  desk.add("a", sine(5 * s, 440, 10'000));
  desk.run_to(4 * s);
  desk.add("b", sine(5 * s, 660, 10'000));
  desk.run_out();
  const auto fade = desk.told(What::kFade, "b");
  EXPECT_EQ(fade.position, 4 * s);
  EXPECT_EQ(fade.until, 5 * s);
  EXPECT_LE(largest_step(desk.out), largest_step(desk.tracks[1].samples) + 2);
}

TEST(Mix, ATrackThatComesAfterTheEndStartsAtOnceInTheNextFrame) {
  TestDesk desk({.crossfade = 2 * s});
  desk.add("a", sine(s + 77, 440, 10'000));
  desk.run_to(6 * s);
  desk.add("b", sine(5 * s, 660, 10'000, 1));
  desk.run_out();
  EXPECT_EQ(desk.told(What::kEnded, "a").position, s + 77);
  EXPECT_EQ(desk.told(What::kStarted, "b").position, 6 * s);
  EXPECT_EQ(desk.told(What::kOnAir, "b").position, 6 * s);
  EXPECT_TRUE(desk.told(What::kFade).empty());
  const auto gap = std::span(desk.out).subspan(2 * (s + 77 + kRamp), 2 * (5 * s - 77 - kRamp));
  EXPECT_TRUE(std::ranges::all_of(gap, [](auto x) { return x == 0; }));
  EXPECT_LE(largest_step(desk.out, true),
            largest_step(desk.tracks[1].samples) + 10'000 * 1.5 / kRamp + 1);
}

TEST(Mix, ATrackIsReadyWithTheLeastToStartOrItsEnd) {
  Mix mix;
  mix.set({.min_ready = 9600});
  const auto a = mix.add("a", 0);
  const auto b = mix.add("b", 1);
  const auto samples = level(9599, 1);
  mix.write(a, samples);
  EXPECT_EQ(mix.status(a).state, VoiceState::kFilling);
  mix.write(a, level(1, 1));
  EXPECT_EQ(mix.status(a).state, VoiceState::kReady);
  mix.write(b, level(5, 1));
  EXPECT_EQ(mix.status(b).state, VoiceState::kFilling);
  mix.end(b);
  EXPECT_EQ(mix.status(b).state, VoiceState::kReady);
  const auto news = mix.take_news();
  ASSERT_EQ(news.size(), 2U);
  EXPECT_EQ(news[0].what, What::kReady);
  EXPECT_EQ(news[0].voice, "a");
  EXPECT_EQ(news[1].voice, "b");
}

TEST(Mix, AnEmptyTrackIsToldAndPassedOver) {
  TestDesk desk({.crossfade = s});
  desk.add("a", sine(4 * s, 440, 10'000));
  desk.add("empty", {});
  desk.add("b", sine(4 * s, 440, 10'000));
  desk.run_out();
  EXPECT_EQ(desk.told(What::kEmpty, "empty").voice, "empty");
  EXPECT_EQ(desk.told(What::kFade, "b").other, "a");
  EXPECT_EQ(desk.told(What::kEnded).size(), 2U);
}

TEST(Mix, ATrackThatRunsDryFallsSilentAndComesBackWithoutAClick) {
  TestDesk desk({});
  auto& a = desk.add("a", sine(4 * s, 440, 10'000), 100);
  a.available = s + 41;
  desk.run_to(s + 25 * kFrame);
  EXPECT_EQ(desk.mix.underruns(), 25U);
  EXPECT_EQ(desk.mix.status(a.id).state, VoiceState::kPlaying);
  a.available = s + 5000;  // less than it takes to start
  desk.frame();
  EXPECT_EQ(desk.mix.underruns(), 26U);
  a.available = INT64_MAX;
  desk.run_out();
  EXPECT_EQ(desk.mix.underruns(), 26U);
  EXPECT_EQ(desk.told(What::kEnded, "a").played, 4 * s);
  EXPECT_LE(largest_step(desk.out), largest_step(a.samples) + 10'000 * 1.5 / kRamp + 1);
}

TEST(Mix, ATrackThatRunsDryIsToldOnceInEachDrySpell) {
  TestDesk desk({});
  auto& a = desk.add("a", sine(4 * s, 440, 10'000), 100);
  a.available = s;
  desk.run_to(s + Mix::kDry - kFrame);
  EXPECT_TRUE(desk.told(What::kStarved).empty());
  desk.run_to(2 * s);
  ASSERT_EQ(desk.told(What::kStarved).size(), 1U);
  EXPECT_EQ(desk.told(What::kStarved, "a").position,
            (s + Mix::kDry + kFrame - 1) / kFrame * kFrame);
  a.available = 2 * s;
  desk.run_to(4 * s);
  EXPECT_EQ(desk.told(What::kStarved).size(), 2U);
  a.available = INT64_MAX;
  desk.run_out();
  EXPECT_EQ(desk.told(What::kStarved).size(), 2U);
}

TEST(Mix, ASkipLeavesATrackThatRanDry) {
  TestDesk desk({});
  desk.add("a", sine(4 * s, 440, 10'000), 100).available = s;
  desk.add("b", level(4 * s, 5'000));
  desk.run_to(2 * s);
  desk.mix.skip();
  desk.run_out();
  EXPECT_FALSE(desk.told(What::kEnded, "a").complete);
  EXPECT_EQ(desk.told(What::kEnded, "b").played, 4 * s);
}

// --- skip
// -----------------------------------------------------------------------------------------

TEST(Mix, ASkipFadesToTheNextTrackOrToSilence) {
  TestDesk desk({.crossfade = s});
  desk.mix.skip();  // nothing plays: ignored
  desk.add("a", sine(9 * s, 440, 10'000));
  desk.add("b", sine(9 * s, 660, 10'000));
  desk.run_to(2 * s);
  desk.mix.skip();
  desk.run_to(4 * s);
  desk.mix.skip(s);
  desk.run_to(6 * s);
  const auto fades = desk.told(What::kFade);
  ASSERT_EQ(fades.size(), 2U);
  EXPECT_EQ(fades[0].other, "a");
  EXPECT_EQ(fades[0].voice, "b");
  EXPECT_EQ(fades[0].position, 2 * s);
  EXPECT_EQ(fades[0].until, 2 * s + 19'200);
  EXPECT_EQ(fades[1].other, "b");
  EXPECT_EQ(fades[1].voice, "");
  EXPECT_EQ(fades[1].until, 5 * s);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 2 * s + 19'200);
  EXPECT_FALSE(desk.told(What::kEnded, "a").complete);
  EXPECT_EQ(desk.told(What::kEnded, "b").played, 3 * s);
  EXPECT_FALSE(desk.told(What::kEnded, "b").complete);
  EXPECT_EQ(desk.out.back(), 0);
  EXPECT_LE(largest_step(desk.out), largest_step(desk.tracks[1].samples) + 4);
  EXPECT_TRUE(desk.mix.is_finished());
}

TEST(Mix, ATrackThatGetsReadyWhileASkipFadesOutComesInOverTheRest) {
  TestDesk desk({.crossfade = s});
  desk.add("a", sine(9 * s, 440, 10'000));
  desk.run_to(2 * s);
  desk.mix.skip(s);
  desk.run_to(2 * s + s / 4);
  desk.add("b", sine(9 * s, 660, 10'000));
  desk.run_to(4 * s);
  const auto fades = desk.told(What::kFade);
  ASSERT_EQ(fades.size(), 2U);
  EXPECT_EQ(fades[1].other, "a");
  EXPECT_EQ(fades[1].voice, "b");
  EXPECT_EQ(fades[1].position, desk.told(What::kStarted, "b").position);
  EXPECT_EQ(fades[1].until, 3 * s);
}

TEST(Mix, TwoSkipsInARowPassOverATrack) {
  TestDesk desk({.crossfade = s});
  for (const auto* name : {"a", "b", "c"}) desk.add(name, sine(9 * s, 660, 10'000));
  desk.run_to(2 * s);
  desk.mix.skip();
  desk.frames(5);
  desk.mix.skip();
  desk.run_to(4 * s);
  EXPECT_EQ(desk.told(What::kStarted, "c").position, 2 * s + 4800);
  EXPECT_FALSE(desk.told(What::kEnded, "b").complete);
  for (const auto& one : desk.told(What::kOnAir))
    EXPECT_NE(one.voice, "b") << "was never heard in front";
  EXPECT_LE(largest_step(desk.out), largest_step(desk.tracks[0].samples) + 4);
}

TEST(Mix, TwoSkipsAtTheSameSampleAccountForTheTrackBetween) {
  TestDesk desk({.crossfade = s});
  for (const auto* name : {"a", "b", "c"}) desk.add(name, sine(9 * s, 660, 10'000));
  desk.run_to(2 * s);
  desk.mix.skip();
  desk.mix.skip();
  desk.run_to(4 * s);
  EXPECT_EQ(desk.told(What::kEnded, "b").played, 0);
  EXPECT_FALSE(desk.told(What::kEnded, "b").complete);
  EXPECT_EQ(desk.told(What::kOnAir, "c").position, 2 * s + 9600);
}

TEST(Mix, ASkipInTheFirstHalfOfACrossfadeBringsTheNewTrackInAtOnce) {
  TestDesk desk({.crossfade = 4 * s});
  for (const auto* name : {"a", "b", "c"}) desk.add(name, sine(20 * s, 660, 10'000));
  desk.run_to(17 * s);
  desk.mix.skip();
  desk.run_to(22 * s);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 17 * s + 19'200);
  EXPECT_FALSE(desk.told(What::kEnded, "a").complete);
  EXPECT_EQ(desk.told(What::kOnAir, "b").position, 17 * s + 9600);
  EXPECT_EQ(desk.mix.status(desk.track("b").id).gain, 1);
  EXPECT_EQ(desk.mix.status(desk.track("c").id).state, VoiceState::kReady);
}

TEST(Mix, ASkipInTheSecondHalfOfACrossfadeTakesBothAwayForTheOneAfter) {
  TestDesk desk({.crossfade = 4 * s});
  for (const auto* name : {"a", "b", "c"}) desk.add(name, sine(20 * s, 660, 10'000));
  desk.run_to(19 * s);
  desk.mix.skip();
  desk.run_to(22 * s);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 19 * s + 19'200);
  EXPECT_EQ(desk.told(What::kEnded, "b").position, 19 * s + 19'200);
  EXPECT_EQ(desk.told(What::kStarted, "c").position, 19 * s);
  EXPECT_LE(largest_step(desk.out), largest_step(desk.tracks[0].samples) + 4);
}

TEST(Mix, SkipsAtRandomLoseNoTrackAndMakeNoClick) {
  constexpr double kAmplitude = 8'000;
  for (const unsigned seed : {1U, 2U, 3U}) {
    std::mt19937 dice(seed);
    TestDesk desk({.crossfade = 3 * s});
    int allowed = 0;
    int skips = 0;
    int inside = 0;
    std::size_t added = 0;
    std::vector<std::int64_t> lengths;
    const auto feed = [&] {
      while (added < desk.told(What::kEnded).size() + 4) {
        const auto length = s / 2 + static_cast<std::int64_t>(dice() % (8 * s));
        desk.add(std::to_string(added++),
                 sine(length, 200 + dice() % 500, kAmplitude, 0.01 * (dice() % 600)), 240);
        lengths.push_back(length);
        allowed = std::max(allowed, largest_step(desk.tracks.back().samples));
      }
    };
    while (skips < 200) {
      feed();
      desk.frames(dice() % 60);
      const auto fading = [&](const auto& track) {
        const auto status = desk.mix.status(track.id);
        return status.state == VoiceState::kPlaying && status.gain < 1;
      };
      inside += std::ranges::any_of(desk.tracks, fading) ? 1 : 0;
      desk.mix.skip();
      ++skips;
      // What is done needs no writing and no memory any more.
      for (auto& track : desk.tracks) {
        if (desk.mix.status(track.id).state != VoiceState::kDone) continue;
        track.ended = true;
        track.samples = {};
      }
    }
    desk.run_out();
    EXPECT_GT(inside, 40) << "skips inside of fades";

    std::int64_t last_start = -1;
    for (std::size_t i = 0; i < added; ++i) {
      const auto& track = desk.tracks[i];
      int starts = 0;
      int ends = 0;
      for (const auto& one : desk.news) {
        if (one.id != track.id) continue;
        starts += one.what == What::kStarted ? 1 : 0;
        ends += one.what == What::kEnded ? 1 : 0;
      }
      ASSERT_EQ(starts, 1) << "track " << i;
      ASSERT_EQ(ends, 1) << "track " << i;
      const auto started = desk.told(What::kStarted, track.name);
      const auto ended = desk.told(What::kEnded, track.name);
      EXPECT_GE(started.position, last_start) << "in order";
      last_start = started.position;
      EXPECT_EQ(ended.position, started.position + ended.played) << "without a hole";
      EXPECT_EQ(ended.complete, ended.played == lengths[i]);
    }
    // Beyond the inputs' own steps: the slope of a skip's fade (smoothstep: 1.5 / length) over the
    // difference of two tracks, and that of the ramp at the very first start and the very last end.
    const double slope = 2 * kAmplitude * 1.5 / 19'200;
    const double ramp = kAmplitude * 1.5 / kRamp;
    EXPECT_LE(largest_step(desk.out, true), allowed + slope + ramp + 1) << "seed " << seed;
    const Samples within(desk.out.begin() + 2 * kRamp,
                         desk.out.begin() + 2 * (desk.told(What::kEnded).back().position));
    EXPECT_LE(largest_step(within), allowed + slope + 1) << "seed " << seed;
  }
}

// --- run-time changes
// -----------------------------------------------------------------------------

TEST(Mix, ACrossfadeSetWhilePlayingHoldsForTheNextFade) {
  TestDesk desk({.crossfade = 8 * s});
  desk.add("a", sine(20 * s, 440, 10'000));
  desk.add("b", sine(20 * s, 660, 10'000));
  desk.add("c", sine(20 * s, 440, 10'000));
  desk.run_to(5 * s);
  desk.mix.set({.crossfade = 3 * s});
  desk.run_to(18 * s);  // b began at 17 s
  EXPECT_EQ(desk.told(What::kFade, "b").position, 17 * s);
  desk.mix.set({.crossfade = s});
  desk.run_to(21 * s);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 20 * s) << "a fade that runs keeps its length";
  desk.run_to(17 * s + 18 * s + s / 10);  // 1.9 s are left of b
  desk.mix.set({.crossfade = 10 * s});
  desk.run_out();
  const auto fade = desk.told(What::kFade, "c");
  EXPECT_EQ(fade.position, 35 * s + s / 10);
  EXPECT_EQ(fade.until, 37 * s);
  EXPECT_LE(largest_step(desk.out), largest_step(desk.tracks[1].samples) + 2);
}

TEST(Mix, LookAheadFollowsTheCrossfade) {
  Mix mix;
  mix.set({.crossfade = 2 * s});
  const auto head = mix.add("head", 0);
  const auto later = mix.add("later", 1);
  EXPECT_EQ(mix.room(head), 5 * s) << "the next one: two fades and a second";
  EXPECT_EQ(mix.room(later), 3 * s);
  mix.set({.crossfade = 10 * s});
  EXPECT_EQ(mix.room(head), 21 * s);
  EXPECT_EQ(mix.room(later), 6 * s) << "enough for those behind";
  mix.write(head, level(21 * s, 1));
  EXPECT_EQ(mix.room(head), 0);
  mix.set({.crossfade = s});
  EXPECT_LT(mix.room(head), 0);
}

TEST(Mix, AParkedTrackWaitsWithAllItHasAndReturnsToTheEndOfTheOrder) {
  TestDesk desk({.crossfade = s});
  for (const auto* name : {"a", "b", "c", "d"}) desk.add(name, sine(4 * s, 660, 10'000));
  desk.run_to(s);
  const auto b = desk.track("b").id;
  EXPECT_TRUE(desk.mix.park(b, true));
  EXPECT_FALSE(desk.mix.park(desk.track("a").id, true)) << "is heard";
  const auto queued = desk.mix.status(b).queued;
  EXPECT_GT(queued, 0);
  desk.run_to(5 * s);
  EXPECT_TRUE(desk.mix.status(b).parked);
  EXPECT_EQ(desk.mix.status(b).state, VoiceState::kReady);
  EXPECT_EQ(desk.mix.status(b).queued, queued);
  EXPECT_TRUE(desk.mix.park(b, false));
  desk.run_out();
  std::string order;
  for (const auto& one : desk.told(What::kStarted)) order += one.voice;
  EXPECT_EQ(order, "acdb");
  EXPECT_EQ(desk.told(What::kEnded, "b").played, 4 * s);
}

TEST(Mix, WithEverythingParkedASkipFadesToSilenceAndNothingIsFinished) {
  TestDesk desk({.crossfade = s});
  desk.add("a", sine(4 * s, 660, 10'000));
  desk.add("b", sine(4 * s, 660, 10'000));
  desk.run_to(s);
  ASSERT_TRUE(desk.mix.park(desk.track("b").id, true));
  desk.mix.skip();
  desk.run_to(3 * s);
  EXPECT_FALSE(desk.mix.is_finished());
  ASSERT_TRUE(desk.mix.park(desk.track("b").id, false));
  desk.run_out();
  EXPECT_EQ(desk.told(What::kStarted, "b").position, 3 * s);
}

TEST(Mix, TracksAreOrderedByNumber) {
  TestDesk desk({.crossfade = 0});
  for (const unsigned number : {3U, 1U, 2U}) {
    const auto name = std::to_string(number);
    desk.tracks.push_back({desk.mix.add(name, number), name, sine(s, 440, 10'000), 1024});
  }
  desk.run_out();
  std::string order;
  for (const auto& one : desk.told(What::kStarted)) order += one.voice;
  EXPECT_EQ(order, "123");
}

TEST(Mix, AReleasedTrackPlaysOutWhatItHasAndOneThatWaitsIsWithdrawn) {
  TestDesk desk({.crossfade = s});
  for (const auto* name : {"a", "b", "c"}) desk.add(name, sine(9 * s, 660, 10'000));
  desk.run_to(2 * s);
  const auto left = desk.mix.status(desk.track("a").id).queued;
  for (const auto* name : {"a", "b"}) {
    desk.mix.release(desk.track(name).id);
    desk.track(name).ended = true;
  }
  desk.run_to(6 * s);
  EXPECT_EQ(desk.told(What::kEnded, "a").position, 2 * s + left);
  EXPECT_EQ(desk.told(What::kFade, "c").other, "a");
  EXPECT_EQ(desk.told(What::kFade, "c").until, 2 * s + left);
  for (const auto& one : desk.news) EXPECT_FALSE(one.voice == "b" && one.what != What::kReady);
}

TEST(Mix, AFlushForgetsWhatWasWritten) {
  TestDesk desk({.crossfade = s});
  auto& a = desk.add("a", sine(9 * s, 660, 10'000));
  desk.run_to(s);
  desk.mix.flush(a.id);
  EXPECT_EQ(desk.mix.status(a.id).queued, 0);
  desk.run_to(2 * s);
  EXPECT_EQ(desk.mix.status(a.id).state, VoiceState::kPlaying);
  EXPECT_LE(largest_step(desk.out), largest_step(a.samples) + 10'000 * 1.5 / kRamp * 2 + 1);
}

TEST(Mix, ResetMakesEverythingAsItWas) {
  TestDesk desk({.crossfade = s});
  desk.add("a", sine(4 * s, 440, 10'000));
  desk.add("b", sine(4 * s, 660, 10'000));
  desk.run_out();
  const auto first = std::exchange(desk.out, {});
  const auto told = std::exchange(desk.news, {});
  desk.mix.reset();
  for (auto& track : desk.tracks) {
    track.written = 0;
    track.ended = false;
  }
  desk.run_out();
  EXPECT_EQ(desk.out, first);
  EXPECT_EQ(desk.news.size(), told.size());
}

// --- patience
// -------------------------------------------------------------------------------------

/// A programme made by impatient or hesitant writers, in buffers of their own sizes.
Samples patient_programme(unsigned seed, std::vector<News>& news) {
  std::mt19937 dice(seed);
  TestDesk desk({.crossfade = 3 * s, .patient = true});
  for (const double seconds : {8.0, 2.5, 0.3, 5.0, 9.0, 0.001, 4.0})
    desk.add(std::to_string(desk.tracks.size()),
             noise(samples_from_seconds(seconds), static_cast<unsigned>(seconds * 1000), 12'000),
             100 + dice() % 4000);
  for (int turn = 0; turn < 10'000'000 && !desk.mix.is_finished(); ++turn) {
    desk.write(desk.tracks[dice() % desk.tracks.size()]);
    if (dice() % 4 != 0) continue;
    Samples some(2 * (1 + dice() % 2000));
    some.resize(2 * static_cast<std::size_t>(desk.mix.render(some)));
    desk.out.insert(desk.out.end(), some.begin(), some.end());
    for (auto& one : desk.mix.take_news())
      if (one.what != What::kReady) desk.news.push_back(std::move(one));
  }
  EXPECT_TRUE(desk.mix.is_finished());
  desk.out.resize(2 * static_cast<std::size_t>(desk.told(What::kEnded).back().position));
  news = desk.news;
  return desk.out;
}

TEST(PatientMix, DependsOnTheTracksAlone) {
  std::vector<News> first_news;
  const auto first = patient_programme(1, first_news);
  ASSERT_EQ(first_news.size(), 7U * 3 + 4);  // started, on air, ended; four fades
  for (unsigned seed = 2; seed < 12; ++seed) {
    std::vector<News> news;
    EXPECT_EQ(patient_programme(seed, news), first) << "seed " << seed;
    ASSERT_EQ(news.size(), first_news.size());
    for (std::size_t i = 0; i < news.size(); ++i) {
      EXPECT_EQ(news[i].what, first_news[i].what);
      EXPECT_EQ(news[i].voice, first_news[i].voice);
      EXPECT_EQ(news[i].position, first_news[i].position);
      EXPECT_EQ(news[i].until, first_news[i].until);
    }
  }
}

TEST(PatientMix, WaitsForTheFirstTrackAndForAParkedOne) {
  Mix mix;
  mix.set({.crossfade = 0, .patient = true});
  Samples frame(kFrameValues);
  EXPECT_EQ(mix.render(frame), 0);
  EXPECT_FALSE(mix.is_finished());
  mix.release(mix.add("asked for and given back", 0));
  EXPECT_FALSE(mix.is_finished());
  const auto a = mix.add("a", 0);
  const auto b = mix.add("b", 1);
  EXPECT_EQ(mix.render(frame), 0);
  mix.park(b, true);
  mix.write(a, level(100, 0));
  mix.end(a);
  EXPECT_EQ(mix.render(frame), 100) << "b may come back at any time";
  EXPECT_FALSE(mix.is_finished());
  mix.release(b);
  EXPECT_TRUE(mix.is_finished());
  EXPECT_EQ(mix.render(frame), kFrame) << "to fill up the last frame";
}

TEST(PatientMix, ASkipWaitsToSeeWhatComes) {
  Mix mix;
  mix.set({.crossfade = s, .patient = true});
  const auto a = mix.add("a", 0);
  const auto b = mix.add("b", 1);
  mix.write(a, level(3 * s, 100));
  Samples frame(kFrameValues);
  EXPECT_EQ(mix.render(frame), kFrame);
  mix.skip();
  EXPECT_EQ(mix.render(frame), 0);
  mix.write(b, level(s / 2, 100));
  mix.end(b);
  EXPECT_EQ(mix.render(frame), kFrame);
  for (const auto& one : mix.take_news()) {
    if (one.what == What::kFade) {
      EXPECT_EQ(one.voice, "b");
      EXPECT_EQ(one.position, kFrame);
      EXPECT_EQ(one.until, kFrame + s / 4) << "half of b";
    }
  }
}

// --- an hour
// --------------------------------------------------------------------------------------

TEST(Mix, AnHourIsAHundredAndEightyThousandFramesWithoutAHole) {
  Mix mix;
  mix.set({.crossfade = 5 * s});
  const auto samples = level(kRate, 1000);
  Samples frame(kFrameValues);
  VoiceId last = 0;
  std::int64_t written = 0;
  std::int64_t frames = 0;
  std::int64_t started = 0;
  std::int64_t ended = 0;
  std::uint64_t holes = 0;
  constexpr std::int64_t kTrack = 31;  // seconds
  while (mix.position() < 3600 * s) {
    if (last == 0 || written == kTrack) {
      if (last != 0) mix.end(last);
      last = mix.add("track", 0);
      written = 0;
    }
    if (mix.room(last) > 0) {
      mix.write(last, samples);
      ++written;
    }
    ASSERT_EQ(mix.render(frame), kFrame);
    ++frames;
    for (const auto& one : mix.take_news()) {
      if (one.what == What::kEnded) {
        ++ended;
        ASSERT_EQ(one.played, kTrack * s);
        mix.release(one.id);
      }
      if (one.what == What::kStarted) {
        ASSERT_EQ(one.position, started * (kTrack - 5) * s);
        ++started;
      }
    }
    if (frames > 1)
      for (const auto x : frame) holes += std::abs(x - 1000) > 1 ? 1 : 0;
  }
  EXPECT_EQ(frames, 180'000);
  EXPECT_EQ(mix.position(), 180'000 * kFrame);
  EXPECT_EQ(started, 139);
  EXPECT_EQ(ended, 138);
  EXPECT_EQ(holes, 0U) << "equal tracks sum to themselves through every fade";
  EXPECT_EQ(mix.underruns(), 0U);
}

}  // namespace

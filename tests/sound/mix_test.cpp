// SPDX-License-Identifier: Apache-2.0
#include "sound/mix.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tracks.hpp"

namespace {

using namespace infinara::sound;
using What = Edit::What;

constexpr std::int64_t s = kRate;

double smoothstep(double t) {
  return 3 * t * t - 2 * t * t * t;
}

// --- the fade

TEST(Mix, FadesBySmoothstepWithinOneBitAtEverySampleWhateverTheBuffers) {
  const auto a = noise(7 * s + 123, 1);
  const auto b = noise(6 * s + 77, 2);
  const std::int64_t fade = 2 * s;
  const std::int64_t start = 7 * s + 123 - fade;
  for (const std::size_t first : {240, 480, 1024, 1152, 4096}) {
    for (const std::size_t second : {240, 480, 1024, 1152, 4096}) {
      TestProgramme programme({.crossfade = fade});
      programme.add("a", a, first);
      programme.add("b", b, second);
      programme.run_out();
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
          worst = std::max(worst, std::abs(exact - at(programme.out, i)));
        }
      }
      EXPECT_LE(worst, 0.52) << "buffers of " << first << " and " << second;
      const auto faded = programme.told(What::kLeaves, "b");
      EXPECT_EQ(faded.other, "a");
      EXPECT_EQ(faded.position, start);
      EXPECT_EQ(faded.until, start + fade);
      EXPECT_EQ(programme.told(What::kEnters, "b").position, start + fade / 2);
      EXPECT_EQ(programme.told(What::kEnters, "b").began, start);
    }
  }
}

TEST(Mix, LeavesATrackThatBeginsAndEndsInSilenceAsItIs) {
  auto a = noise(3 * s, 1);
  a[0] = a[1] = a[a.size() - 2] = a.back() = 0;
  TestProgramme programme({});
  programme.add("a", a);
  programme.run_out();
  programme.out.resize(a.size());
  EXPECT_EQ(programme.out, a);
}

TEST(Mix, JoinsTracksToTheSampleWithoutACrossfade) {
  const auto whole = sine(6 * s, 440, 10'000);
  const auto cut = whole.begin() + 2 * (3 * s + 17);
  TestProgramme programme({.crossfade = 0});
  programme.add("a", {whole.begin(), cut});
  programme.add("b", {cut, whole.end()});
  programme.run_out();
  // An album cut in the middle of a note: the ramp only takes back the one step at the join.
  const auto step = largest_step(whole);
  for (std::size_t k = 0; k < whole.size(); ++k)
    ASSERT_LE(std::abs(programme.out[k] - whole[k]), step) << k;
  EXPECT_EQ(programme.told(What::kBegins, "b").position, 3 * s + 17);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 3 * s + 17);
}

TEST(Mix, AHardStartAndAHardEndMakeNoClick) {
  TestProgramme programme({});
  programme.add("a", level(s, 20'000));
  programme.run_out();
  programme.frames(2);
  EXPECT_LE(largest_step(programme.out, true), 20'000 * 1.5 / kRamp + 1);
  EXPECT_EQ(programme.out[2 * kRamp], 20'000);
  EXPECT_EQ(programme.out[2 * s], 20'000) << "the ramp follows the end, it takes nothing away";
  EXPECT_EQ(programme.out[2 * (s + kRamp)], 0);
}

// --- run-time changes

TEST(Mix, ACrossfadeSetWhilePlayingHoldsForTheNextFade) {
  TestProgramme programme({.crossfade = 8 * s});
  programme.add("a", sine(20 * s, 440, 10'000));
  programme.add("b", sine(20 * s, 660, 10'000));
  programme.add("c", sine(20 * s, 440, 10'000));
  programme.run_to(5 * s);
  programme.mix.set({.crossfade = 3 * s});
  programme.run_to(18 * s);  // b began at 17 s
  EXPECT_EQ(programme.told(What::kLeaves, "b").position, 17 * s);
  programme.mix.set({.crossfade = s});
  programme.run_to(21 * s);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 20 * s)
      << "a fade that runs keeps its length";
  programme.run_to(17 * s + 18 * s + s / 10);  // 1.9 s are left of b
  programme.mix.set({.crossfade = 10 * s});
  programme.run_out();
  const auto fade = programme.told(What::kLeaves, "c");
  EXPECT_EQ(fade.position, 35 * s + s / 10);
  EXPECT_EQ(fade.until, 37 * s);
  EXPECT_LE(largest_step(programme.out), largest_step(programme.tracks[1].samples) + 2);
}

TEST(Mix, LookAheadFollowsTheCrossfade) {
  Mix mix;
  mix.set({.crossfade = 2 * s});
  const auto head = mix.add(0);
  const auto later = mix.add(1);
  EXPECT_EQ(mix.room(head), 5 * s) << "the next one: two fades and a second";
  EXPECT_EQ(mix.room(later), 3 * s);
  mix.set({.crossfade = 10 * s});
  EXPECT_EQ(mix.room(head), 21 * s);
  EXPECT_EQ(mix.room(later), 6 * s) << "enough for those behind";
  mix.set({.crossfade = 10 * s, .join = JoinStyle::kPlanned});
  EXPECT_EQ(mix.room(head), 57 * s) << "a quarter of it may be left out, 14 s at most";
  EXPECT_EQ(mix.room(later), 6 * s);
  mix.set({.crossfade = 10 * s});
  mix.write(head, level(21 * s, 1));
  EXPECT_EQ(mix.room(head), 0);
  mix.set({.crossfade = s});
  EXPECT_LT(mix.room(head), 0);
}

TEST(Mix, AParkedTrackWaitsWithAllItHasAndReturnsToTheEndOfTheOrder) {
  TestProgramme programme({.crossfade = s});
  for (const auto* name : {"a", "b", "c", "d"}) programme.add(name, sine(4 * s, 660, 10'000));
  programme.run_to(s);
  const auto b = programme.track("b").id;
  EXPECT_TRUE(programme.mix.park(b, true));
  EXPECT_FALSE(programme.mix.park(programme.track("a").id, true)) << "is heard";
  const auto queued = programme.mix.status(b).queued;
  EXPECT_GT(queued, 0);
  programme.run_to(5 * s);
  EXPECT_TRUE(programme.mix.status(b).parked);
  EXPECT_EQ(programme.mix.status(b).state, VoiceState::kReady);
  EXPECT_EQ(programme.mix.status(b).queued, queued);
  EXPECT_TRUE(programme.mix.park(b, false));
  programme.run_out();
  std::string order;
  for (const auto& one : programme.told(What::kBegins)) order += one.voice;
  EXPECT_EQ(order, "acdb");
  EXPECT_EQ(programme.told(What::kEnds, "b").played, 4 * s);
}

TEST(Mix, WithEverythingParkedASkipFadesToSilenceAndNothingIsFinished) {
  TestProgramme programme({.crossfade = s});
  programme.add("a", sine(4 * s, 660, 10'000));
  programme.add("b", sine(4 * s, 660, 10'000));
  programme.run_to(s);
  ASSERT_TRUE(programme.mix.park(programme.track("b").id, true));
  programme.mix.skip();
  programme.run_to(3 * s);
  EXPECT_FALSE(programme.mix.is_finished());
  ASSERT_TRUE(programme.mix.park(programme.track("b").id, false));
  programme.run_out();
  EXPECT_EQ(programme.told(What::kBegins, "b").position, 3 * s);
}

TEST(Mix, TracksAreOrderedByNumber) {
  TestProgramme programme({.crossfade = 0});
  for (const unsigned number : {3U, 1U, 2U}) {
    const auto name = std::to_string(number);
    programme.tracks.push_back(
        {programme.mix.add(number), number, name, sine(s, 440, 10'000), 1024});
  }
  programme.run_out();
  std::string order;
  for (const auto& one : programme.told(What::kBegins)) order += one.voice;
  EXPECT_EQ(order, "123");
}

TEST(Mix, AReleasedTrackPlaysOutWhatItHasAndOneThatWaitsIsWithdrawn) {
  TestProgramme programme({.crossfade = s});
  for (const auto* name : {"a", "b", "c"}) programme.add(name, sine(9 * s, 660, 10'000));
  programme.run_to(2 * s);
  const auto left = programme.mix.status(programme.track("a").id).queued;
  for (const auto* name : {"a", "b"}) {
    programme.mix.release(programme.track(name).id);
    programme.track(name).ended = true;
  }
  programme.run_to(6 * s);
  EXPECT_EQ(programme.told(What::kEnds, "a").position, 2 * s + left);
  EXPECT_EQ(programme.told(What::kLeaves, "c").other, "a");
  EXPECT_EQ(programme.told(What::kLeaves, "c").until, 2 * s + left);
  for (const auto& one : programme.edits)
    EXPECT_FALSE(one.voice == "b" && one.what != What::kReady);
}

TEST(Mix, AFlushForgetsWhatWasWritten) {
  TestProgramme programme({.crossfade = s});
  auto& a = programme.add("a", sine(9 * s, 660, 10'000));
  programme.run_to(s);
  programme.mix.flush(a.id);
  EXPECT_EQ(programme.mix.status(a.id).queued, 0);
  programme.run_to(2 * s);
  EXPECT_EQ(programme.mix.status(a.id).state, VoiceState::kPlaying);
  EXPECT_LE(largest_step(programme.out), largest_step(a.samples) + 10'000 * 1.5 / kRamp * 2 + 1);
}

TEST(Mix, ResetMakesEverythingAsItWas) {
  TestProgramme programme({.crossfade = s});
  programme.add("a", sine(4 * s, 440, 10'000));
  programme.add("b", sine(4 * s, 660, 10'000));
  programme.run_out();
  const auto first = std::exchange(programme.out, {});
  const auto told = std::exchange(programme.edits, {});
  programme.mix.reset();
  for (auto& track : programme.tracks) {
    track.written = 0;
    track.ended = false;
  }
  programme.run_out();
  EXPECT_EQ(programme.out, first);
  EXPECT_EQ(programme.edits.size(), told.size());
}

// --- an hour

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
      last = mix.add(0);
      written = 0;
    }
    if (mix.room(last) > 0) {
      mix.write(last, samples);
      ++written;
    }
    ASSERT_EQ(mix.render(frame), kFrame);
    ++frames;
    for (const auto& one : mix.take_edits()) {
      if (one.what == What::kEnds) {
        ++ended;
        ASSERT_EQ(one.played, kTrack * s);
        mix.release(one.voice);
      }
      if (one.what == What::kBegins) {
        ASSERT_EQ(one.at, started * (kTrack - 5) * s);
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

TEST(Mix, KnowsNoTrackThatItWasNotGiven) {
  Mix mix;
  const VoiceId id = mix.add(0);
  EXPECT_TRUE(mix.is_open(id));
  EXPECT_GT(mix.room(id), 0);
  EXPECT_FALSE(mix.is_open(id + 1));
  EXPECT_EQ(mix.room(id + 1), 0);
}

// --- the same for ever: a recording of today must be made again from its edit list tomorrow

/// FNV-1a of the samples, low byte first.
std::uint64_t hash_of(const Samples& samples) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::int16_t x : samples)
    for (const int shift : {0, 8}) {
      hash ^= static_cast<std::uint64_t>(static_cast<std::uint16_t>(x) >> shift) & 0xff;
      hash *= 0x100000001b3;
    }
  return hash;
}

TEST(Mix, GivesTheSameSamplesOnEveryMachineAndInEveryVersion) {
  struct Row {
    std::int64_t crossfade;   // samples
    std::int64_t skip_after;  // samples
    std::uint64_t hash;
  };
  for (const Row& row : {Row{0, 0, 0x4150ffa2a6852023}, Row{s / 2, 0, 0x31461c66e5443900},
                         Row{3 * s, 0, 0x209895293fb86512}, Row{s, 4 * s, 0xb3cfcf7596deea46}}) {
    TestProgramme programme({.crossfade = row.crossfade});
    programme.add("a", noise(7 * s + 123, 1));
    programme.add("b", noise(6 * s + 77, 2, 9000));
    programme.add("c", noise(4 * s + 5, 3));
    if (row.skip_after > 0) {
      programme.run_to(row.skip_after);
      programme.mix.skip();
    }
    programme.run_out();
    EXPECT_EQ(hash_of(programme.out), row.hash)
        << "crossfade " << row.crossfade << ", skip after " << row.skip_after;
  }
}

}  // namespace

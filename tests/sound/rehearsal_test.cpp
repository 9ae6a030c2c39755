// SPDX-License-Identifier: Apache-2.0
#include "sound/rehearsal.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;

/// Four bars at 120 bpm.
Join planned() {
  const Cues cues{Grid{0, s / 2.0, 4}, 36 * s};
  return plan_join({12 * s, 40 * s, cues}, {40 * s, cues},
                   {10 * s, Curve::kSmoothstep, JoinStyle::kPlanned});
}

/// The first `length` samples are quieter.
Samples growing(std::int64_t length, unsigned seed, int amplitude) {
  Samples track = noise(20 * s, seed, amplitude);
  for (std::int64_t i = 0; i < 2 * length; ++i) track[static_cast<std::size_t>(i)] /= 4;
  return track;
}

/// As a mixer does it: while the join comes nearer, what is played of the first track is dropped.
Join tried(const Samples& first, const Samples& second, std::int64_t begin, std::int64_t step,
           std::int64_t steps) {
  Blocks blocks;
  Fifo leaving(blocks), entering(blocks);
  leaving.write(first);
  entering.write(second);
  Rehearsal rehearsal(planned());
  for (std::int64_t start = begin; rehearsal.steps_left() > 0; start = std::max(start - step, 0L)) {
    rehearsal.go_on(leaving, entering, start, steps);
    for (auto left = std::min(step, start); left > 0;) {
      const auto count = std::min(left, std::ssize(leaving.front()) / kChannels);
      leaving.drop(count);
      left -= count;
    }
  }
  return rehearsal.join();
}

TEST(Rehearsal, InAnyPiecesIsTheSame) {
  for (const int amplitude : {4'000, 14'000}) {
    const auto first = noise(20 * s, 1, amplitude);
    const auto second = growing(3 * s, 2, amplitude);
    const Join whole = tried(first, second, 4 * s, 4 * s, 1'000'000);
    EXPECT_TRUE(whole.leaving_bands) << amplitude;
    EXPECT_NE(whole, with_share(planned(), 1)) << amplitude;
    for (const std::int64_t steps : {1, 7, 100})
      EXPECT_EQ(tried(first, second, 4 * s, kFrame / 4, steps), whole)
          << amplitude << ", " << steps;
  }
}

TEST(Rehearsal, BeforeItIsDoneGainsSumToOne) {
  Blocks blocks;
  Fifo both(blocks);
  both.write(noise(20 * s, 1, 4'000));
  Rehearsal rehearsal(planned());
  EXPECT_EQ(rehearsal.steps_left(), 2 * 8 * s / kFrame);
  std::int64_t steps = 0;
  for (; rehearsal.steps_left() > 0; ++steps) {
    EXPECT_EQ(rehearsal.join(), with_share(planned(), 1));
    rehearsal.go_on(both, both, 0, 1);
  }
  EXPECT_NE(rehearsal.join(), with_share(planned(), 1));
  EXPECT_LE(steps, 3 * 8 * s / kFrame);
}

/// The second track rests in the middle of what would be the first one's fade: that stays for it.
TEST(Rehearsal, ATrackStaysWhereTheOtherRests) {
  const auto first = noise(20 * s, 1, 6'000);
  auto second = noise(20 * s, 2, 6'000);
  EXPECT_GE(tried(first, second, 4 * s, 4 * s, 1'000'000).leaves.length, 8 * s * 35 / 100);
  for (std::size_t i = 2 * s * 53 / 10; i < 2 * s * 64 / 10; ++i) second[i] /= 16;
  const Join join = tried(first, second, 4 * s, 4 * s, 1'000'000);
  EXPECT_EQ(join.leaves.length, 8 * s / 5);
  EXPECT_EQ(join.leaves.delay + join.leaves.length, 8 * s);
  EXPECT_EQ(join.enters.delay, 0);
}

/// A skip brings the next track in at once, or as slowly as its level asks for.
TEST(QuickEntry, StaysBelowTheCeiling) {
  const Join skip{.leaves = {s / 2}, .enters = {s / 2}, .fit = Fit::kSkip};
  const struct {
    int amplitude;
    std::int64_t length;
  } rows[] = {{10'000, 0}, {15'200, s / 8}, {17'000, s / 4}, {25'000, s / 2}};
  for (const auto& row : rows) {
    Blocks blocks;
    Fifo fifo(blocks);
    fifo.write(sine(s, 440, row.amplitude));
    const Join quick = with_quick_entry(skip, fifo, fifo);
    EXPECT_EQ(quick.enters.length, row.length) << row.amplitude;
    EXPECT_EQ(quick.leaves, skip.leaves);
  }
}

}  // namespace
}  // namespace infinara::sound

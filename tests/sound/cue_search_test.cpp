// SPDX-License-Identifier: Apache-2.0
#include "sound/cue_search.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "tracks.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t s = kRate;
constexpr std::int64_t kLong = 120 * s;   // of each track
constexpr std::int64_t kMemory = 43 * s;  // of each track
constexpr JoinSettings kSettings{18 * s, Curve::kSmoothstep, JoinStyle::kPlanned};

/// 120 bpm: a bar takes 2 s.
Cues cues() {
  return {Grid{0, s / 2.0, 4}, kLong - 4 * s};
}

/// Noise that is quieter by 18 dB from one second to another.
Samples resting(std::int64_t length, unsigned seed, std::int64_t from, std::int64_t to) {
  Samples track = noise(length, seed, 6000);
  for (std::int64_t i = 2 * from; i < 2 * to; ++i) track[static_cast<std::size_t>(i)] /= 8;
  return track;
}

/// What is chosen where `first` is the end of a track and `second` the begin of one, in calls of so
/// many steps, between which so many samples are played.
Cut chosen(const Samples& first, const Samples& second, std::int64_t steps, std::int64_t played) {
  Blocks blocks;
  Fifo leaving(blocks), entering(blocks);
  leaving.write(first);
  entering.write(second);
  CueSearch search({leaving.size(), kLong, cues()}, {kLong, cues()}, kSettings, kMemory, kMemory);
  EXPECT_GE(leaving.size(), search.wanted());
  EXPECT_GT(search.wanted(), search.latest());
  while (search.steps_left() > 0) {
    search.go_on(leaving, entering, steps);
    EXPECT_GT(leaving.size(), search.latest()) << "it was chosen before it begins";
    for (auto left = played; left > 0;) {
      const auto count = std::min(left, std::ssize(leaving.front()) / kChannels);
      leaving.drop(count);
      left -= count;
    }
  }
  return search.cut();
}

Cut chosen(const Samples& first, const Samples& second) {
  return chosen(first, second, std::numeric_limits<std::int64_t>::max(), 0);
}

TEST(CueSearch, LeavesNothingOutWhereAllIsAsLoud) {
  EXPECT_EQ(chosen(noise(kMemory, 1, 6000), noise(kMemory, 2, 6000)), (Cut{0, 0, 8}));
}

/// The last bar ends at 39 s of the first part, so the usual join begins at 23 s.
TEST(CueSearch, LeavesOutRests) {
  const auto even = noise(kMemory, 1, 6000);
  const Cut both = chosen(resting(kMemory, 2, 35 * s, 39 * s), resting(kMemory, 3, 12 * s, 16 * s));
  EXPECT_NE(both, (Cut{0, 0, 8})) << "both would rest at once";
  const Cut alone = chosen(even, resting(kMemory, 5, 14 * s, 17 * s));
  const auto end = (alone.late + alone.bars) * 2;  // s, from here on the second is alone
  EXPECT_TRUE(end <= 12 || end >= 18) << end << " s: it would rest as the first one is gone";
  const Cut before = chosen(resting(kMemory, 4, 21 * s, 24 * s), even);
  const auto begin = 39 - (before.early + before.bars) * 2;  // s, until here the first is alone
  EXPECT_TRUE(begin <= 21 || begin >= 26) << begin << " s: the second is not in yet";
}

TEST(CueSearch, InAnyPiecesIsTheSame) {
  const auto first = resting(kMemory, 2, 35 * s, 39 * s);
  const auto second = resting(kMemory, 3, 12 * s, 16 * s);
  const Cut whole = chosen(first, second);
  for (const std::int64_t steps : {40, 128, 1000})
    EXPECT_EQ(chosen(first, second, steps, kFrame), whole) << steps;
}

/// There is a reason to leave out more of each. Of a track that enters no more counts than is in
/// memory; its pickup is left out too.
TEST(CueSearch, TakesNoMoreOfATrackThanAQuarter) {
  const struct {
    std::int64_t total;               // of each track
    std::int64_t last;                // of the one that leaves, a rest
    std::int64_t rest_from, rest_to;  // of the one that enters
  } rows[] = {
      {24 * s, 15 * s / 2, 0, 6 * s}, {40 * s, 12 * s, 0, 12 * s}, {120 * s, 12 * s, 0, 12 * s}};
  for (const auto& row : rows)
    for (const std::int64_t pickup : {0 * s, s})
      for (const bool is_end_known : {true, false}) {
        SCOPED_TRACE(std::to_string(row.total / s) + " s, a pickup of " +
                     std::to_string(pickup / s) + " s, the end " +
                     (is_end_known ? "known" : "not known"));
        const Cues from{Grid{0, s / 2.0, 4}, row.total};
        const Cues to{Grid{static_cast<double>(pickup), s / 2.0, 4}, row.total};
        const auto memory = std::min(row.total, kMemory);
        Blocks blocks;
        Fifo leaving(blocks), entering(blocks);
        leaving.write(resting(memory, 1, memory - row.last, memory));
        entering.write(resting(memory, 2, row.rest_from, row.rest_to));
        CueSearch search({leaving.size(), row.total, from},
                         {is_end_known ? std::optional(row.total) : std::nullopt, to}, kSettings,
                         memory, memory);
        EXPECT_LE(search.wanted(), memory);
        search.go_on(leaving, entering, std::numeric_limits<std::int64_t>::max());
        EXPECT_EQ(search.steps_left(), 0);
        const Cut cut = search.cut();
        EXPECT_GT(cut.early, 0U);
        EXPECT_GT(cut.late, 0U);
        EXPECT_LE(cut.early * 2 * s, std::min(row.total / 4, 14 * s));
        EXPECT_LE(cut.late * 2 * s + pickup, memory / 4);
      }
}

/// What was left out of its begin counts, so that two thirds of any track are heard.
TEST(CueSearch, TakesNoMoreOfATrackThanAThirdInAll) {
  const std::int64_t total = 40 * s;
  Blocks blocks;
  Fifo leaving(blocks), entering(blocks);
  leaving.write(resting(total, 1, total - 12 * s, total));
  entering.write(noise(total, 2, 6000));
  const Cues both{Grid{0, s / 2.0, 4}, total};
  for (const std::int64_t cut : {0 * s, 4 * s, 8 * s, 13 * s, 20 * s}) {
    CueSearch search({total, total, both, cut}, {total, both}, kSettings, total, total);
    search.go_on(leaving, entering, std::numeric_limits<std::int64_t>::max());
    const auto whole = total + cut;
    const auto left = std::clamp<std::int64_t>(whole / 3 - cut, 0, whole / 4);
    EXPECT_LE(search.cut().early * 2 * s, left) << cut / s;
    EXPECT_EQ(search.cut().early > 0, left >= 7 * s) << cut / s;
  }
}

/// The second track rests as the first is nearly gone: a shorter join has the first one there.
TEST(CueSearch, TakesFewerBarsWhereTheOtherTrackCoversARest) {
  const auto even = noise(kMemory, 1, 6000);
  Samples second = noise(kMemory, 2, 6000);
  for (std::int64_t at = 12 * s; at + 2 * s <= kMemory; at += 4 * s)  // each second bar from there
    for (std::int64_t i = 2 * at; i < 2 * (at + s); ++i) second[static_cast<std::size_t>(i)] /= 8;
  const Cut cut = chosen(even, second);
  EXPECT_LT(cut.bars, 8U);
  EXPECT_LE((cut.late + cut.bars) * 2 * s, 10 * s)
      << "it rests first when the join is over for 2 s";
}

TEST(CueSearch, HasNothingToLookAtWhereNoBarsAreJoined) {
  for (const auto& [from, to, settings] :
       {std::tuple{Cues{}, cues(), kSettings}, std::tuple{cues(), cues(), JoinSettings{18 * s}}}) {
    const CueSearch search({kMemory, kLong, from}, {kLong, to}, settings, kMemory, kMemory);
    EXPECT_EQ(search.steps_left(), 0);
    EXPECT_EQ(search.cut(), Cut{});
  }
  const CueSearch blind({kMemory, kLong, cues()}, {kLong, {}}, kSettings, kMemory, kMemory);
  EXPECT_GT(blind.steps_left(), 0) << "the track that leaves has bars";
}

}  // namespace
}  // namespace infinara::sound

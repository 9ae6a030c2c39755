// SPDX-License-Identifier: Apache-2.0
// What mooddj says of its joins, beside the same measured in the recorded programme with
// libebur128.
#include <ebur128.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "onair/joins.hpp"
#include "support/radio.hpp"

namespace infinara {
namespace {

constexpr std::int64_t kSide = 12 * sound::kRate;
constexpr std::int64_t kWindow = sound::kRate * 4 / 10, kHop = sound::kRate / 10;

double loudness(std::span<const std::int16_t> samples) {
  ebur128_state* state = ebur128_init(2, sound::kRate, EBUR128_MODE_M);
  ebur128_add_frames_short(state, samples.data(), samples.size() / 2);
  double lufs = -70;
  ebur128_loudness_momentary(state, &lufs);
  ebur128_destroy(&state);
  return std::max(lufs, -70.0);
}

/// LUFS of windows of 400 ms, ten a second, sorted.
std::vector<double> loudness_over(std::span<const std::int16_t> pcm, std::int64_t from,
                                  std::int64_t to) {
  std::vector<double> all;
  to = std::min(to, std::ssize(pcm) / 2);
  for (auto at = std::max<std::int64_t>(from, 0); at + kWindow <= to; at += kHop)
    all.push_back(loudness(pcm.subspan(static_cast<std::size_t>(at) * 2, kWindow * 2)));
  std::ranges::sort(all);
  return all;
}

struct Measured {
  double dip = 0, rise = 0;
};

Measured measured(std::span<const std::int16_t> pcm, std::int64_t begin, std::int64_t end) {
  const auto before = loudness_over(pcm, begin - kSide, begin);
  const auto after = loudness_over(pcm, end, end + kSide);
  const auto within = loudness_over(pcm, begin, end);
  const double one = before.at(before.size() / 2), other = after.at(after.size() / 2);
  return {within.front() - std::min(one, other), within.back() - std::max(one, other)};
}

std::int64_t samples_of(onair::Position position) {
  return std::llround(static_cast<double>(position) * sound::kRate / 1e9);
}

/// A programme of four tracks, and what it says of its joins.
struct Programme {
  explicit Programme(const std::string& properties)
      : radio("is-live=false seed=4 num-tracks=4 auto-dj=false " + properties) {
    radio.records = true;
    EXPECT_TRUE(radio.play(1000)) << radio.error;
    joins = radio.messages_of<onair::Join>();
    for (const auto& fade : radio.messages_of<onair::Fade>())
      if (fade.from != 0 && fade.to != 0) fades.push_back(fade);
    for (const auto& one : radio.messages_of<onair::OnAir>())
      tracks[one.track.order.id] = one.track;
    EXPECT_EQ(joins.size(), 3U);
    EXPECT_EQ(fades.size(), joins.size());
  }
  /// That of the figures which is the same for all.
  void expect_true() const {
    for (std::size_t i = 0; i < std::min(joins.size(), fades.size()); ++i) {
      SCOPED_TRACE(fades[i].plan);
      const auto& join = joins[i];
      EXPECT_EQ(join.position, fades[i].end);
      EXPECT_EQ(join.from, fades[i].from);
      EXPECT_EQ(join.to, fades[i].to);
      const auto truth =
          measured(radio.pcm, samples_of(fades[i].position), samples_of(fades[i].end));
      EXPECT_NEAR(join.dip, truth.dip, 0.3);
      EXPECT_NEAR(join.rise, truth.rise, 0.3);
      EXPECT_EQ(join.fifths, onair::fifths_between(tracks.at(join.from), tracks.at(join.to)));
    }
  }
  Radio radio;
  std::vector<onair::Join> joins;
  std::vector<onair::Fade> fades;
  std::map<std::uint64_t, music::Track> tracks;
};

TEST(MeasuredJoins, OfTones) {
  const Programme programme("generators=testtracksrc track-duration=30 crossfade=5");
  programme.expect_true();
  for (const auto& join : programme.joins) {
    EXPECT_NEAR(join.dip, -3, 0.5) << "both gains are 1/2 in the middle";
    EXPECT_NEAR(join.rise, 0, 0.5);
    EXPECT_NEAR(join.basses, 5 * (1 - 2 * 0.3263), 0.01) << "above -12 dB";
    EXPECT_EQ(join.beats_apart, -1) << "a tone has no beat";
    EXPECT_EQ(join.fifths, -1);
  }
}

TEST(MeasuredJoins, OfTheHouseBand) {
  const Programme programme("genre=synthwave join=planned track-duration=45 crossfade=18");
  programme.expect_true();
  int with_beats = 0;
  for (const auto& join : programme.joins) {
    ASSERT_TRUE(programme.tracks.at(join.from).beats);
    const auto& beats = *programme.tracks.at(join.from).beats;
    EXPECT_GT(join.basses, 0);
    EXPECT_LE(join.basses, beats.beat * beats.beats_per_bar / sound::kRate) << "of one bar";
    EXPECT_LE(join.beats_apart, 15);
    with_beats += join.beats_apart >= 0 ? 1 : 0;
    EXPECT_LE(join.fifths, 2);
    EXPECT_GE(join.fifths, 0);
  }
  EXPECT_GE(with_beats, 1);
}

}  // namespace
}  // namespace infinara

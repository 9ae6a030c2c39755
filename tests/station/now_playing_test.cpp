// SPDX-License-Identifier: Apache-2.0
#include "station/now_playing.hpp"

#include <gtest/gtest.h>

namespace infinara::station {
namespace {

constexpr onair::Position kSecond = 1'000'000'000;

music::Track track(std::uint64_t id, const char* generator = "") {
  return {.order = {.id = id,
                    .genre = id < 10 ? "jazz" : "rock",
                    .title = "T" + std::to_string(id),
                    .duration = 30},
          .generator = generator};
}

TEST(NowPlaying, NothingBeforeTheFirstMessage) {
  const NowPlaying radio;
  EXPECT_FALSE(radio.now().on_air);
  EXPECT_EQ(radio.now().dj_genre, "");
}

TEST(NowPlaying, AMessageIsTrueFromItsPositionOn) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 2 * kSecond, .start = 1 * kSecond, .track = track(1, "g")});
  EXPECT_TRUE(radio.advance(2 * kSecond - 1).empty());
  EXPECT_FALSE(radio.now().on_air);
  EXPECT_EQ(radio.advance(2 * kSecond).size(), 1u);
  EXPECT_EQ(radio.now().on_air->name(), "T1");
  EXPECT_DOUBLE_EQ(radio.now().position, 1);
  EXPECT_TRUE(radio.advance(3 * kSecond).empty());
  EXPECT_DOUBLE_EQ(radio.now().position, 2);
}

TEST(NowPlaying, MessagesComeTrueInTheOrderOfTheirPositions) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 5 * kSecond, .start = 4 * kSecond, .track = track(2)});
  radio.hear(onair::OnAir{.position = 1 * kSecond, .start = 0, .track = track(1)});
  radio.advance(3 * kSecond);
  EXPECT_EQ(radio.now().on_air->order.id, 1u);
  radio.advance(9 * kSecond);
  EXPECT_EQ(radio.now().on_air->order.id, 2u);
}

TEST(NowPlaying, SaysWhereEachFactBecameTrue) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 2 * kSecond, .start = 1 * kSecond, .track = track(1)});
  radio.hear(onair::GenreDecided{
      .position = 3 * kSecond, .genre = "rock", .reason = "dwell", .dwell_end = 9 * kSecond});
  radio.hear(onair::Next{.position = 3 * kSecond + 20'833, .track = track(2), .ready = 1});
  radio.hear(onair::Fade{
      .position = 4 * kSecond, .end = 6 * kSecond, .on_air = 5 * kSecond, .from = 1, .to = 2});
  radio.advance(5 * kSecond);
  const auto now = radio.now();
  EXPECT_EQ(now.positions.on_air, 96000);
  EXPECT_EQ(now.positions.start, 48000);
  EXPECT_EQ(now.positions.genre, 144000);
  EXPECT_EQ(now.positions.dwell_end, 432000);
  EXPECT_EQ(now.positions.next, 144001);
  EXPECT_EQ(now.blend->begin, 192000);
  EXPECT_EQ(now.blend->end, 288000);
  EXPECT_EQ(now.blend->on_air, 240000);
  // A century of nanoseconds does not overflow.
  EXPECT_EQ(samples_of(3'000'000'000 * kSecond), 144'000'000'000'000);
}

TEST(NowPlaying, TheGenreOfTheWalkIsNotTheGenreHeard) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 0, .start = 0, .track = track(1)});
  radio.hear(onair::GenreDecided{
      .position = kSecond, .genre = "rock", .reason = "listener", .dwell_end = 11 * kSecond});
  radio.advance(2 * kSecond);
  EXPECT_EQ(radio.now().on_air->order.genre, "jazz");
  EXPECT_EQ(radio.now().dj_genre, "rock");
  EXPECT_DOUBLE_EQ(radio.now().dwell_remaining, 9);
  radio.advance(20 * kSecond);
  EXPECT_DOUBLE_EQ(radio.now().dwell_remaining, 0);
}

TEST(NowPlaying, ABlendLastsFromItsBeginToItsEnd) {
  NowPlaying radio;
  radio.hear(onair::Fade{.position = 10 * kSecond, .end = 14 * kSecond, .from = 1, .to = 2});
  radio.advance(9 * kSecond);
  EXPECT_FALSE(radio.now().blend);
  radio.advance(11 * kSecond);
  EXPECT_DOUBLE_EQ(radio.now().blend->remaining, 3);
  radio.advance(14 * kSecond);
  EXPECT_FALSE(radio.now().blend);
}

TEST(NowPlaying, AFadeToSilenceLeavesNothingOnAir) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 0, .start = 0, .track = track(1, "g")});
  radio.hear(onair::Fade{.position = kSecond, .end = 2 * kSecond, .from = 1, .to = 0});
  radio.advance(kSecond);
  EXPECT_TRUE(radio.now().on_air);
  radio.advance(2 * kSecond);
  EXPECT_FALSE(radio.now().on_air);
}

TEST(NowPlaying, APositionNeverPassesTheDuration) {
  NowPlaying radio;
  radio.hear(onair::OnAir{.position = 0, .start = 0, .track = track(1)});
  radio.advance(100 * kSecond);
  EXPECT_DOUBLE_EQ(radio.now().position, 30);
}

TEST(NowPlaying, NextIsNoneWhenNoneIsReady) {
  NowPlaying radio;
  radio.hear(onair::Next{.position = 0, .track = track(3), .ready = 2});
  radio.advance(0);
  EXPECT_EQ(radio.now().next->order.id, 3u);
  EXPECT_EQ(radio.now().ready, 2u);
  radio.hear(onair::Next{.position = 1, .track = {}, .ready = 0});
  radio.advance(1);
  EXPECT_FALSE(radio.now().next);
}

}  // namespace
}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "station/logbook.hpp"

#include <gtest/gtest.h>

namespace infinara::station {
namespace {

onair::OnAir on_air(const char* generator, const char* title = "Rain") {
  onair::OnAir said;
  said.track.order.title = title;
  said.track.order.genre = "jazz";
  said.track.order.duration = 89.6;
  said.track.generator = generator;
  return said;
}

TEST(Logbook, ATrackIsALineAndSaysWhenAnotherGeneratorPlays) {
  Logbook log;
  EXPECT_EQ(log.line_of(on_air("acestepsrc")), R"(on air: "Rain", jazz, 1:30, by acestepsrc)");
  EXPECT_EQ(log.line_of(on_air("housebandsrc")),
            R"(on air: "Rain", jazz, 1:30, by housebandsrc, which covers for acestepsrc)");
  EXPECT_EQ(log.line_of(on_air("housebandsrc")), R"(on air: "Rain", jazz, 1:30, by housebandsrc)");
  EXPECT_EQ(log.line_of(on_air("acestepsrc")),
            R"(on air: "Rain", jazz, 1:30, by acestepsrc, which takes over from housebandsrc)");
}

TEST(Logbook, ATrackThatIsToldOnceMoreSinceItBeganLaterIsNoNewLine) {
  Logbook log;
  auto track = on_air("housebandsrc");
  track.track.order.id = 7;
  track.position = 1000;
  EXPECT_NE(log.line_of(track), "");
  track.position = 3000;
  EXPECT_EQ(log.line_of(track), "");
  track.position = 10;  // of a new pipeline, which plays it again
  EXPECT_NE(log.line_of(track), "");
}

TEST(Logbook, ATrackWhoseTitleChangesIsANewLine) {
  Logbook log;
  auto track = on_air("relaysrc", "Morning Show");
  track.track.order.id = 7;
  EXPECT_NE(log.line_of(track), "");
  track.position = 3000;
  track.track.title = "News";
  EXPECT_EQ(log.line_of(track), R"(on air: "News", jazz, 1:30, by relaysrc)");
}

TEST(Logbook, AGenreIsALineWithItsReasonAndItsTime) {
  constexpr onair::Position kSecond = 1'000'000'000;
  Logbook log;
  EXPECT_EQ(log.line_of(onair::GenreDecided{10 * kSecond, "ambient", "dwell", 615 * kSecond}),
            "genre: ambient (dwell), for 10:05");
  EXPECT_EQ(log.line_of(onair::GenreDecided{10 * kSecond, "ambient", "listener", 0}),
            "genre: ambient (listener)");
}

TEST(Logbook, AReasonIsSaidOnce) {
  Logbook log;
  EXPECT_EQ(log.line_of(onair::Generator{0, "acestepsrc", false, "no track"}),
            "generator: acestepsrc is down: no track");
  EXPECT_EQ(log.line_of(onair::Remark{0, "http://gpu is DOWN"}), "http://gpu is DOWN");
  EXPECT_EQ(log.line_of(onair::Generator{0, "acestepsrc", false, "none: http://gpu is DOWN"}),
            "generator: acestepsrc is down");
  EXPECT_EQ(log.line_of(onair::Generator{0, "acestepsrc", false, "none: http://gpu is DOWN"}),
            "generator: acestepsrc is down: none: http://gpu is DOWN");
  EXPECT_EQ(log.line_of(onair::Generator{0, "acestepsrc", true, "delivers again"}),
            "generator: acestepsrc delivers again");
}

TEST(Logbook, APlannedJoinIsALine) {
  Logbook log;
  EXPECT_EQ(log.line_of(onair::Fade{0, 1, 1, 1, 2, "8 bars at 118 bpm, A minor to C major"}),
            "join: 8 bars at 118 bpm, A minor to C major");
}

TEST(Logbook, WhatIsNoNewsIsNoLine) {
  Logbook log;
  EXPECT_EQ(log.line_of(onair::Fade{}), "");
  EXPECT_EQ(log.line_of(onair::Join{0, 1, 2, -1.52, 0.5, 0.94, 3.2, 1}),
            "join measured: loudness -1.5 to +0.5 dB, basses together 0.9 s, beats 3 ms apart, "
            "keys 1 fifth apart");
  EXPECT_EQ(log.line_of(onair::Join{}),
            "join measured: loudness +0.0 to +0.0 dB, basses together 0.0 s");
  EXPECT_EQ(log.line_of(onair::Next{}), "");
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{}), "");
}

TEST(Logbook, TheCrowdIsALineWhenItHasChanged) {
  Logbook log;
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{.listeners = 1}), "1 listener");
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{.listeners = 1}), "");
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{.listeners = 4, .webrtc = 3, .dropped = 2}),
            "4 listeners, 3 by WebRTC; 2 disconnected, too slow or no longer reading");
  EXPECT_EQ(
      log.line_of(Logbook::ListenerCounts{.listeners = 4, .webrtc = 3, .dropped = 2, .refused = 7}),
      "4 listeners, 3 by WebRTC; 7 refused, the station is full");
}

TEST(Logbook, ANewPipelineCountsFromNothing) {
  Logbook log;
  log.line_of(Logbook::ListenerCounts{.listeners = 1, .dropped = 5});
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{.listeners = 1, .dropped = 0}), "");
  EXPECT_EQ(log.line_of(Logbook::ListenerCounts{.listeners = 1, .dropped = 2}),
            "1 listener; 2 disconnected, too slow or no longer reading");
}

}  // namespace
}  // namespace infinara::station

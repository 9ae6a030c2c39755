// SPDX-License-Identifier: Apache-2.0
// Which listeners the broadcaster disconnects, and which it must not: readers of many kinds on real
// sockets. The stream runs faster than its sound, so minutes of it take a second.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "station.hpp"

namespace infinara::cast {
namespace {

constexpr std::size_t kFrame = 576;  // bytes, 24 ms
constexpr double kBytesASecond = 24000;
constexpr const char* kNoOutage =
    "the system does not allow this user to filter what a socket takes";

BroadcasterOptions quick_batches() {
  BroadcasterOptions options;
  options.interval = Seconds(0.002);
  return options;
}

/// A client that plays at the speed of the sound, as far as the test's stream has come.
struct Player {
  const char* what;
  std::size_t lump = kFrame;  // bytes that it reads at a time
  double first_read = 0;      // seconds after the request
  double pause_from = 0;      // seconds; it reads nothing until pause_to
  double pause_to = 0;
  double speed = 1;  // of what it plays, 1 is the speed of the sound
  int buffer = 0;    // SO_RCVBUF; 0: the system's default
};

/// What a player has read so far.
class Listening {
 public:
  Listening(Station& station, const Player& player)
      : player_(player), client_(station.join("/player", player.buffer)) {}

  /// `time`: seconds of sound since the request.
  void play_until(double time) {
    const bool pauses = time >= player_.pause_from && time < player_.pause_to;
    if (time >= player_.first_read && !pauses) due_ += (time - time_) * player_.speed;
    time_ = time;
    while (due_ * kBytesASecond >= static_cast<double>(player_.lump)) {
      const std::size_t before = got_.size();
      while (got_.size() < before + player_.lump) {
        const std::string more = client_.read_some(before + player_.lump - got_.size());
        if (more.empty()) return;
        got_ += more;
      }
      due_ -= static_cast<double>(player_.lump) / kBytesASecond;
    }
  }
  Client& client() { return client_; }
  void read_to_the_end() {
    for (std::string more; !(more = client_.read_some()).empty();) got_ += more;
  }
  /// Of sound that it has read, as far as the few bytes of the response head do not matter.
  double seconds() const { return static_cast<double>(got_.size()) / kBytesASecond; }
  void expect_no_hole() const {
    const std::string body = support::body_of(got_);
    const auto numbers = support::numbers_in(body.substr(0, body.size() / kFrame * kFrame));
    ASSERT_TRUE(numbers) << player_.what;
    EXPECT_TRUE(support::is_contiguous(*numbers)) << player_.what;
  }

 private:
  const Player player_;
  Client client_;
  std::string got_;
  double time_ = 0;
  double due_ = 0;  // seconds
};

constexpr double kStep = 0.24;  // seconds, ten frames

TEST(Lag, NoPlayerIsDisconnectedBeforeTheLimit) {
  const Player players[] = {
      {.what = "64 KB at a time", .lump = 64 << 10},
      {.what = "128 KB at a time", .lump = 128 << 10},
      {.what = "256 KB at a time", .lump = 256 << 10},
      {.what = "512 KB at a time", .lump = 512 << 10},
      {.what = "1 KB at a time", .lump = 1 << 10},
      {.what = "first read after 4 s, 1 KB at a time", .lump = 1 << 10, .first_read = 4},
      {.what = "first read after 8 s", .first_read = 8},
      {.what = "first read after 80 s", .first_read = 80},
      {.what = "a pause of 4.5 s", .lump = 1 << 10, .pause_from = 10, .pause_to = 14.5},
      {.what = "a pause of 60 s", .lump = 1 << 10, .pause_from = 10, .pause_to = 70},
      {.what = "a small buffer and a pause of 85 s",
       .pause_from = 5,
       .pause_to = 90,
       .buffer = 2048},
      {.what = "92 % of the speed for 5 minutes", .speed = 0.92},
      {.what = "half the speed for 3 minutes", .speed = 0.5},
  };
  for (const Player& player : players) {
    SCOPED_TRACE(player.what);
    Station station(quick_batches());
    station.play(200);
    Listening listening(station, player);
    const double length = player.speed == 0.5 ? 175 : 300;
    for (double time = kStep; time < length; time += kStep) {
      station.play(10);
      listening.play_until(time);
      ASSERT_TRUE(station.left().empty()) << station.left()[0] << " at " << time;
    }
    listening.expect_no_hole();
    EXPECT_GT(listening.seconds(),
              player.speed * (length - player.first_read - player.pause_to + player.pause_from) -
                  static_cast<double>(player.lump) / kBytesASecond - 1);
  }
}

TEST(Lag, APlayerThatIsTooSlowReadsAllUpToTheLimitAndThenAnEnd) {
  for (const Player& player :
       {Player{.what = "92 % of the speed", .speed = 0.92, .buffer = 131072},
        Player{.what = "never reads", .first_read = 1e9},
        Player{.what = "a small buffer", .first_read = 1e9, .buffer = 2048}}) {
    SCOPED_TRACE(player.what);
    Station station(quick_batches());
    station.play(200);
    Listening listening(station, player);
    double time = 0;
    while (station.left().empty() && time < 2000) {
      station.play(10);
      listening.play_until(time += kStep);
      // The broadcaster looks once a batch; the stream must not run far ahead of it meanwhile.
      if (time - listening.seconds() > 89) std::this_thread::sleep_for(3ms);
    }
    ASSERT_EQ(station.left(), std::vector<std::string>{"!/player: it was too far behind"});
    EXPECT_GT(time - listening.seconds(), 90);
    EXPECT_LT(time - listening.seconds(), 90 + 60);  // and what lies in the kernel's buffers
    EXPECT_EQ(station.broadcaster().totals().dropped, 1u);
    listening.read_to_the_end();
    EXPECT_TRUE(listening.client().has_end());
    listening.expect_no_hole();
    EXPECT_TRUE(eventually([&] { return station.inside() == 0; }));
  }
}

TEST(Lag, TheLimitCountsFromWhereAListenerBegan) {
  BroadcasterOptions options = quick_batches();
  options.max_lag = Seconds(5);
  StreamRequest request;
  request.burst = 8;
  Station station(options, request);
  station.play(1000);
  Client client = station.join("/player", 2048);
  for (int i = 0; i < 125; ++i) station.play(1);  // 3 s: 11 s behind, less what the kernel holds
  EXPECT_FALSE(eventually([&] { return !station.left().empty(); }, 300));
  station.play(250);
  EXPECT_TRUE(eventually([&] { return station.has_left("!/player: it was too far behind"); }));
}

TEST(Lag, AnOutageIsAGap) {
  Station station(quick_batches());
  station.play(200);
  Listening listening(station, {.what = "an outage of 60 s of sound"});
  double time = 0;
  const auto play = [&](double seconds) {
    for (const double end = time + seconds; time < end;) {
      station.play(10);
      time += kStep;
    }
  };
  play(10);
  listening.play_until(time);
  if (!listening.client().begin_outage()) GTEST_SKIP() << kNoOutage;
  play(60);
  EXPECT_TRUE(eventually([&] {
    const auto all = station.broadcaster().listeners(1);
    return all.size() == 1 && all[0].lag > Seconds(50);
  }));
  listening.client().end_outage();
  play(10);
  listening.play_until(time);
  EXPECT_GT(listening.seconds(), 70);
  listening.expect_no_hole();
  EXPECT_TRUE(station.left().empty());
}

TEST(Lag, APlayerThatWasDisconnectedInAnOutageLearnsOfItAfterwards) {
  BroadcasterOptions options = quick_batches();
  options.max_lag = Seconds(10);
  Station station(options);
  station.play(200);
  Listening listening(station, {.what = "an outage"});
  station.play(100);
  listening.play_until(2);
  if (!listening.client().begin_outage()) GTEST_SKIP() << kNoOutage;
  EXPECT_TRUE(eventually([&] {
    station.play(10);
    return station.has_left("!/player: it was too far behind");
  }));
  EXPECT_EQ(station.inside(), 1u);  // the connection waits for the client
  listening.client().end_outage();
  listening.read_to_the_end();
  EXPECT_TRUE(listening.client().has_end());
  listening.expect_no_hole();
  EXPECT_TRUE(eventually([&] { return station.inside() == 0; }));
}

TEST(Silence, AHostThatAcknowledgesNothingIsDisconnected) {
  BroadcasterOptions options = quick_batches();
  options.max_silence = Seconds(1);
  Station station(options);
  station.play(200);
  Client gone = station.join("/gone");
  Client there = station.join("/there");
  if (!gone.begin_outage()) GTEST_SKIP() << kNoOutage;
  const auto begin = support::Clock::now();
  EXPECT_TRUE(eventually([&] {
    station.play(1);
    there.read_some(65536, 24);
    return station.has_left("!/gone: its host does not answer");
  })) << ::testing::PrintToString(station.left());
  EXPECT_GE(support::Clock::now() - begin, 1s);
  EXPECT_EQ(station.left().size(), 1u);
  // Nothing is kept longer than max_silence for a client that cannot be told.
  EXPECT_TRUE(eventually([&] { return station.inside() == 1; }));
}

TEST(Silence, AHostThatAnswersIsNotHoweverLongItsWindowIsClosed) {
  BroadcasterOptions options = quick_batches();
  options.max_silence = Seconds(1);
  Station station(options);
  Client paused = station.join("/paused", 2048);
  station.play(1000);  // 24 s: the window closes, and the kernel asks whether it is still closed
  EXPECT_FALSE(eventually([&] { return !station.left().empty(); }, 2500));
  station.broadcaster().finish();
  const auto numbers = support::numbers_in(support::body_of(paused.read_all()));
  ASSERT_TRUE(numbers);
  EXPECT_EQ(numbers->size(), 1000u);
  EXPECT_TRUE(paused.has_end());
}

}  // namespace
}  // namespace infinara::cast

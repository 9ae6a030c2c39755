// SPDX-License-Identifier: Apache-2.0
#include "cast/listener.hpp"

#include <gtest/gtest.h>

namespace infinara::cast {
namespace {

using std::chrono::seconds;

/// One question a second to a client that has room for 60 000 bytes and is sent 24 000 a second.
struct Client {
  Reading reading;
  Clock::time_point now{};
  std::uint64_t acked = 0, room_to = 60000;

  bool second(std::uint64_t sent, std::uint64_t read, bool waits = false) {
    now += seconds(1);
    acked += sent;
    room_to += read;
    return reading.has_stopped(acked, room_to, waits, now, Seconds(8));
  }
};

TEST(Reading, GoesOnForAsLongAsTheWindowMoves) {
  Client client;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(client.second(24000, 24000)) << i;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(client.second(12000, 12000, true)) << i;
}

TEST(Reading, HasStoppedWhenTheWindowStandsStillWhileSoundArrives) {
  Client client;
  for (int i = 0; i < 10; ++i) client.second(24000, 24000);
  for (int i = 1; i <= 8; ++i) EXPECT_FALSE(client.second(2000, 0)) << i;
  EXPECT_TRUE(client.second(2000, 0));
}

TEST(Reading, IsNotWhatMakesALittleRoom) {
  Client client;
  for (int i = 0; i < 10; ++i) client.second(24000, 24000);
  for (int i = 1; i <= 8; ++i) EXPECT_FALSE(client.second(24000, 1500)) << i;
  EXPECT_TRUE(client.second(24000, 1500));
}

TEST(Reading, HasStoppedWhenTheWindowIsFullAndMoreWaits) {
  Client client;
  client.second(60000, 60000);
  for (int i = 1; i <= 8; ++i) EXPECT_FALSE(client.second(0, 0, true)) << i;
  EXPECT_TRUE(client.second(0, 0, true));
}

TEST(Reading, IsNotJudgedWhileTheStreamPauses) {
  Client client;
  client.second(24000, 24000);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(client.second(0, 0)) << i;
}

TEST(Reading, StartsAnewWithEachMove) {
  Client client;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(client.second(2000, 0));
    EXPECT_FALSE(client.second(0, 1));
  }
}

}  // namespace
}  // namespace infinara::cast

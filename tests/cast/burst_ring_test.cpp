// SPDX-License-Identifier: Apache-2.0
#include "cast/burst_ring.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <vector>

namespace infinara::cast {
namespace {

using namespace std::chrono_literals;

/// Units of 100 bytes and 10 ms, all bytes equal to the packet's number modulo 251.
void fill(BurstRing& ring, int first, int count, int sync_each = 1) {
  for (int i = first; i < first + count; ++i)
    ring.append(std::vector<std::uint8_t>(100, static_cast<std::uint8_t>(i % 251)), 10ms,
                i % sync_each == 0);
}

TEST(BurstRing, IsEmptyAtFirst) {
  const BurstRing ring(1s);
  EXPECT_EQ(ring.begin(), 0u);
  EXPECT_EQ(ring.end(), 0u);
  EXPECT_EQ(ring.start_for(4s), 0u);
  EXPECT_TRUE(ring.read(0).empty());
  EXPECT_TRUE(ring.before(0, 3).empty());
  EXPECT_TRUE(ring.packet_at(0).empty());
  EXPECT_EQ(ring.ahead_of(0), 0ns);
}

TEST(BurstRing, StartsABurstOnTheUnitThatGivesEnough) {
  BurstRing ring(10s);
  fill(ring, 0, 100);
  EXPECT_EQ(ring.start_for(0s), 10000u);
  EXPECT_EQ(ring.start_for(-1s), 10000u);
  EXPECT_EQ(ring.start_for(1ns), 9900u);
  EXPECT_EQ(ring.start_for(10ms), 9900u);
  EXPECT_EQ(ring.start_for(11ms), 9800u);
  EXPECT_EQ(ring.start_for(500ms), 5000u);
  EXPECT_EQ(ring.start_for(1s), 0u);
  EXPECT_EQ(ring.start_for(60s), 0u);  // all there is
}

TEST(BurstRing, StartsOnlyAtSyncUnits) {
  BurstRing ring(10s);
  fill(ring, 0, 95, 10);
  EXPECT_EQ(ring.start_for(10ms), 9000u);
  EXPECT_EQ(ring.start_for(60ms), 8000u);
  BurstRing none(10s);
  fill(none, 1, 5, 10);
  EXPECT_EQ(none.start_for(1s), none.end());
}

TEST(BurstRing, FindsTheNextSyncUnit) {
  BurstRing ring(10s);
  EXPECT_EQ(ring.random_access_from(0), 0u);
  fill(ring, 0, 95, 10);
  EXPECT_EQ(ring.random_access_from(0), 0u);
  EXPECT_EQ(ring.random_access_from(1), 1000u);
  EXPECT_EQ(ring.random_access_from(1000), 1000u);
  EXPECT_EQ(ring.random_access_from(9001), ring.end());
}

TEST(BurstRing, GivesEachByteOnceAndInOrder) {
  BurstRing ring(60s);
  fill(ring, 0, 2000);
  Position at = 0;
  for (Bytes piece = ring.read(at); !piece.empty(); piece = ring.read(at)) {
    for (const std::uint8_t byte : piece) {
      ASSERT_EQ(byte, at / 100 % 251);
      ++at;
    }
  }
  EXPECT_EQ(at, ring.end());
  EXPECT_EQ(ring.read(150).front(), 1);
}

TEST(BurstRing, KeepsWhatItMustAndLittleMore) {
  BurstRing ring(10s);  // 1000 packets, 100 000 bytes
  fill(ring, 0, 100000);
  EXPECT_EQ(ring.end(), 10'000'000u);
  EXPECT_LE(ring.begin(), ring.end() - 100'000);
  EXPECT_GE(ring.begin(), ring.end() - 100'000 - 2 * 32768);
  EXPECT_EQ(ring.begin() % 100, 0u) << "it begins with a packet";
  EXPECT_EQ(ring.ahead_of(ring.end() - 100'000), 10s);
  EXPECT_TRUE(ring.read(ring.begin() - 1).empty());
  EXPECT_FALSE(ring.read(ring.begin()).empty());
  EXPECT_TRUE(ring.read(ring.end()).empty());
}

TEST(BurstRing, BytesStayWhereTheyAreWhileMoreComes) {
  BurstRing ring(10s);
  fill(ring, 0, 10);
  const std::uint8_t* const first = ring.read(0).data();
  fill(ring, 10, 500);
  EXPECT_EQ(ring.read(0).data(), first);
}

TEST(BurstRing, SaysHowFarBehindAPositionIs) {
  BurstRing ring(10s);
  fill(ring, 0, 100);
  EXPECT_EQ(ring.ahead_of(10000), 0ns);
  EXPECT_EQ(ring.ahead_of(9900), 10ms);
  EXPECT_EQ(ring.ahead_of(9999), 10ms);  // inside a packet
  EXPECT_EQ(ring.ahead_of(9899), 20ms);
  EXPECT_EQ(ring.ahead_of(0), 1s);
}

TEST(BurstRing, KnowsTheUnitsBeforeAPosition) {
  BurstRing ring(10s);
  fill(ring, 0, 1000);
  const auto before = ring.before(500 * 100, 3);
  ASSERT_EQ(before.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(before[static_cast<std::size_t>(i)].size(), 100u);
    EXPECT_EQ(before[static_cast<std::size_t>(i)].front(), (497 + i) % 251);
  }
  EXPECT_EQ(ring.before(100, 3).size(), 1u);
  EXPECT_EQ(ring.before(ring.end(), 12).size(), 12u);
  EXPECT_EQ(ring.packet_at(500 * 100).size(), 100u);
  EXPECT_TRUE(ring.packet_at(500 * 100 + 1).empty());
}

TEST(BurstRing, TakesUnitsLargerThanABlock) {
  BurstRing ring(1s);
  std::vector<std::uint8_t> large(100000);
  std::iota(large.begin(), large.end(), std::uint8_t{0});
  fill(ring, 0, 3);
  ring.append(large, 500ms);
  ring.append({}, 500ms);  // nothing to send takes no time
  fill(ring, 3, 3);
  const Bytes packet = ring.packet_at(300);
  ASSERT_EQ(packet.size(), large.size());
  EXPECT_TRUE(std::equal(packet.begin(), packet.end(), large.begin()));
  EXPECT_EQ(ring.ahead_of(0), 560ms);
}

TEST(BurstRing, KeepsThePresentationTimeOfEachPacket) {
  BurstRing ring(1s);
  ring.append(std::vector<std::uint8_t>(10), 20ms, true, 5s);
  ring.append(std::vector<std::uint8_t>(10), 20ms);
  EXPECT_EQ(ring.pts_at(0), Pts(5s));
  EXPECT_EQ(ring.pts_at(9), Pts(5s));
  EXPECT_EQ(ring.pts_at(10), Pts());
  EXPECT_EQ(ring.pts_at(20), Pts());
}

}  // namespace
}  // namespace infinara::cast

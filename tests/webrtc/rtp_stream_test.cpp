// SPDX-License-Identifier: Apache-2.0
#include "webrtc/rtp_stream.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace infinara::webrtc {
namespace {

using namespace std::chrono_literals;

struct ARtpStream : testing::Test {
  static constexpr std::uint32_t kSsrc = 0xA1B2C3D4, kFirst = 0xFFFFF000;
  RtpStream stream{kSsrc, 0x7fff, kFirst};
  RtpStream::Time now{100s};

  struct Seen {
    std::uint16_t sequence;
    std::uint32_t timestamp, ssrc;
    std::vector<std::uint8_t> payload;
  };
  /// A packet of a payloader as it comes out of the stream.
  Seen send(unsigned source, std::uint16_t sequence, std::uint32_t timestamp) {
    const auto byte = [](std::uint32_t x) { return static_cast<std::uint8_t>(x); };
    const std::vector<std::uint8_t> packet{0x80,
                                           111,
                                           byte(sequence >> 8U),
                                           byte(sequence),
                                           byte(timestamp >> 24U),
                                           byte(timestamp >> 16U),
                                           byte(timestamp >> 8U),
                                           byte(timestamp),
                                           1,
                                           2,
                                           3,
                                           4,
                                           'h',
                                           'i'};
    const auto out = stream.adopt(packet, source, now);
    EXPECT_EQ(out.size(), packet.size());
    if (out.size() != packet.size()) return {};
    EXPECT_EQ(out[0], 0x80);
    EXPECT_EQ(out[1], 111);
    const auto number = [&](std::size_t at) {
      return std::uint32_t{out[at]} << 24 | std::uint32_t{out[at + 1]} << 16 |
             std::uint32_t{out[at + 2]} << 8 | out[at + 3];
    };
    return {
        static_cast<std::uint16_t>(number(0)), number(4), number(8), {out.begin() + 12, out.end()}};
  }
};

TEST_F(ARtpStream, BeginsWithItsOwnNumbers) {
  const Seen first = send(1, 7, 12345);
  EXPECT_EQ(first.sequence, 0x7fff);
  EXPECT_EQ(first.timestamp, kFirst);
  EXPECT_EQ(first.ssrc, kSsrc);
  EXPECT_EQ(first.payload, (std::vector<std::uint8_t>{'h', 'i'}));
  const Seen second = send(1, 8, 12345 + 960);
  EXPECT_EQ(second.sequence, 0x8000);
  EXPECT_EQ(second.timestamp, kFirst + 960);
}

TEST_F(ARtpStream, GoesOnWhenThePayloaderIsReplaced) {
  send(1, 60000, 4000000000u);
  now += 2s;  // without sound
  const Seen second = send(2, 3, 17);
  EXPECT_EQ(second.sequence, 0x8000);
  EXPECT_EQ(second.timestamp, kFirst + 96000);
  now += 20ms;
  EXPECT_EQ(send(2, 4, 17 + 960).timestamp, kFirst + 96960);
}

TEST_F(ARtpStream, APayloaderThatNeverSentLeavesNoTrace) {
  send(1, 60000, 4000000000u);
  now += 1s;
  // source 2 fails to start
  const Seen after = send(3, 0, 0);
  EXPECT_EQ(after.sequence, 0x8000);
  EXPECT_EQ(after.timestamp, kFirst + 48000);
}

TEST_F(ARtpStream, NeverStandsStillOrGoesBack) {
  const Seen first = send(1, 1, 1000);
  const Seen second = send(2, 1, 1000);  // in the same instant
  EXPECT_EQ(second.sequence, static_cast<std::uint16_t>(first.sequence + 1));
  EXPECT_EQ(second.timestamp, first.timestamp + 1);
}

TEST_F(ARtpStream, WrapsAround) {
  std::uint16_t sequence = send(1, 0, 0).sequence;
  std::uint32_t timestamp = kFirst;
  for (std::uint32_t i = 1; i < 140000; ++i) {
    now += 20ms;
    const unsigned source = 1 + i / 1000;  // replaced every twenty seconds
    const Seen seen = send(source, static_cast<std::uint16_t>(i), i * 960);
    ASSERT_EQ(seen.sequence, ++sequence) << i;
    ASSERT_EQ(seen.timestamp, timestamp += 960) << i;
  }
}

TEST_F(ARtpStream, TakesRtpOnly) {
  const std::vector<std::uint8_t> shorter(11, 0x80), stun(20, 0), longer(1401, 0x80);
  for (const auto& packet : {shorter, stun, longer})
    EXPECT_TRUE(stream.adopt(packet, 1, now).empty());
  EXPECT_EQ(send(1, 9, 9).sequence, 0x7fff) << "none of them counts";
}

}  // namespace
}  // namespace infinara::webrtc

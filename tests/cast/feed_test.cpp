// SPDX-License-Identifier: Apache-2.0
#include "cast/feed.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace infinara::cast {
namespace {

using namespace std::chrono_literals;

/// A ring whose byte at position p is p modulo 251.
class Stream {
 public:
  void grow(std::size_t bytes) {
    std::vector<std::uint8_t> packet(bytes);
    for (std::size_t i = 0; i < bytes; ++i)
      packet[i] = static_cast<std::uint8_t>((ring.end() + i) % 251);
    ring.append(packet, 10ms);
  }
  BurstRing ring{3600s};
  Titles titles;
};

/// Takes at most `most` bytes of what the feed has.
std::string take(Feed& feed, const Stream& stream, std::size_t most) {
  std::string got;
  while (got.size() < most) {
    const Bytes piece = feed.next(stream.ring, stream.titles);
    if (piece.empty()) break;
    const std::size_t size = std::min(piece.size(), most - got.size());
    got.append(reinterpret_cast<const char*>(piece.data()), size);
    feed.advance(stream.ring, stream.titles, size);
  }
  return got;
}

/// What an ICY player makes of a response body: the sound, and each block with its place in it.
struct Heard {
  std::string sound;
  std::vector<std::pair<std::size_t, std::string>> titles;
  std::size_t blocks = 0;
};
Heard hear(const std::string& body) {
  Heard heard;
  for (std::size_t at = 0; at < body.size();) {
    heard.sound += body.substr(at, kMetaint);
    at += kMetaint;
    if (at >= body.size()) break;
    ++heard.blocks;
    const std::size_t length = 16 * static_cast<std::size_t>(static_cast<unsigned char>(body[at]));
    if (length > 0) {
      const std::string block = body.substr(at, 1 + length);
      EXPECT_TRUE(block.substr(1).starts_with("StreamTitle='"));
      const std::string text = block.substr(14, block.find("';") - 14);
      heard.titles.emplace_back(heard.sound.size(), text);
    }
    at += 1 + length;
  }
  return heard;
}

void expect_sound(const std::string& sound, Position start) {
  for (std::size_t i = 0; i < sound.size(); ++i)
    ASSERT_EQ(static_cast<std::uint8_t>(sound[i]), (start + i) % 251) << i;
}

TEST(Feed, SendsTheLeadInThenTheRing) {
  Stream stream;
  stream.grow(5000);
  Feed feed("head", 1000, false);
  const std::string got = take(feed, stream, SIZE_MAX);
  EXPECT_EQ(got.substr(0, 4), "head");
  expect_sound(got.substr(4), 1000);
  EXPECT_EQ(got.size(), 4004u);
  EXPECT_EQ(feed.position(), 5000u);
  EXPECT_TRUE(feed.next(stream.ring, stream.titles).empty());
  stream.grow(10);
  EXPECT_EQ(take(feed, stream, SIZE_MAX).size(), 10u);
}

TEST(Feed, SendsTheSameInPiecesOfAnySize) {
  Stream stream;
  for (int i = 0; i < 300; ++i) {
    if (i % 60 == 0) stream.titles.set(stream.ring.end(), "title " + std::to_string(i));
    stream.grow(577);
  }
  Feed whole("priming", 577, true);
  const std::string expected = take(whole, stream, SIZE_MAX);
  std::mt19937 rng(5);
  for (const std::size_t most : {1u, 2u, 15999u, 16000u, 16001u, 0u}) {
    Feed feed("priming", 577, true);
    std::string got;
    while (true) {
      const std::string more = take(feed, stream, most != 0 ? most : rng() % 5000 + 1);
      if (more.empty()) break;
      got += more;
    }
    EXPECT_EQ(got, expected) << most;
  }
}

TEST(Feed, PutsAThousandBlocksInPlace) {
  Stream stream;
  Feed feed("", 0, true);
  std::string body;
  std::mt19937 rng(3);
  std::vector<std::pair<Position, std::string>> told;
  const std::vector<std::string> hostile = {"';StreamTitle='x", std::string(5000, 'y'), "a\r\nb",
                                            std::string("\0\xff", 2)};
  while (stream.ring.end() < 1010 * kMetaint) {
    if (rng() % 400 == 0) {
      stream.titles.set(stream.ring.end(), hostile[rng() % 4] + std::to_string(told.size()));
      told.emplace_back(stream.ring.end(), "");
    }
    stream.grow(576);
    if (rng() % 3 == 0) body += take(feed, stream, rng() % 30000);
  }
  body += take(feed, stream, SIZE_MAX);
  const Heard heard = hear(body);
  EXPECT_GE(heard.blocks, 1000u);
  EXPECT_GT(heard.titles.size(), 50u);
  EXPECT_EQ(heard.sound.size(), stream.ring.end());
  expect_sound(heard.sound, 0);
}

TEST(Feed, TellsATitleAtTheFirstBlockAfterItsFrame) {
  Stream stream;
  stream.titles.set(0, "one");
  for (int i = 0; i < 100; ++i) {
    if (i == 40) stream.titles.set(stream.ring.end(), "two");  // at byte 40 000
    stream.grow(1000);
  }
  Feed feed("", 0, true);
  const Heard heard = hear(take(feed, stream, SIZE_MAX));
  ASSERT_EQ(heard.titles.size(), 2u);
  EXPECT_EQ(heard.titles[0], (std::pair<std::size_t, std::string>(16000, "one")));
  EXPECT_EQ(heard.titles[1], (std::pair<std::size_t, std::string>(48000, "two")));
  EXPECT_EQ(heard.blocks, 6u);
}

TEST(Feed, WaitsForSoundBeforeABlock) {
  Stream stream;
  stream.titles.set(0, "old");
  stream.grow(kMetaint);
  Feed feed("", 0, true);
  EXPECT_EQ(take(feed, stream, SIZE_MAX).size(), kMetaint);
  stream.titles.set(stream.ring.end(), "new");  // arrives with the very frame the block precedes
  stream.grow(100);
  const std::string got = take(feed, stream, SIZE_MAX);
  EXPECT_NE(got.find("StreamTitle='new'"), std::string::npos);
  EXPECT_EQ(got.find("StreamTitle='old'"), std::string::npos);
}

TEST(Feed, KnowsWhenItsPlaceIsGone) {
  BurstRing ring(100ms);
  Titles titles;
  ring.append(std::vector<std::uint8_t>(30000), 100ms);
  Feed feed("", 0, false);
  EXPECT_FALSE(feed.is_lost(ring));
  for (int i = 0; i < 5; ++i) ring.append(std::vector<std::uint8_t>(30000), 100ms);
  EXPECT_TRUE(feed.is_lost(ring));
  EXPECT_TRUE(feed.next(ring, titles).empty());
}

}  // namespace
}  // namespace infinara::cast

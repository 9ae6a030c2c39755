// SPDX-License-Identifier: Apache-2.0
#include "cast/mp3_frames.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "support/mp3.hpp"

namespace infinara::cast {
namespace {

using support::Frame;
using support::frame;

struct HeaderCase {
  std::vector<std::uint8_t> bytes;
  std::size_t size;  // 0: no header
  int rate = 0;
  int bitrate = 0;
  int channels = 0;
  int samples = 0;
};

TEST(Mp3Header, SaysWhatTheStandardSays) {
  const std::vector<HeaderCase> table = {
      {{0xff, 0xfb, 0xb4, 0x00}, 576, 48000, 192, 2, 1152},
      {{0xff, 0xfb, 0xb0, 0x00}, 626, 44100, 192, 2, 1152},
      {{0xff, 0xfb, 0xb2, 0x00}, 627, 44100, 192, 2, 1152},  // padded
      {{0xff, 0xfb, 0xe4, 0x40}, 960, 48000, 320, 2, 1152},  // joint stereo
      {{0xff, 0xfb, 0x18, 0xc0}, 144, 32000, 32, 1, 1152},   // mono
      {{0xff, 0xfa, 0x94, 0x00}, 384, 48000, 128, 2, 1152},  // with CRC
      {{0xff, 0xf3, 0x84, 0x00}, 192, 24000, 64, 2, 576},    // MPEG-2
      {{0xff, 0xe3, 0x88, 0xc0}, 576, 8000, 64, 1, 576},     // MPEG-2.5
      {{0xff, 0xeb, 0xb4, 0x00}, 0},                         // reserved version
      {{0xff, 0xfd, 0xb4, 0x00}, 0},                         // Layer II
      {{0xff, 0xf9, 0xb4, 0x00}, 0},                         // reserved layer
      {{0xff, 0xfb, 0x04, 0x00}, 0},                         // free format
      {{0xff, 0xfb, 0xf4, 0x00}, 0},                         // bad bitrate
      {{0xff, 0xfb, 0xbc, 0x00}, 0},                         // reserved rate
      {{0xff, 0xfb, 0xb4, 0x02}, 0},                         // reserved emphasis
      {{0xff, 0xdb, 0xb4, 0x00}, 0},                         // no random_access
      {{0xfe, 0xfb, 0xb4, 0x00}, 0},
      {{0xff, 0xfb, 0xb4}, 0},  // too short
      {{}, 0}};
  for (const HeaderCase& row : table) {
    const auto header = read_mp3_header(row.bytes);
    ASSERT_EQ(header.has_value(), row.size != 0);
    if (!header) continue;
    EXPECT_EQ(header->size, row.size);
    EXPECT_EQ(header->rate, row.rate);
    EXPECT_EQ(header->bitrate, row.bitrate);
    EXPECT_EQ(header->channels, row.channels);
    EXPECT_EQ(header->samples, row.samples);
  }
  EXPECT_EQ(read_mp3_header(frame(0))->duration(), std::chrono::milliseconds(24));
}

TEST(Mp3Header, ReachesBack) {
  EXPECT_EQ(reach_back_of(frame(0, 511)), 511u);
  EXPECT_EQ(reach_back_of(frame(0, 1)), 1u);
  EXPECT_EQ(reach_back_of(frame(0, 300, "\xfa\xb4\x00")), 300u);  // behind a CRC
  EXPECT_EQ(reach_back_of(frame(0, 255, "\xf3\x84\x00")), 255u);  // MPEG-2
  const Frame cut(20, 0xff);
  EXPECT_EQ(reach_back_of(cut), 0u);
}

TEST(Mp3Header, KnowsAFilesTable) {
  for (const std::string word : {"Xing", "Info", "VBRI"}) {
    Frame table = frame(0);
    std::copy(word.begin(), word.end(), table.begin() + 36);
    EXPECT_TRUE(is_info_frame(table)) << word;
  }
  EXPECT_FALSE(is_info_frame(frame(0x58696e66)));
  EXPECT_FALSE(is_info_frame({}));
}

struct Split {
  std::vector<Frame> frames;
  std::uint64_t skipped;
};

/// `stream` handed over in pieces whose sizes `next_size` gives.
template <class NextSize>
Split split(const Frame& stream, NextSize next_size) {
  Mp3Splitter splitter;
  Split result;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = std::min<std::size_t>(next_size(), stream.size() - at);
    splitter.push(Bytes(stream).subspan(at, size), [&](Bytes bytes, const Mp3Header& header) {
      EXPECT_EQ(bytes.size(), header.size);
      result.frames.emplace_back(bytes.begin(), bytes.end());
    });
    at += size;
  }
  result.skipped = splitter.skipped();
  return result;
}

Frame joined(const std::vector<Frame>& frames) {
  Frame all;
  for (const Frame& one : frames) all.insert(all.end(), one.begin(), one.end());
  return all;
}

TEST(Mp3Splitter, FindsTheSameFramesInPiecesOfAnySize) {
  std::vector<Frame> frames;
  for (std::uint32_t i = 0; i < 40; ++i)
    frames.push_back(frame(i, i, i % 3 == 0 ? "\xfb\xe4\x00" : "\xfb\x94\x00"));
  const Frame stream = joined(frames);
  for (const std::size_t size : {1u, 2u, 3u, 4u, 575u, 576u, 577u, 4096u, 1000000u}) {
    const Split result = split(stream, [&] { return size; });
    EXPECT_EQ(result.frames, frames) << size;
    EXPECT_EQ(result.skipped, 0u);
  }
  std::mt19937 rng(7);
  EXPECT_EQ(split(stream, [&] { return rng() % 700 + 1; }).frames, frames);
}

TEST(Mp3Splitter, FindsItsWayThroughJunk) {
  const Frame junk = {'I', 'D', '3', 4, 0, 0xff, 0xfb, 0xb4, 0x00, 9, 9, 0xff, 0xff};
  const std::vector<Frame> frames = {frame(1), frame(2), frame(3), frame(4)};
  const Frame stream = joined({junk, frames[0], frames[1], junk, frames[2], frames[3]});
  for (const std::size_t size : {1u, 100u, 100000u}) {
    const Split result = split(stream, [&] { return size; });
    // The last frame has nobody behind it to confirm it, unless trust has come back before.
    EXPECT_EQ(result.frames, frames) << size;
    EXPECT_EQ(result.skipped, 2 * junk.size());
  }
}

TEST(Mp3Splitter, DoesNotTakeAnotherStreamsHeaderForItsOwn) {
  const std::vector<Frame> frames = {frame(1), frame(2)};
  const Frame stray = {0xff, 0xfb, 0xb0, 0x00};  // 44.1 kHz inside a 48 kHz stream
  const Split result = split(joined({frames[0], stray, frames[1], frame(3)}), [] { return 50u; });
  EXPECT_EQ(result.frames, (std::vector<Frame>{frames[0], frames[1], frame(3)}));
  EXPECT_EQ(result.skipped, 4u);
}

TEST(Mp3Splitter, ForgetsAHalfFrameWhenReset) {
  Mp3Splitter splitter;
  std::size_t count = 0;
  const auto take = [&](Bytes, const Mp3Header&) { ++count; };
  const Frame one = frame(1);
  splitter.push(Bytes(one).first(100), take);
  splitter.reset();
  splitter.push(one, take);
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(splitter.skipped(), 0u);
}

TEST(Mp3Splitter, SurvivesNoise) {
  std::mt19937 rng(11);
  for (int round = 0; round < 200; ++round) {
    Frame noise(4000);
    for (auto& byte : noise) byte = rng() % 3 == 0 ? 0xff : static_cast<std::uint8_t>(rng());
    std::size_t bytes = 0;
    const Split result = split(noise, [&] { return rng() % 600 + 1; });
    for (const Frame& one : result.frames) bytes += one.size();
    ASSERT_LE(bytes + result.skipped, noise.size());
  }
}

std::vector<Bytes> views(const std::vector<Frame>& frames) {
  return {frames.begin(), frames.end()};
}

std::vector<Frame> frames_of(const std::string& text) {
  const Frame stream(text.begin(), text.end());
  return split(stream, [&] { return stream.size(); }).frames;
}

TEST(PrimingFrames, AreAsManyAsTheFrameReachesBack) {
  const std::vector<Frame> at_192 = {frame(1), frame(2), frame(3)};  // 540 bytes of main data each
  EXPECT_EQ(priming_frames(views(at_192), frame(4, 0)), "");
  EXPECT_EQ(frames_of(priming_frames(views(at_192), frame(4, 1))).size(), 1u);
  EXPECT_EQ(frames_of(priming_frames(views(at_192), frame(4, 511))).size(), 1u);

  std::vector<Frame> at_64;  // 156 bytes of main data each
  for (std::uint32_t i = 0; i < 9; ++i) at_64.push_back(frame(i, 0, "\xfb\x54\x00"));
  const auto four = frames_of(priming_frames(views(at_64), frame(9, 511, "\xfb\x54\x00")));
  ASSERT_EQ(four.size(), 4u);
  // Each keeps what the ones before it carry.
  EXPECT_EQ(reach_back_of(four[0]), 0u);
  EXPECT_EQ(reach_back_of(four[1]), 156u);
  EXPECT_EQ(reach_back_of(four[2]), 312u);
  EXPECT_EQ(reach_back_of(four[3]), 468u);
}

TEST(PrimingFrames, KeepTheMainDataAndSayNothing) {
  for (const char* head : {"\xfb\xb4\x00", "\xfb\xb4\xc0", "\xfa\xb4\x00", "\xf3\x84\x00"}) {
    const std::vector<Frame> before = {frame(1, 9, head), frame(2, 9, head)};
    const auto header = *read_mp3_header(before[1]);
    const auto made = frames_of(priming_frames(views(before), frame(3, 100, head)));
    ASSERT_EQ(made.size(), 1u);
    const std::size_t side = header.side_at();
    const std::size_t main = side + header.side_size();
    EXPECT_TRUE(std::equal(made[0].begin(), made[0].begin() + 4, before[1].begin()));
    EXPECT_TRUE(std::equal(made[0].begin() + static_cast<std::ptrdiff_t>(main), made[0].end(),
                           before[1].begin() + static_cast<std::ptrdiff_t>(main)));
    for (std::size_t i = side; i < main; ++i) EXPECT_EQ(made[0][i], 0) << i;
  }
}

TEST(PrimingFrames, HaveTheirCheckSumAnew) {
  // The sum over a header whose last two bytes are b4 00 and 32 zero bytes, worked out bit by bit
  // as long division in a program of its own.
  const std::vector<Frame> before = {frame(1, 9, "\xfa\xb4\x00")};
  const auto made = frames_of(priming_frames(views(before), frame(2, 100, "\xfa\xb4\x00")));
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0][4] << 8 | made[0][5], 0xf074);
}

TEST(PrimingFrames, AreThoseThereAre) {
  EXPECT_EQ(priming_frames({}, frame(1, 511)), "");
  const std::vector<Frame> one = {frame(1, 0, "\xfb\x54\x00")};
  EXPECT_EQ(frames_of(priming_frames(views(one), frame(2, 511, "\xfb\x54\x00"))).size(), 1u);
  EXPECT_EQ(priming_frames(views(one), {}), "");
}

}  // namespace
}  // namespace infinara::cast

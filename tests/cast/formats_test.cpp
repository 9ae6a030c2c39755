// SPDX-License-Identifier: Apache-2.0
// Formats cut where a player can join them, from pieces of any size: FLAC, MPEG-TS, WAV, MP4.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cast/flac_head.hpp"
#include "cast/mp4_fragments.hpp"
#include "cast/ts_packets.hpp"
#include "cast/wav_blocks.hpp"

namespace infinara::cast {
namespace {

using namespace std::string_literals;

std::string text(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string little_endian(std::uint64_t value, int bytes) {
  const std::string other = big_endian(value, bytes);
  return {other.rbegin(), other.rend()};
}

// --- FLAC

std::string flac_block(int type, const std::string& body) {
  return big_endian(static_cast<unsigned>(type), 1) + big_endian(body.size(), 3) + body;
}

/// 44.1 kHz mono 16 bit: 13 bytes, 4 bits and 36 bits of total samples, 16 bytes of MD5.
std::string stream_info(bool of_a_file) {
  return "\x12\x00\x12\x00\x00\x00\x00\x00\x00\x00\x0a\xc4\x40"s + (of_a_file ? "\xf1" : "\xf0") +
         (of_a_file ? "\x23\x45\x67\x89"s + std::string(16, 'm') : std::string(20, '\0'));
}

TEST(FlacHead, IsNativeFromAnEncodersOggMapping) {
  const std::string comment = flac_block(0x80 | 4, "tags");
  const std::string mapping =
      "\x7f"
      "FLAC\x01\x00\x00\x01"s +
      "fLaC" + flac_block(0, stream_info(false)) + comment;
  EXPECT_EQ(native_flac_head(mapping), "fLaC" + flac_block(0, stream_info(false)) + comment);
}

TEST(FlacHead, ForgetsWhatIsTrueOfAWholeFileAlone) {
  const std::string file = "fLaC" + flac_block(0, stream_info(true)) + flac_block(3, "seek table") +
                           flac_block(4, "tags") + flac_block(5, "cue sheet") +
                           flac_block(0x80 | 1, std::string(100, '\0'));
  EXPECT_EQ(native_flac_head(file),
            "fLaC" + flac_block(0, stream_info(false)) + flac_block(0x80 | 4, "tags"));
}

TEST(FlacHead, OfWhatIsNoneIsEmpty) {
  EXPECT_EQ(native_flac_head(""), "");
  EXPECT_EQ(native_flac_head("fLaC"), "");
  EXPECT_EQ(native_flac_head("OggS and more"), "");
  EXPECT_EQ(native_flac_head("fLaC" + flac_block(4, "tags first")), "");
  EXPECT_EQ(native_flac_head("fLaC" + flac_block(0, "too short")), "");
  EXPECT_EQ(native_flac_head(("fLaC" + flac_block(0, stream_info(true))).substr(0, 30)), "");
}

TEST(FlacHead, FramesBeginWithTheSyncCode) {
  EXPECT_TRUE(is_flac_frame(bytes_of("\xff\xf8\xc9")));
  EXPECT_TRUE(is_flac_frame(bytes_of("\xff\xf9\xc9")));
  EXPECT_FALSE(is_flac_frame(bytes_of("\xff\xfb\xc9")));
  EXPECT_FALSE(is_flac_frame(bytes_of("fLaC")));
  EXPECT_FALSE(is_flac_frame({}));
}

// --- MPEG-TS

std::string packet(char mark) {
  return "G" + std::string(187, mark);
}

TEST(TsPackets, ComeWholeFromPiecesOfAnySize) {
  const std::string stream = packet('a') + packet('b') + packet('c') + packet('d');
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    TsPackets packets;
    std::string out;
    for (std::size_t at = 0; at < stream.size(); at += size)
      packets.push(bytes_of(std::string_view(stream).substr(at, size)), [&](Bytes run) {
        EXPECT_EQ(run.size() % 188, 0U);
        EXPECT_EQ(run[0], 'G');
        out += text(run);
      });
    EXPECT_EQ(out, stream) << size;
    EXPECT_EQ(packets.skipped(), 0U);
  }
}

TEST(TsPackets, AreFoundInMidPacketAndAfterDamage) {
  TsPackets packets;
  std::string out;
  const std::string stream =
      packet('a').substr(100) + packet('b') + packet('c') + "xyz" + packet('d') + packet('e');
  packets.push(bytes_of(stream), [&](Bytes run) { out += text(run); });
  EXPECT_EQ(out, packet('b') + packet('d') + packet('e'));
  EXPECT_EQ(packets.skipped(), stream.size() - out.size());
}

TEST(TsPackets, OfM2tsKeepTheirTimeStamps) {
  TsPackets packets(192);
  std::string out;
  const std::string stream = "time" + packet('a') + "TIME" + packet('b');
  packets.push(bytes_of(stream), [&](Bytes run) { out += text(run); });
  EXPECT_EQ(out, stream);
}

// --- WAV

std::string chunk(const std::string& name, const std::string& body, std::size_t size) {
  return name + little_endian(size, 4) + body + std::string(body.size() % 2, '\0');
}

std::string wav_format() {  // PCM, stereo, 48 kHz, 16 bit
  return little_endian(1, 2) + little_endian(2, 2) + little_endian(48000, 4) +
         little_endian(192000, 4) + little_endian(4, 2) + little_endian(16, 2);
}

struct Wav {
  std::string head, sound;
  std::chrono::nanoseconds duration{};
  WavBlocks blocks;
  bool push(std::string_view bytes) {
    return blocks.push(bytes_of(bytes), {.head = [this](const std::string& x) { head += x; },
                                         .blocks =
                                             [this](Bytes x, std::chrono::nanoseconds time) {
                                               EXPECT_EQ(x.size() % 4, 0U);
                                               sound += text(x);
                                               duration += time;
                                             }});
  }
};

TEST(WavBlocks, ComeWholeFromPiecesOfAnySizeWithAHeadThatHasNoLength) {
  const std::string format = chunk("fmt ", wav_format(), 16);
  const std::string samples = "abcdefghijklmnop";
  const std::string file = "RIFF" + little_endian(999, 4) + "WAVE" + format +
                           chunk("LIST", "odd", 3) + "data" + little_endian(777, 4) + samples;
  for (std::size_t size = 1; size <= file.size(); ++size) {
    Wav wav;
    for (std::size_t at = 0; at < file.size(); at += size)
      ASSERT_TRUE(wav.push(std::string_view(file).substr(at, size)));
    EXPECT_EQ(wav.head, "RIFF\xff\xff\xff\xffWAVE" + format + "data\xff\xff\xff\xff");
    EXPECT_EQ(wav.sound, samples) << size;
  }
}

TEST(WavBlocks, LastAsLongAsTheyHaveBytes) {
  Wav wav;
  EXPECT_TRUE(wav.push("RIFF....WAVE" + chunk("fmt ", wav_format(), 16) + "data...." +
                       std::string(19200 + 3, 's')));
  EXPECT_EQ(wav.duration, std::chrono::milliseconds(100));
}

TEST(WavBlocks, BeginAnewWithAHead) {
  const std::string head = "RIFF....WAVE" + chunk("fmt ", wav_format(), 16) + "data....";
  Wav wav;
  EXPECT_TRUE(wav.push(head));
  EXPECT_TRUE(wav.push("abcdef"));
  EXPECT_TRUE(wav.push(head));  // as wavenc does at its end
  EXPECT_TRUE(wav.push("ghij"));
  EXPECT_EQ(wav.sound, "abcdghij");
}

TEST(WavBlocks, OfWhatIsNoWavFileAreNone) {
  EXPECT_FALSE(Wav{}.push("this is no RIFF file"));
  EXPECT_FALSE(Wav{}.push("RIFF....WAVEdata....samples without a format"));
  EXPECT_FALSE(Wav{}.push("RIFF....WAVE" + chunk("fmt ", std::string(16, '\0'), 16) + "data...."));
  EXPECT_FALSE(Wav{}.push("RIFF....WAVEjunk\xff\xff\xff\xff"));
}

// --- MP4

std::string box(const std::string& name, const std::string& body = "") {
  return big_endian(8 + body.size(), 4) + name + body;
}

struct Mp4 {
  std::vector<std::string> heads, pieces;
  Mp4Fragments fragments;
  Mp4Fragments::Found push(std::string_view bytes) {
    return fragments.push(bytes_of(bytes),
                          {.head = [this](const std::string& x) { heads.push_back(x); },
                           .fragment = [this](Bytes x) { pieces.push_back(text(x)); }});
  }
};
using Found = Mp4Fragments::Found;

TEST(Mp4Fragments, ComeWholeFromPiecesOfAnySize) {
  const std::string head = box("ftyp", "iso5") + box("moov", box("mvhd", "x") + box("mvex"));
  const std::string first = box("moof", "1") + box("mdat", "one");
  const std::string second = box("styp") + box("sidx", "s") + box("moof", "2") + big_endian(1, 4) +
                             "mdat" + big_endian(16 + 3, 8) + "two";
  const std::string stream = head + first + box("free", "nothing") + second + box("mfra", "index");
  for (std::size_t size = 1; size <= stream.size(); ++size) {
    Mp4 mp4;
    for (std::size_t at = 0; at < stream.size(); at += size)
      ASSERT_EQ(mp4.push(std::string_view(stream).substr(at, size)), Found::kGood) << size;
    EXPECT_EQ(mp4.heads, std::vector{head});
    EXPECT_EQ(mp4.pieces, (std::vector{first, second})) << size;
  }
}

TEST(Mp4Fragments, WhatWasCutOffByAGapIsForgotten) {
  Mp4 mp4;
  const std::string fragment = box("moof", "2") + box("mdat", "two");
  EXPECT_EQ(mp4.push(box("ftyp") + box("moov", box("mvex")) + box("moof", "1")), Found::kGood);
  EXPECT_EQ(mp4.push(box("mdat", "never comes whole").substr(0, 12)), Found::kGood);
  mp4.fragments.reset();
  EXPECT_EQ(mp4.push(fragment), Found::kGood);
  EXPECT_EQ(mp4.pieces, std::vector{fragment});
}

TEST(Mp4Fragments, AFileWithoutThemIsRefusedAtItsFirstMedia) {
  EXPECT_EQ(Mp4{}.push(box("ftyp", "isom") + big_endian(0, 4) + "mdat"), Found::kNoFragments);
  EXPECT_EQ(Mp4{}.push(box("ftyp") + box("moov", box("mvhd"))), Found::kNoFragments);
  EXPECT_EQ(Mp4{}.push(box("moof")), Found::kNoFragments);
}

TEST(Mp4Fragments, WhatIsNoMp4IsRefused) {
  EXPECT_EQ(Mp4{}.push("OggS\x01\x02\x03\x04 and so on"), Found::kNoMp4);
  EXPECT_EQ(Mp4{}.push(std::string(16, '\0')), Found::kNoMp4);
  EXPECT_EQ(Mp4{}.push(big_endian(200 << 20, 4) + "ftyp"), Found::kNoMp4);
  EXPECT_EQ(Mp4{}.push(big_endian(64 << 20, 4) + "ftyp"), Found::kGood) << "64 MiB may come";
  EXPECT_EQ(Mp4{}.push(big_endian((64 << 20) + 1, 4) + "ftyp"), Found::kNoMp4);
}

}  // namespace
}  // namespace infinara::cast

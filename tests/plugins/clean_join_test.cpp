// SPDX-License-Identifier: Apache-2.0
// Who joins in the middle of a real encoder's stream decodes the very samples of who was there from
// the start.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "cast/mp3_frames.hpp"
#include "gstpp/ref.hpp"

namespace {

using Frames = std::vector<std::vector<std::uint8_t>>;
using infinara::cast::Bytes;

/// All bytes that leave `launch` when `input` and then EOS go into it.
std::vector<std::uint8_t> run(const std::string& launch, const std::string& caps,
                              const Frames& input) {
  GstHarness* harness = gst_harness_new_parse(launch.c_str());
  gst_harness_set_src_caps_str(harness, caps.c_str());
  GstClockTime time = 0;
  for (const auto& bytes : input) {
    GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    GST_BUFFER_PTS(buffer) = time;
    time += 24 * GST_MSECOND;
    EXPECT_EQ(gst_harness_push(harness, buffer), GST_FLOW_OK);
  }
  gst_harness_push_event(harness, gst_event_new_eos());
  std::vector<std::uint8_t> output;
  while (GstBuffer* buffer = gst_harness_try_pull(harness)) {
    const auto owned = gstpp::Ref<GstBuffer>::adopt(buffer);
    const gstpp::Map map(buffer, GST_MAP_READ);
    const auto bytes = map.as<const std::uint8_t>();
    output.insert(output.end(), bytes.begin(), bytes.end());
  }
  gst_harness_teardown(harness);
  return output;
}

/// Loud noise with a beat in it, which makes the encoder save bits here and spend them there.
Frames encoded(const std::string& settings, int count) {
  std::uint32_t state = 1;
  Frames pcm;
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint8_t> block;
    for (int sample = 0; sample < 1152 * 2; ++sample) {
      state = state * 1664525 + 1013904223;
      const int loudness = i % 10 < 3 ? 3 : 7;  // bits taken off full scale
      const auto value =
          static_cast<std::int16_t>(static_cast<std::int16_t>(state >> 16) >> loudness);
      block.push_back(static_cast<std::uint8_t>(value & 0xff));
      block.push_back(static_cast<std::uint8_t>((value >> 8) & 0xff));
    }
    pcm.push_back(std::move(block));
  }
  const auto stream = run("lamemp3enc " + settings,
                          "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, "
                          "rate=(int)48000, channels=(int)2, channel-mask=(bitmask)0x3",
                          pcm);
  Frames frames;
  infinara::cast::Mp3Splitter splitter;
  splitter.push(stream, [&](Bytes frame, const infinara::cast::Mp3Header&) {
    frames.emplace_back(frame.begin(), frame.end());
  });
  EXPECT_EQ(splitter.skipped(), 0u);
  return frames;
}

/// Pairs of floats.
std::vector<std::uint64_t> decoded(const Frames& frames) {
  const auto bytes = run(
      "mpegaudioparse ! mpg123audiodec ! audioconvert ! capsfilter caps=audio/x-raw,format=F32LE",
      "audio/mpeg, mpegversion=(int)1, layer=(int)3", frames);
  std::vector<std::uint64_t> samples(bytes.size() / 8);
  std::memcpy(samples.data(), bytes.data(), samples.size() * 8);
  return samples;
}

struct Join {
  Frames frames;  // what the listener gets
  std::size_t priming_frames;
};
Join joined(const Frames& stream, std::size_t start) {
  const std::vector<Bytes> before(
      stream.begin() + static_cast<std::ptrdiff_t>(start >= 12 ? start - 12 : 0),
      stream.begin() + static_cast<std::ptrdiff_t>(start));
  const std::string preamble = infinara::cast::priming_frames(before, stream[start]);
  Join join;
  infinara::cast::Mp3Splitter splitter;
  splitter.push({reinterpret_cast<const std::uint8_t*>(preamble.data()), preamble.size()},
                [&](Bytes frame, const infinara::cast::Mp3Header&) {
                  join.frames.emplace_back(frame.begin(), frame.end());
                });
  join.priming_frames = join.frames.size();
  join.frames.insert(join.frames.end(), stream.begin() + static_cast<std::ptrdiff_t>(start),
                     stream.end());
  return join;
}

// The overlap of the transform (576) and the memory of the filter bank (480) reach back into the
// frame before, which who joins cannot have.
constexpr std::size_t kUnavoidable = 1056;

class CleanJoin : public testing::TestWithParam<const char*> {};

TEST_P(CleanJoin, IsTheContinuousStreamBitForBit) {
  const Frames stream = encoded(GetParam(), 60);
  ASSERT_GE(stream.size(), 60u);
  const auto whole = decoded(stream);
  ASSERT_EQ(whole.size(), stream.size() * 1152);
  std::size_t needed = 0;
  for (std::size_t start = 15; start < 50; ++start) {
    const Join join = joined(stream, start);
    needed += join.priming_frames;
    const auto heard = decoded(join.frames);
    ASSERT_EQ(heard.size(), join.frames.size() * 1152);
    for (std::size_t i = 0; i < join.priming_frames * 1152; ++i)
      ASSERT_EQ(heard[i], 0u) << "a priming frame is silent";
    const std::size_t same = (stream.size() - start) * 1152 - kUnavoidable;
    EXPECT_TRUE(std::equal(heard.end() - static_cast<std::ptrdiff_t>(same), heard.end(),
                           whole.end() - static_cast<std::ptrdiff_t>(same)))
        << "from frame " << start << " with " << join.priming_frames << " priming frames";
  }
  EXPECT_GT(needed, 20u) << "the encoder did not use its reservoir: this stream proves nothing";
}

INSTANTIATE_TEST_SUITE_P(Lame, CleanJoin,
                         testing::Values("target=bitrate cbr=true bitrate=192",
                                         "target=bitrate cbr=true bitrate=128",
                                         "target=quality quality=4"));

TEST(CleanJoin, NeedsItsPrimingFrames) {
  const Frames stream = encoded("target=bitrate cbr=true bitrate=192", 60);
  const auto whole = decoded(stream);
  std::size_t start = 15;
  while (infinara::cast::reach_back_of(stream[start]) == 0) ++start;
  const auto bare =
      decoded(Frames(stream.begin() + static_cast<std::ptrdiff_t>(start), stream.end()));
  const std::size_t same = (stream.size() - start) * 1152 - kUnavoidable;
  EXPECT_FALSE(bare.size() >= same &&
               std::equal(bare.end() - static_cast<std::ptrdiff_t>(same), bare.end(),
                          whole.end() - static_cast<std::ptrdiff_t>(same)));
}

}  // namespace

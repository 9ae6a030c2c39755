// SPDX-License-Identifier: Apache-2.0
// The title in the stream changes where the sound does: one tone fades into another, through a real
// encoder, and what a player gets is decoded to see where.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "gstpp/ref.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"
#include "support/testtrack_src.hpp"

namespace infinara {
namespace {

constexpr long kMetaint = 16000, kFrameBytes = 576, kFrameSamples = 1152;
constexpr std::array<int, 2> kSeeds{0, 7};  // of tones an octave apart

/// The whole response that a player with titles gets.
std::string heard(double first_length, double crossfade) {
  testtrack::register_all();
  const auto track = [&](int which, double length) {
    return " testtracksrc seed=" + std::to_string(kSeeds[static_cast<std::size_t>(which)]) +
           " duration=" + std::to_string(length) + " title=" + (which == 0 ? "Low" : "High") +
           " ! mix.";
  };
  const std::string launch =
      "smoothstepmix name=mix is-live=false crossfade=" + std::to_string(crossfade) +
      " ! lamemp3enc target=bitrate bitrate=192 cbr=true ! httpbroadcastsink name=sink sync=false "
      "content-type=audio/mpeg address=127.0.0.1 port=0" +
      track(0, first_length) + track(1, 5);
  gstpp::Error error;
  const auto pipeline = gstpp::Ref<GstElement>::sink(gst_parse_launch(launch.c_str(), error.out()));
  EXPECT_FALSE(error) << error.message();
  const auto sink =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
  gst_element_set_state(sink, GST_STATE_READY);  // its port is open before there is sound
  gint port = 0;
  g_object_get(sink.get(), "bound-port", &port, nullptr);
  support::Client client(port);
  EXPECT_TRUE(client.send("GET / HTTP/1.1\r\nHost: a\r\nIcy-MetaData: 1\r\n\r\n"));
  // Who has a response hears the stream from its first byte.
  std::string got = client.read_some();
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  got += client.read_all();
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return got;
}

struct Stream {
  std::string sound;
  std::vector<std::pair<long, std::string>> titles;  // each with the bytes of sound before it
};
Stream apart(const std::string& response) {
  Stream stream;
  std::string rest = support::body_of(response);
  while (rest.size() > kMetaint) {
    stream.sound += rest.substr(0, kMetaint);
    const auto length = 16 * static_cast<std::size_t>(static_cast<unsigned char>(rest[kMetaint]));
    if (length > 0)
      stream.titles.emplace_back(stream.sound.size(), rest.substr(kMetaint + 1, length).c_str());
    rest.erase(0, kMetaint + 1 + length);
  }
  stream.sound += rest;
  return stream;
}

/// The left side of what a decoder makes of it.
std::vector<float> decoded(const std::string& sound) {
  GstHarness* harness = gst_harness_new_parse(
      "mpegaudioparse ! mpg123audiodec ! audioconvert ! capsfilter "
      "caps=audio/x-raw,format=F32LE,channels=2,layout=interleaved");
  gst_harness_set_src_caps_str(harness, "audio/mpeg, mpegversion=(int)1, layer=(int)3");
  gst_harness_push(harness, gst_buffer_new_memdup(sound.data(), sound.size()));
  gst_harness_push_event(harness, gst_event_new_eos());
  std::vector<float> left;
  while (GstBuffer* buffer = gst_harness_try_pull(harness)) {
    const auto owned = gstpp::Ref<GstBuffer>::adopt(buffer);
    const gstpp::Map map(buffer, GST_MAP_READ);
    const auto samples = map.as<const float>();
    for (std::size_t i = 0; i < samples.size(); i += 2) left.push_back(samples[i]);
  }
  gst_harness_teardown(harness);
  return left;
}

/// How much of this tone there is in 50 ms from `from` on.
double strength(const std::vector<float>& sound, long from, int hertz) {
  double cosine = 0, sine = 0;
  for (long i = 0; i < 2400; ++i) {
    const double angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / 48000;
    cosine += sound[static_cast<std::size_t>(from + i)] * std::cos(angle);
    sine += sound[static_cast<std::size_t>(from + i)] * std::sin(angle);
  }
  return std::hypot(cosine, sine);
}

/// The first sample at which the second tone is as loud as the first: the middle of the fade.
long seam_of(const std::vector<float>& sound) {
  const auto tone = [](int which) {
    return testtrack::kTones[static_cast<std::size_t>(kSeeds[static_cast<std::size_t>(which)])];
  };
  for (long from = 0; from + 2400 < static_cast<long>(sound.size()); from += 120)
    if (strength(sound, from, tone(1)) > strength(sound, from, tone(0)) &&
        strength(sound, from, tone(1)) > 100)
      return from + 1200;
  return -1;
}

TEST(TitleSeam, IsAtMostOneBlockAndAFrameFromTheSeamThatIsHeard) {
  for (const double crossfade : {0.0, 1.0, 2.0})
    for (const double length : {4.0, 4.13, 4.29, 4.51}) {
      const Stream stream = apart(heard(length, crossfade));
      ASSERT_EQ(stream.titles.size(), 2u) << length;
      EXPECT_EQ(stream.titles[0].first, kMetaint);
      EXPECT_EQ(stream.titles[0].second, "StreamTitle='Low';StreamUrl='';");
      EXPECT_EQ(stream.titles[1].second, "StreamTitle='High';StreamUrl='';");
      const auto sound = decoded(stream.sound);
      ASSERT_EQ(sound.size() * kFrameBytes, stream.sound.size() * kFrameSamples);
      const long seam = seam_of(sound);
      // The test itself looks in the right place: what an encoder adds is known.
      EXPECT_NEAR(static_cast<double>(seam), (length - crossfade / 2) * 48000 + 1105, 600);
      const long late = stream.titles[1].first - seam * kFrameBytes / kFrameSamples;
      std::printf("a track of %.2f s, a fade of %.0f s: the title %ld bytes after the seam\n",
                  length, crossfade, late);
      // An encoder hands a title on at once, and what it was told with it up to two frames later.
      EXPECT_GE(late, -2 * kFrameBytes);
      EXPECT_LE(late, kMetaint + kFrameBytes);
    }
}

}  // namespace
}  // namespace infinara

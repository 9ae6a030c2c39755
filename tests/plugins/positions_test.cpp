// SPDX-License-Identifier: Apache-2.0
// A response says which sample of the programme its first one is. Noise, of which no two places are
// alike, goes through a real encoder; what a player decodes is looked for in it.
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"

namespace infinara {
namespace {

constexpr long kRate = 48000, kFrame = 960;
constexpr long kBegin = 300 * kRate;  // of the noise, in the programme
constexpr long kLength = 12 * kRate;  // samples
constexpr long kTolerance = kRate / 1000;

/// Low noise, the same each time: an encoder keeps its shape.
std::vector<float> noise() {
  std::vector<float> samples(kLength);
  std::uint32_t state = 1;
  float low = 0;
  for (float& sample : samples) {
    state = state * 1664525 + 1013904223;
    low += 0.1f * (static_cast<float>(static_cast<std::int32_t>(state)) / 2147483648.f - low);
    sample = low;
  }
  return samples;
}

/// On the air, all of the noise sent.
class Encoded {
 public:
  explicit Encoded(const std::string& encoder, const std::vector<float>& samples)
      : harness_(gst_harness_new_parse(
            (encoder + " ! httpbroadcastsink name=sink sync=false address=127.0.0.1 port=0 "
                       "programme=p interval=0.02")
                .c_str())) {
    gst_harness_set_src_caps_str(
        harness_,
        "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)48000, "
        "channels=(int)2, channel-mask=(bitmask)0x3");
    sink_ = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(harness_->element), "sink"));
    for (long at = 0; at < kLength; at += kFrame) {
      GstBuffer* buffer = gst_buffer_new_allocate(nullptr, kFrame * 4, nullptr);
      {
        const gstpp::Map map(buffer, GST_MAP_WRITE);
        const auto out = map.as<std::int16_t>();
        for (long i = 0; i < kFrame * 2; ++i)
          out[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(
              std::lround(30000 * samples[static_cast<std::size_t>(at + i / 2)]));
      }
      GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>((kBegin + at) / kFrame) * 20 * GST_MSECOND;
      GST_BUFFER_DURATION(buffer) = 20 * GST_MSECOND;
      EXPECT_EQ(gst_harness_push(harness_, buffer), GST_FLOW_OK);
    }
  }
  Encoded(const Encoded&) = delete;
  Encoded& operator=(const Encoded&) = delete;
  ~Encoded() { gst_harness_teardown(harness_); }

  support::Client connect(const std::string& path) {
    gint port = 0;
    g_object_get(sink_.get(), "bound-port", &port, nullptr);
    support::Client client(port);
    EXPECT_TRUE(client.send("GET " + path + " HTTP/1.0\r\n\r\n"));
    return client;
  }
  std::int64_t position_of(const char* key) {
    gint64 position = 0;
    g_signal_emit_by_name(sink_.get(), "position-of", key, &position);
    return position;
  }
  void finish() { gst_harness_push_event(harness_, gst_event_new_eos()); }

 private:
  GstHarness* harness_;
  gstpp::Ref<GstElement> sink_;
};

std::string header(const std::string& response, const std::string& name) {
  const auto at = response.find("\r\n" + name + ": ");
  if (at == response.npos || at > response.find("\r\n\r\n")) return "";
  const auto from = at + name.size() + 4;
  return response.substr(from, response.find("\r\n", from) - from);
}

/// The left side, as a player gets it that opens the bytes as they are.
std::vector<float> decoded(const std::string& decoder, const std::string& bytes) {
  const auto player = gstpp::Ref<GstElement>::sink(gst_parse_launch(
      ("appsrc name=bytes ! " + decoder +
       " ! audioconvert ! audio/x-raw,format=F32LE,channels=2,layout=interleaved ! "
       "appsink name=sound sync=false")
          .c_str(),
      nullptr));
  const auto named = [&](const char* name) {
    return gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(player.get()), name));
  };
  const auto source = named("bytes"), sound = named("sound");
  gst_element_set_state(player, GST_STATE_PLAYING);
  gst_app_src_push_buffer(GST_APP_SRC(source.get()),
                          gst_buffer_new_memdup(bytes.data(), bytes.size()));
  gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
  std::vector<float> left;
  while (const auto sample = gstpp::Ref<GstSample>::adopt(
             gst_app_sink_try_pull_sample(GST_APP_SINK(sound.get()), 10 * GST_SECOND))) {
    const gstpp::Map map(gst_sample_get_buffer(sample), GST_MAP_READ);
    const auto samples = map.as<const float>();
    for (std::size_t i = 0; i < samples.size(); i += 2) left.push_back(samples[i]);
  }
  gst_element_set_state(player, GST_STATE_NULL);
  return left;
}

/// Where `piece` is in `whole`, within a second of `expected`: the place of the best correlation.
long place_of(std::span<const float> piece, const std::vector<float>& whole, long expected) {
  constexpr long kCoarse = 4;  // the noise is that wide
  const auto likeness = [&](long at) {
    double sum = 0;
    for (std::size_t i = 0; i < piece.size(); i += 2)
      sum += piece[i] * whole[static_cast<std::size_t>(at) + i];
    return sum;
  };
  const long end = static_cast<long>(whole.size() - piece.size());
  const auto best = [&](long from, long to, long step) {
    long found = from;
    double most = -1;
    for (long at = from; at <= to; at += step)
      if (const double here = likeness(at); here > most) most = here, found = at;
    return found;
  };
  const long near = best(std::max(0L, expected - kRate), std::min(end, expected + kRate), kCoarse);
  return best(std::max(0L, near - kCoarse), std::min(end, near + kCoarse), 1);
}

struct Format {
  const char* name;
  const char* encoder;
  const char* decoder;
  /// Samples that a player drops and this decoder keeps when it starts in the middle: the pre-skip
  /// of Opus (RFC 7845, section 4.2). FFmpeg and the browsers drop it.
  std::size_t dropped = 0;
};

void PrintTo(const Format& format, std::ostream* out) {
  *out << format.name;
}

class Positions : public testing::TestWithParam<Format> {};

TEST_P(Positions, OfTheFirstSampleIsToldForEachBurst) {
  const auto whole = noise();
  Encoded station(GetParam().encoder, whole);
  const std::vector<std::string> bursts{"1", "2", "3.1", "7"};  // seconds
  std::vector<support::Client> clients;
  std::vector<std::string> responses;
  for (const auto& burst : bursts) {
    clients.push_back(station.connect("/?listener=" + burst + "&burst=" + burst));
    std::string& response = responses.emplace_back();
    while (response.find("\r\n\r\n") == response.npos) response += clients.back().read_some();
    const std::string told = header(response, "Infinara-Position");
    ASSERT_FALSE(told.empty()) << response.substr(0, 600);
    EXPECT_EQ(std::to_string(station.position_of(burst.c_str())), told);
    EXPECT_EQ(header(response, "Infinara-Programme"), "p");
  }
  station.finish();
  for (std::size_t i = 0; i < bursts.size(); ++i) {
    const std::string& burst = bursts[i];
    const std::string response = responses[i] + clients[i].read_all();
    const long position = std::atol(header(response, "Infinara-Position").c_str());
    const auto sound = decoded(GetParam().decoder, support::body_of(response));
    constexpr std::size_t kAfter = 9600, kPiece = 4800;  // once the decoder has settled
    const std::size_t from = GetParam().dropped + kAfter;
    ASSERT_GT(sound.size(), from + kPiece) << burst;
    const long expected = position + static_cast<long>(kAfter) - kBegin;
    EXPECT_NEAR(place_of(std::span(sound).subspan(from, kPiece), whole, expected), expected,
                kTolerance)
        << burst;
  }
}

TEST_P(Positions, IsNotToldBeforeThereIsSound) {
  Encoded station(GetParam().encoder, std::vector<float>(kLength));
  EXPECT_EQ(station.position_of("nobody"), G_MININT64);
  EXPECT_EQ(station.position_of(""), G_MININT64);
}

INSTANTIATE_TEST_SUITE_P(
    AllFormats, Positions,
    testing::Values(
        Format{"mp3", "lamemp3enc target=bitrate bitrate=192 cbr=true",
               "mpegaudioparse ! mpg123audiodec"},
        Format{"vbr", "lamemp3enc target=quality quality=4", "mpegaudioparse ! mpg123audiodec"},
        Format{"opus", "opusenc bitrate=128000 frame-size=20 ! oggmux", "oggdemux ! opusdec", 312}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// The house band's music as a listener of the MP3 stream gets it: through the DJ's crossfades, LAME
// and a decoder.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"
#include "music/genre.hpp"
#include "onair/message.hpp"
#include "sound/meter.hpp"
#include "support/hearing.hpp"

namespace infinara {
namespace {

const bool kChecked = std::getenv("INFINARA_CHECKED") != nullptr;
constexpr std::size_t kSecond = 96000;        // values
constexpr std::int64_t kDecoderDelay = 1105;  // samples that LAME and the decoder come late

struct Decoded {
  std::vector<std::int16_t> pcm;
  std::vector<std::int16_t> mix;  // before the encoder
  std::vector<onair::Fade> fades;
};

/// Adds what goes through that pad of an element of the pipeline to `samples`, which outlives it.
void collect(GstElement* pipeline, const char* element, const char* name,
             std::vector<std::int16_t>& samples) {
  const auto of = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline), element));
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(of, name));
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        const gstpp::Map map(GST_PAD_PROBE_INFO_BUFFER(info), GST_MAP_READ);
        const auto more = map.as<const std::int16_t>();
        auto& all = *static_cast<std::vector<std::int16_t>*>(data);
        all.insert(all.end(), more.begin(), more.end());
        return GST_PAD_PROBE_OK;
      },
      &samples, nullptr);
}

/// That much of what `source` plays, encoded as the station does and decoded again.
Decoded decoded(const std::string& source, int seconds) {
  Decoded out;
  gstpp::Error error;
  const auto pipeline = gstpp::Ref<GstElement>::sink(gst_parse_launch(
      (source +
       " ! identity name=end ! lamemp3enc bitrate=192 cbr=true target=bitrate ! mpegaudioparse ! "
       "mpg123audiodec ! audio/x-raw,format=S16LE ! fakesink name=out sync=false")
          .c_str(),
      error.out()));
  EXPECT_FALSE(error) << error.message();
  // The programme never ends: its listener does.
  g_object_set(
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "end")).get(),
      "eos-after", seconds * 50, nullptr);
  collect(pipeline, "end", "src", out.mix);
  collect(pipeline, "out", "sink", out.pcm);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  for (bool over = false; !over;) {
    const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop(bus, 200 * GST_SECOND));
    over = !message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS ||
           GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR;
    EXPECT_TRUE(message && GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ERROR) << source;
    if (!message) continue;
    const auto said = onair::read(message);
    if (!said) continue;
    if (const auto* fade = std::get_if<onair::Fade>(&*said)) out.fades.push_back(*fade);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return out;
}

sound::Meter measured(const std::vector<std::int16_t>& pcm) {
  sound::Meter meter(48000, 2);
  std::vector<float> block;
  for (std::size_t at = 0; at < pcm.size(); at += kSecond) {
    block.clear();
    for (std::size_t i = at; i < std::min(pcm.size(), at + kSecond); ++i)
      block.push_back(static_cast<float>(pcm[i]) / 32768);
    meter.listen(block);
  }
  return meter;
}

TEST(SoundOnAir, TheEncoderLiftsNoGenresPeaksAboveMinusOne) {
  if (kChecked) GTEST_SKIP() << "a checker leaves no time for minutes of music";
  for (const auto& genre : music::kGenres) {
    const auto heard =
        decoded("housebandsrc seed=14 duration=15 genre=\"" + std::string(genre.name) + "\"", 60);
    ASSERT_GE(heard.pcm.size(), 15 * kSecond) << genre.name;
    const sound::Meter meter = measured(heard.pcm);
    EXPECT_LE(meter.true_peak_db(), -1) << genre.name;
    EXPECT_EQ(meter.clipped(), 0) << genre.name;
  }
}

TEST(SoundOnAir, AProgrammeHasNoHolesAtItsJoinsAndNowhereElse) {
  if (kChecked) GTEST_SKIP() << "a checker leaves no time for minutes of music";
  const auto heard = decoded(
      "mooddj is-live=false seed=5 join=planned track-duration=45 crossfade=8 dwell-min=40 "
      "dwell-max=80",
      240);
  ASSERT_GE(heard.pcm.size(), 239 * kSecond);
  const hearing::Pcm pcm(heard.pcm);
  const sound::Meter meter = measured(heard.pcm);
  // A join may reach -1 dBTP, and the encoder adds to it.
  ASSERT_GE(heard.mix.size(), 239 * kSecond);
  EXPECT_LE(measured(heard.mix).true_peak_db(), -0.99) << "-1, and what rounding adds";
  EXPECT_LE(meter.true_peak_db(), 0);
  EXPECT_EQ(meter.clipped(), 0);
  int quiet = 0, longest = 0;
  for (const float level : meter.levels()) {
    quiet = level < -50 ? quiet + 1 : 0;
    longest = std::max(longest, quiet);
  }
  EXPECT_LT(longest, 7) << "tenths of a second";
  int joins = 0;
  for (const onair::Fade& fade : heard.fades) {
    const auto value = [](onair::Position at) {
      return static_cast<std::size_t>(static_cast<std::int64_t>(at) * 48 / 1'000'000 +
                                      kDecoderDelay) *
             2;
    };
    const std::size_t from = value(fade.position), to = value(fade.end);
    if (to + 8 * kSecond > pcm.size()) continue;
    ++joins;
    const auto softest = [&](std::size_t begin, std::size_t end) {
      double level = 0;
      for (std::size_t at = begin; at + kSecond / 2 <= end; at += kSecond / 10)
        level = std::min(level, hearing::db(hearing::power(pcm.subspan(at, kSecond / 2))));
      return level;
    };
    // Sparse music has rests of its own: a join is no hole beside those of the tracks around it.
    const double sides = std::min(softest(from - 8 * kSecond, from), softest(to, to + 8 * kSecond));
    const double fall = softest(from, to) - sides;
    EXPECT_GE(fall, -9) << "join at " << fade.position / 1'000'000 << " ms";
    RecordProperty("join_" + std::to_string(joins), std::to_string(fall));
  }
  EXPECT_GE(joins, 5);
}

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// Files that tell nothing of their music, after silence, are joined on the bars that are found in
// them.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "band/band.hpp"
#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "onair/edit_list.hpp"
#include "support/acestep_double.hpp"
#include "support/audio_maker.hpp"
#include "support/band_musician.hpp"

namespace {

using namespace infinara;
using gstpp::Ref;

constexpr double kRate = 48000;

/// How one leaves the other, by the mixer's messages.
sound::Edit leaving_of(const std::string& line) {
  sound::Edit leaves;
  gstpp::Error error;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
  EXPECT_FALSE(error) << error.message();
  if (!pipeline) return leaves;
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  for (;;) {
    const auto message = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
        bus, 300 * GST_SECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT)));
    EXPECT_TRUE(message) << "it stands still";
    if (!message || GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ELEMENT) break;
    const auto edit = onair::edit_of(gst_message_get_structure(message));
    if (edit && edit->entry.what == sound::Edit::What::kLeaves) leaves = edit->entry;
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return leaves;
}

TEST(FoundBeats, FilesThatTellNothingOrAWrongTempoAreJoinedOnTheirBars) {
  auto pattern = (std::filesystem::temp_directory_path() / "infinara-beats-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  band::Band band({"indie rock", 3, 36, 120, "A minor", "", ""});
  std::vector<std::int16_t> pcm(static_cast<std::size_t>(band.length()) * 2);
  band.render(pcm);
  support::Pcm track;
  track.samples.resize(static_cast<std::size_t>(1.5 * kRate) * 2);
  for (const auto x : pcm) track.samples.push_back(static_cast<float>(x) / 32768);
  const double bar = band.score().beats().beat * 4;
  const std::pair<std::string, std::string> rows[] = {
      {"flac", ""}, {"mp3", ""}, {"opus", ""}, {"ogg", ""}, {"flac", "87.0"}, {"flac", "163.0"}};
  for (const auto& [format, told_bpm] : rows) {
    SCOPED_TRACE(format + " that tells " + (told_bpm.empty() ? "nothing" : told_bpm + " bpm"));
    const auto path = folder / ("track." + format);
    std::ofstream(path, std::ios::binary) << support::encoded(track, format);
    const auto file =
        " filesrc location=" + path.string() + " ! decodebin ! audioconvert ! audioresample ! " +
        (told_bpm.empty() ? "" : "taginject tags=beats-per-minute=" + told_bpm + " ! ") + "mix.";
    const auto leaves = leaving_of(
        "smoothstepmix name=mix is-live=false crossfade=10 join=planned ! fakesink" + file + file);
    EXPECT_EQ(leaves.fit, sound::Fit::kBars) << name_of(leaves.fit);
    EXPECT_EQ(leaves.bars, 4U);
    const double bars = static_cast<double>(leaves.at) / bar;
    EXPECT_LE(std::abs(bars - std::round(bars)) * bar / kRate, 0.010) << "it leaves off a bar line";
  }
  std::filesystem::remove_all(folder);
}

/// Ordered at 97 bpm, which its tags say too, and played at 120.
TEST(FoundBeats, ATrackOfAceStepWhoseTempoLiesIsJoinedOnTheBarsThatAreHeard) {
  support::DoubleSettings settings;
  settings.delay = 0.1;
  settings.musician = [](const support::Tune&) {
    return support::house_band({36, 120, "A minor", 3, 0.5, "indie rock"});
  };
  support::AceStepDouble server(settings);
  const std::string track = " acestepsrc location=" + server.url() +
                            " duration=36 bpm=97 key=\"A minor\" genre=synthwave ! decodebin !"
                            " audioconvert ! audioresample ! mix.";
  const auto leaves = leaving_of(
      "smoothstepmix name=mix is-live=false crossfade=10 join=planned ! fakesink" + track + track);
  const auto orders = server.orders();
  ASSERT_EQ(orders.size(), 2U);
  for (const auto& order : orders) EXPECT_EQ(order.bpm, 97);
  EXPECT_EQ(leaves.fit, sound::Fit::kBars) << name_of(leaves.fit);
  EXPECT_NEAR(60 * kRate / leaves.beat, 120, 0.1);
  const double bar = 4 * 60 * kRate / 120;
  const double bars = static_cast<double>(leaves.at) / bar;
  EXPECT_LE(std::abs(bars - std::round(bars)) * bar / kRate, 0.010) << "it leaves off a bar line";
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// Tracks that fade in or out by themselves, joined by trackgain and smoothstepmix as on air: the
// loudness at the join is that of the music around it.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "audition/audition.hpp"
#include "audition/loudness_tags.hpp"
#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "support/audio_maker.hpp"
#include "support/band_musician.hpp"

namespace {

using namespace infinara;
using gstpp::Ref;

constexpr double kSeconds = 40;
constexpr double kCrossfade = 5;

support::Pcm faded(support::Pcm pcm, double in, double out) {
  for (std::size_t i = 0; i < pcm.samples.size(); ++i) {
    const std::size_t frame = i / 2;
    const double t = static_cast<double>(frame) / pcm.rate;
    const double gain =
        std::min({1.0, in > 0 ? t / in : 1.0, out > 0 ? (pcm.seconds() - t) / out : 1.0});
    pcm.samples[i] *= static_cast<float>(gain);
  }
  return pcm;
}

/// The power of each 100 ms of two tracks, one after the other, as they are heard on air.
std::vector<double> on_air(const support::Pcm& first, const support::Pcm& second) {
  register_loudness_tags();
  auto pattern = (std::filesystem::temp_directory_path() / "infinara-join-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::string line =
      "smoothstepmix name=mix is-live=false crossfade=" + std::to_string(kCrossfade) +
      " ! fakesink name=out sync=false signal-handoffs=true";
  std::vector<AuditionReport> reports;
  for (const support::Pcm* pcm : {&first, &second}) {
    const std::string bytes = support::encoded(*pcm, "wav");
    const std::string number = std::to_string(reports.size());
    std::ofstream(folder / number, std::ios::binary) << bytes;
    reports.push_back(audition(std::as_bytes(std::span(bytes)), {kSeconds}));
    EXPECT_TRUE(reports.back().ok) << reports.back().reason;
    line += " filesrc location=" + (folder / number).string() +
            " ! wavparse ! audioconvert ! audioresample ! trackgain name=gain" + number + " ! mix.";
  }
  gstpp::Error error;
  const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
  EXPECT_FALSE(error) << error.message();
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto gain = Ref<GstElement>::adopt(
        gst_bin_get_by_name(GST_BIN(pipeline.get()), ("gain" + std::to_string(i)).c_str()));
    const auto tags = Ref<GstTagList>::adopt(gst_tag_list_new_empty());
    add_loudness(tags, reports[i]);
    g_object_set(gain, "tags", tags.get(), nullptr);
  }
  std::vector<std::int16_t> sound;
  const auto out = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  g_signal_connect(out, "handoff",
                   G_CALLBACK(+[](GstElement*, GstBuffer* buffer, GstPad*, gpointer data) {
                     const gstpp::Map map(buffer, GST_MAP_READ);
                     const auto samples = map.as<const std::int16_t>();
                     auto& all = *static_cast<std::vector<std::int16_t>*>(data);
                     all.insert(all.end(), samples.begin(), samples.end());
                   }),
                   &sound);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto end = Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus, 100 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  EXPECT_TRUE(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS)
      << (end ? gstpp::describe_error(end) : "no end");
  gst_element_set_state(pipeline, GST_STATE_NULL);
  std::filesystem::remove_all(folder);
  std::vector<double> powers;
  for (std::size_t at = 0; at + 9600 <= sound.size(); at += 9600) {
    double sum = 1e-3;
    for (std::size_t i = at; i < at + 9600; ++i)
      sum += static_cast<double>(sound[i]) * static_cast<double>(sound[i]);
    powers.push_back(sum / 9600);
  }
  return powers;
}

double mean(const std::vector<double>& powers, std::size_t from, std::size_t count) {
  double sum = 0;
  for (std::size_t i = from; i < from + count; ++i) sum += powers[i];
  return 10 * std::log10(sum / static_cast<double>(count));
}

/// By how many dB the quietest 2 s between the middles of the tracks are below what is there.
double dip(const std::vector<double>& powers) {
  const std::size_t quarter = powers.size() / 4;
  const double level = mean(powers, quarter, 2 * quarter);
  double least = level;
  for (std::size_t i = quarter; i + 20 < 3 * quarter; ++i)
    least = std::min(least, mean(powers, i, 20));
  return level - least;
}

support::Pcm plain_music(std::uint64_t seed) {
  return support::make_music({kSeconds, 96, "A minor", seed, 0.5});
}

}  // namespace

TEST(FadingJoin, HasNoDipWhereATrackFadesByItself) {
  const double plain = dip(on_air(plain_music(1), plain_music(2)));
  EXPECT_LT(plain, 4) << "without fades";
  const struct {
    const char* name;
    double in, out;
  } rows[] = {{"out, 4 s", 0, 4}, {"out, 8 s", 0, 8},  {"out, 14 s", 0, 14},
              {"in, 5 s", 5, 0},  {"in, 10 s", 10, 0}, {"both, 8 s", 8, 8}};
  for (const auto& row : rows) {
    const double found =
        dip(on_air(faded(plain_music(1), 0, row.out), faded(plain_music(2), row.in, 0)));
    std::printf("%-12s dip %.1f dB, without fades %.1f dB\n", row.name, found, plain);
    EXPECT_LT(found, plain + 4) << row.name;
  }
}

TEST(FadingJoin, OfTheBandHasNoDipEither) {
  double more = 0;  // dB, the sum of all pairs
  constexpr std::array<std::uint64_t, 4> kSeeds = {3, 5, 7, 9};
  for (const std::uint64_t seed : kSeeds) {
    const auto rock = support::house_band({kSeconds, 120, "A minor", seed, 0.5, "rock"});
    const auto jazz = support::house_band({kSeconds, 120, "A minor", seed + 1, 0.5, "jazz"});
    const double found = dip(on_air(faded(rock, 0, 9), faded(jazz, 6, 0)));
    const double plain = dip(on_air(rock, jazz));
    std::printf("band: dip %.1f dB, without fades %.1f dB\n", found, plain);
    more += found - plain;
  }
  EXPECT_LT(more / kSeeds.size(), 3) << "a track may rest by itself; a fade adds little";
}

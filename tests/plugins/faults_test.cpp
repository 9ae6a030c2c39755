// SPDX-License-Identifier: Apache-2.0
// Ten minutes of programme from two generators of which one meets a fault with every track: what is
// heard has no hole and no bad file in it, and nothing is left behind. The clock runs fast, so that
// it takes a minute or two; the generator's own waits do not, so the house band has much to cover.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "onair/bulletin.hpp"
#include "sound/frame.hpp"
#include "sound/loudness.hpp"
#include "support/acestep_double.hpp"
#include "support/sockets.hpp"

namespace infinara {
namespace {

using support::AceStepDouble;
using support::DoubleSettings;
using support::Fault;

bool is_checked() {
  return std::getenv("INFINARA_CHECKED") != nullptr;
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  in >> all >> resident;
  return resident * 4096;
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::error_code ignored;
  const std::filesystem::directory_iterator entries(folder, ignored);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// What a listener would notice, and what the station tells.
class Audience {
 public:
  void hear(GstBuffer* buffer) {
    const gstpp::Map map(buffer, GST_MAP_READ);
    double squares = 0;
    double sum = 0;
    int highest = 0;
    for (const std::int16_t x : map.as<const std::int16_t>()) {
      squares += static_cast<double>(x) * x;
      sum += x;
      highest = std::max(highest, std::abs(static_cast<int>(x)));
    }
    const double rms = std::sqrt(squares / sound::kFrameValues) / 32768;
    ++frames;
    full_scale += highest >= 32767;
    offset = 0.99 * offset + 0.01 * sum / sound::kFrameValues / 32768;
    worst_offset = std::max(worst_offset, std::abs(offset));
    if (20 * std::log10(rms + 1e-9) < sound::kSilenceDb) {
      if (sounded) worst_silence = std::max(worst_silence, ++silence);
    } else {
      sounded = true;
      silence = 0;
    }
  }

  std::atomic<std::uint64_t> frames = 0;
  std::uint64_t silence = 0;
  std::uint64_t worst_silence = 0;
  std::uint64_t full_scale = 0;
  bool sounded = false;
  double offset = 0;
  double worst_offset = 0;
  std::mutex mutex;
  std::map<std::string, int> on_air;  // tracks by generator
  std::vector<std::string> told;
};

GstBusSyncReply read_message(GstBus*, GstMessage* message, gpointer data) {
  auto& audience = *static_cast<Audience*>(data);
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) return GST_BUS_PASS;
  if (const auto bulletin = onair::read(message)) {
    const std::lock_guard lock(audience.mutex);
    if (const auto* one = std::get_if<onair::OnAir>(&*bulletin)) ++audience.on_air[one->generator];
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

class Faults : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "infinara-faults-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    spool_ = name;
    ::setenv("ACESTEP_SPOOL_DIR", name.c_str(), 1);
  }
  void TearDown() override { std::filesystem::remove_all(spool_); }

  /// Plays and waits until the audience has heard `seconds`.
  void play(const std::string& location, double seconds, int speed, Audience& audience,
            const std::function<void(double)>& each_second) {
    ::setenv("ACESTEP_API_URL", location.c_str(), 1);
    gstpp::Error error;
    const auto pipeline = gstpp::Ref<GstElement>::sink(gst_parse_launch(
        "mooddj name=dj genre=jazz seed=5 generators=acestepsrc,housebandsrc track-duration=30 "
        "crossfade=4 ! fakesink name=out sync=false",
        error.out()));
    ASSERT_FALSE(error) << error.message();
    // A clock of our own that runs `speed` times as fast.
    const auto clock = gstpp::Ref<GstClock>::adopt(
        GST_CLOCK(g_object_new(GST_TYPE_SYSTEM_CLOCK, "name", "fast", nullptr)));
    const GstClockTime now = gst_clock_get_internal_time(clock);
    gst_clock_set_calibration(clock, now, now, static_cast<GstClockTime>(speed), 1);
    gst_pipeline_use_clock(GST_PIPELINE(pipeline.get()), clock);
    const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
    gst_bus_set_sync_handler(bus, read_message, &audience, nullptr);
    const auto dj =
        gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "dj"));
    const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(dj, "src"));
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer to) {
          static_cast<Audience*>(to)->hear(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        &audience, nullptr);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const auto wanted = static_cast<std::uint64_t>(seconds * 50);
    while (audience.frames < wanted) {
      const auto trouble = gstpp::Ref<GstMessage>::adopt(
          gst_bus_timed_pop_filtered(bus, GST_SECOND / 4, GST_MESSAGE_ERROR));
      ASSERT_FALSE(trouble) << gstpp::describe_error(trouble);
      each_second(static_cast<double>(audience.frames) / 50);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  }

  std::filesystem::path spool_;
};

TEST_F(Faults, TenMinutesOfThemAreNotHeard) {
  const double seconds = is_checked() ? 40 : 600;
  const int speed = is_checked() ? 1 : 6;
  std::vector<Fault> list;
  for (const support::FaultRow& row : support::faults()) list.push_back(row.fault);
  DoubleSettings settings;
  settings.delay = 0.3;
  settings.hangs_for = 5;
  settings.down = 1;
  settings.plan = support::shuffled(list, 3);
  const AceStepDouble one(settings);
  settings.seed = 2;
  settings.plan = support::shuffled(list, 9);
  const AceStepDouble other(settings);

  Audience audience;
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t memory = 0;
  std::size_t most_descriptors = 0;
  std::size_t most_threads = 0;
  std::size_t most_files = 0;
  play(one.url() + "," + other.url(), seconds, speed, audience, [&](double now) {
    if (now < seconds / 4) {
      descriptors = std::max(descriptors, support::open_descriptors());
      threads = std::max(threads, support::threads());
      memory = std::max(memory, resident_bytes());
    } else {
      most_descriptors = std::max(most_descriptors, support::open_descriptors());
      most_threads = std::max(most_threads, support::threads());
    }
    most_files = std::max(most_files, files_in(spool_));
  });

  std::printf(
      "worst silence %.2f s, %d tracks of acestepsrc, %d of housebandsrc, %zu + %zu orders\n",
      static_cast<double>(audience.worst_silence) / 50, audience.on_air["acestepsrc"],
      audience.on_air["housebandsrc"], one.orders().size(), other.orders().size());
  std::printf(
      "descriptors %zu then %zu, threads %zu then %zu, MB %zu then %zu, most temporary files %zu\n",
      descriptors, most_descriptors, threads, most_threads, memory >> 20, resident_bytes() >> 20,
      most_files);
  EXPECT_LE(audience.worst_silence, static_cast<std::uint64_t>(sound::kLongestSilence * 50));
  EXPECT_EQ(audience.full_scale, 0U) << "clipped";
  EXPECT_LE(audience.worst_offset, 0.05);
  if (!is_checked()) {
    EXPECT_GE(audience.on_air["acestepsrc"], 1);
    EXPECT_GE(audience.on_air["housebandsrc"], 3);
    EXPECT_LE(most_descriptors, descriptors + 16);
    EXPECT_LE(most_threads, threads + 8);
    EXPECT_LE(resident_bytes(), memory + (80U << 20));
  }
  EXPECT_EQ(files_in(spool_), 0U) << "temporary files that were left";
}

}  // namespace
}  // namespace infinara

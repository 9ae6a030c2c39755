// SPDX-License-Identifier: Apache-2.0
// Ten minutes of programme from a pool of ACE-Step servers where every order meets another fault,
// until each was met: what is heard has no hole and no bad file in it, and nothing is left behind.
// Several stations share the pool and play at once, so that it takes less than two minutes.
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
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "onair/message.hpp"
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
      if (sounded && ++silence > worst_silence) {
        worst_silence = silence;
        worst_at = frames;
      }
    } else {
      sounded = true;
      silence = 0;
    }
  }

  std::atomic<std::uint64_t> frames = 0;
  std::uint64_t silence = 0;
  std::uint64_t worst_silence = 0;
  std::uint64_t worst_at = 0;  // the frame where it ended
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
  if (const auto said = onair::read(message)) {
    const std::lock_guard lock(audience.mutex);
    if (const auto* one = std::get_if<onair::OnAir>(&*said)) {
      ++audience.on_air[one->track.generator];
      audience.told.push_back(std::to_string(audience.frames / 50) + " s: " + one->track.generator +
                              " \"" + one->track.name() + "\"");
    }
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

/// A deck of all faults that the orders of all servers are dealt from.
class Deck {
 public:
  Deck() {
    for (const support::FaultRow& row : support::faults()) rows_.push_back(row.fault);
    deal_ = support::shuffled(rows_, 3);
  }
  Fault draw() {
    const std::lock_guard lock(mutex_);
    const Fault fault = deal_(drawn_++);
    met_.insert(fault);
    return fault;
  }
  bool is_dealt_whole() const {
    const std::lock_guard lock(mutex_);
    return met_.size() == rows_.size();
  }
  std::size_t drawn() const {
    const std::lock_guard lock(mutex_);
    return drawn_;
  }
  std::string not_met() const {
    const std::lock_guard lock(mutex_);
    std::string names;
    for (const Fault fault : rows_)
      if (!met_.contains(fault)) names += std::string(support::row_of(fault).name) + " ";
    return names;
  }

 private:
  std::vector<Fault> rows_;
  std::function<Fault(std::size_t)> deal_;
  mutable std::mutex mutex_;
  std::size_t drawn_ = 0;
  std::set<Fault> met_;
};

/// A station that nobody but its audience hears.
class Station {
 public:
  explicit Station(int number) {
    gstpp::Error error;
    const std::string line = "mooddj name=dj genre=jazz seed=" + std::to_string(number) +
                             " generators=acestepsrc,housebandsrc track-duration=14 crossfade=3 "
                             "! fakesink sync=false";
    pipeline_ = gstpp::Ref<GstElement>::sink(gst_parse_launch(line.c_str(), error.out()));
    EXPECT_FALSE(error) << error.message();
    bus_ = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline_));
    gst_bus_set_sync_handler(bus_, read_message, &audience, nullptr);
    const auto dj =
        gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "dj"));
    const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(dj, "src"));
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer to) {
          static_cast<Audience*>(to)->hear(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        &audience, nullptr);
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
  }
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;
  ~Station() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_bus_set_sync_handler(bus_, nullptr, nullptr, nullptr);
  }

  /// What ended the programme, if anything did.
  std::string error() {
    const auto message =
        gstpp::Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR));
    return message ? gstpp::describe_error(message) : "";
  }

  GstElement* pipeline() { return pipeline_; }

  Audience audience;

 private:
  gstpp::Ref<GstElement> pipeline_;
  gstpp::Ref<GstBus> bus_;
};

class Faults : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = std::filesystem::temp_directory_path() / "infinara-faults-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    spool_ = name;
    ::setenv("ACESTEP_SPOOL_DIR", name.c_str(), 1);
  }
  void TearDown() override { std::filesystem::remove_all(spool_); }

  std::filesystem::path spool_;
};

TEST_F(Faults, TenMinutesOfThemAreNotHeard) {
  const int stations = is_checked() ? 1 : 6;
  const double wanted = is_checked() ? 40 : 600;  // seconds of programme, of all together
  const auto patience = std::chrono::seconds(is_checked() ? 60 : 140);
  Deck deck;
  std::vector<std::unique_ptr<AceStepDouble>> servers;
  std::string location;
  for (int i = 0; i < 24; ++i) {
    DoubleSettings settings;
    settings.delay = 0.3;
    settings.hangs_for = 5;
    settings.down = 1;
    settings.seed = static_cast<std::uint64_t>(i);
    settings.plan = [&deck](std::size_t) { return deck.draw(); };
    servers.push_back(std::make_unique<AceStepDouble>(settings));
    location += (i > 0 ? "," : "") + servers.back()->url();
  }
  ::setenv("ACESTEP_API_URL", location.c_str(), 1);

  // The first one loads all that a process needs only once.
  std::make_unique<Station>(100).reset();
  const std::size_t descriptors = support::open_descriptors();
  const std::size_t threads = support::threads();
  std::size_t memory = 0;
  std::size_t most_files = 0;
  double heard = 0;
  double worst_silence = 0;
  std::map<std::string, int> on_air;
  const auto begun = support::Clock::now();
  {
    std::vector<std::unique_ptr<Station>> playing;
    for (int i = 0; i < stations; ++i) playing.push_back(std::make_unique<Station>(i));
    while ((heard < wanted || !deck.is_dealt_whole()) && support::Clock::now() - begun < patience) {
      heard = 0;
      for (const auto& station : playing) {
        ASSERT_EQ(station->error(), "");
        heard += static_cast<double>(station->audience.frames) / 50;
      }
      if (heard < wanted / 3) memory = std::max(memory, resident_bytes());
      most_files = std::max(most_files, files_in(spool_));
      g_usleep(G_USEC_PER_SEC / 4);
    }
    std::printf("%.0f s of programme in %.0f s, MB %zu then %zu\n", heard,
                std::chrono::duration<double>(support::Clock::now() - begun).count(), memory >> 20,
                resident_bytes() >> 20);
    if (!is_checked()) {
      EXPECT_LE(resident_bytes(), memory + (80U << 20));
    }
    for (const auto& station : playing) {
      Audience& audience = station->audience;
      const std::lock_guard lock(audience.mutex);
      for (const auto& [generator, tracks] : audience.on_air) on_air[generator] += tracks;
    }
    for (auto& station : playing) {
      gst_element_set_state(station->pipeline(), GST_STATE_NULL);
      const Audience& audience = station->audience;
      worst_silence = std::max(worst_silence, static_cast<double>(audience.worst_silence) / 50);
      if (static_cast<double>(audience.worst_silence) / 50 > sound::kLongestSilence) {
        std::printf("%.2f s of silence until %.2f s:\n",
                    static_cast<double>(audience.worst_silence) / 50,
                    static_cast<double>(audience.worst_at) / 50);
        for (const std::string& line : audience.told) std::printf("  %s\n", line.c_str());
      }
      EXPECT_EQ(audience.full_scale, 0U) << "clipped";
      EXPECT_LE(audience.worst_offset, 0.05);
    }
  }
  std::printf(
      "worst silence %.2f s, %d tracks of acestepsrc, %d of housebandsrc, %zu faults dealt\n",
      worst_silence, on_air["acestepsrc"], on_air["housebandsrc"], deck.drawn());
  const bool is_flat = support::eventually([&] {
    return support::open_descriptors() <= descriptors + 4 && support::threads() <= threads + 4;
  });
  std::printf("descriptors %zu then %zu, threads %zu then %zu, most temporary files %zu\n",
              descriptors, support::open_descriptors(), threads, support::threads(), most_files);
  EXPECT_LE(worst_silence, sound::kLongestSilence);
  EXPECT_GE(heard, wanted);
  if (!is_checked()) {
    EXPECT_EQ(deck.not_met(), "");
    EXPECT_GE(on_air["acestepsrc"], 3);
    EXPECT_GE(on_air["housebandsrc"], 3);
    EXPECT_TRUE(is_flat);
  }
  EXPECT_EQ(files_in(spool_), 0U) << "temporary files that were left";
}

}  // namespace
}  // namespace infinara

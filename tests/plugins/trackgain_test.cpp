// SPDX-License-Identifier: Apache-2.0
// What an encoded track sounds like on air: auditioned, decoded by the deck, brought to the
// station's loudness. The source here gives files of every kind, soft and loud, with dead air at
// both ends.
#include <ebur128.h>
#include <gst/base/gstpushsrc.h>
#include <gst/check/gstharness.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <tuple>
#include <vector>

#include "audition/audition.hpp"
#include "audition/decoder.hpp"
#include "audition/loudness_tags.hpp"
#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "sound/loudness.hpp"
#include "support/audio_maker.hpp"
#include "support/radio.hpp"

namespace infinara {
namespace {

constexpr std::array kFormats = {"mp3", "flac", "wav", "wav32", "ogg", "opus"};
constexpr std::array kLevels = {0.03, 0.2, 0.5, 1.6};

/// A file chosen by the seed.
std::string file_of(std::uint32_t seed, double seconds) {
  support::Pcm pcm = support::make_music({seconds, 96, "D minor", seed, kLevels[seed / 6 % 4]});
  for (float& x : pcm.samples) x = std::clamp(x, -1.0F, 1.0F);
  std::fill(pcm.samples.begin(), pcm.samples.begin() + 96000, 0.0F);
  std::fill(pcm.samples.end() - 2 * 62000, pcm.samples.end(), 0.0F);
  return support::encoded(pcm, kFormats[seed % 6]);
}

class FileSource {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  static constexpr const char* kTypeName = "InfinaraTestFileSource";
  static GType base_type() { return GST_TYPE_PUSH_SRC; }
  struct Settings {
    std::string title;
    double duration = 90;
    gint64 seed = 0;
  } settings;

  static void class_init(BaseClass* klass) {
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(kAllowedCaps));
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
    gst_element_class_set_static_metadata(element, "Test file", "Source", "Gives a file",
                                          "Infinara");
    gstpp::bind<&FileSource::create>(klass->create);
    gstpp::bind<&FileSource::negotiate>(GST_BASE_SRC_CLASS(klass)->negotiate);
    gstpp::Properties<FileSource>(klass)
        .text<&Settings::title>("title", "Title", "Title", gstpp::kReady)
        .number<&Settings::duration>("duration", "Duration", "Seconds", 0, 1e6, gstpp::kReady)
        .number<&Settings::seed>("seed", "Seed", "Seed", -1, G_MAXUINT32, gstpp::kReady);
  }
  explicit FileSource(Base& self) : self_(self) {
    gst_base_src_set_format(GST_BASE_SRC(&self), GST_FORMAT_BYTES);
  }

 private:
  gboolean negotiate() { return TRUE; }  // the file decides
  GstFlowReturn create(GstBuffer** out) {
    if (at_ == 0 && !begin()) return GST_FLOW_ERROR;
    if (at_ == file_.size()) return GST_FLOW_EOS;
    const std::size_t size = std::min<std::size_t>(file_.size() - at_, 50000);
    *out = gst_buffer_new_memdup(file_.data() + at_, size);
    at_ += size;
    return GST_FLOW_OK;
  }

  bool begin() {
    file_ = file_of(static_cast<std::uint32_t>(settings.seed), settings.duration);
    const auto bytes = std::as_bytes(std::span(file_));
    const AuditionReport report = audition(bytes, {settings.duration});
    EXPECT_TRUE(report.ok) << report.reason;
    gst_base_src_set_caps(GST_BASE_SRC(&self_), allowed_caps(bytes));
    GstTagList* tags = gst_tag_list_new(GST_TAG_TITLE, settings.title.c_str(), nullptr);
    add_loudness(tags, report);
    gst_pad_push_event(GST_BASE_SRC_PAD(&self_), gst_event_new_tag(tags));
    return true;
  }

  Base& self_;
  std::string file_;
  std::size_t at_ = 0;
};

class TrackGain : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    register_loudness_tags();
    gst_element_register(nullptr, "testfilesrc", GST_RANK_NONE, gstpp::type_of<FileSource>());
  }
};

struct CloseMeter {
  void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
};
using Meter = std::unique_ptr<ebur128_state, CloseMeter>;

Meter new_meter() {
  return Meter(ebur128_init(2, 48000, EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK));
}
double loudness(const Meter& meter) {
  double lufs = 0;
  ebur128_loudness_global(meter.get(), &lufs);
  return lufs;
}
double true_peak(const Meter& meter) {
  double left = 0;
  double right = 0;
  ebur128_true_peak(meter.get(), 0, &left);
  ebur128_true_peak(meter.get(), 1, &right);
  return 20 * std::log10(std::max(left, right));
}

struct Heard {
  Meter meter = new_meter();
  std::size_t samples = 0;
};

/// One track in a chain like the deck's own.
Heard on_air(std::uint32_t seed, double seconds) {
  Heard heard;
  gstpp::Error error;
  const auto pipeline = gstpp::Ref<GstElement>::sink(
      gst_parse_launch("testfilesrc name=file ! decodebin ! audioconvert ! audioresample ! "
                       "trackgain name=gain ! fakesink name=out sync=false signal-handoffs=true",
                       error.out()));
  EXPECT_FALSE(error) << error.message();
  const auto file =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "file"));
  g_object_set(file, "duration", seconds, "seed", gint64{seed}, "title", "x", nullptr);
  const auto out =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  g_signal_connect(out, "handoff",
                   G_CALLBACK(+[](GstElement*, GstBuffer* buffer, GstPad*, gpointer data) {
                     auto& to = *static_cast<Heard*>(data);
                     const gstpp::Map map(buffer, GST_MAP_READ);
                     const auto samples = map.as<std::int16_t>();
                     ebur128_add_frames_short(to.meter.get(), samples.data(), samples.size() / 2);
                     to.samples += samples.size() / 2;
                   }),
                   &heard);
  // oggdemux lets no tag through, so they go round it, as in the deck.
  const auto gain =
      gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "gain"));
  const auto src = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(file, "src"));
  gst_pad_add_probe(
      src, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      [](GstPad*, GstPadProbeInfo* info, gpointer to) {
        GstEvent* event = gst_pad_probe_info_get_event(info);
        if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return GST_PAD_PROBE_OK;
        GstTagList* tags;
        gst_event_parse_tag(event, &tags);
        g_object_set(to, "tags", tags, nullptr);
        return GST_PAD_PROBE_OK;
      },
      gain.get(), nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto bus = gstpp::Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  const auto end = gstpp::Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(
      bus, 100 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)));
  EXPECT_TRUE(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS)
      << (end ? gstpp::describe_error(end) : "no end");
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return heard;
}

}  // namespace

TEST_F(TrackGain, PlaysEveryFileAtTheStationsLoudness) {
  for (std::uint32_t seed = 0; seed < 24; ++seed) {
    const std::string name =
        std::string(kFormats[seed % 6]) + " at " + std::to_string(kLevels[seed / 6 % 4]);
    const Heard heard = on_air(seed, 15);
    EXPECT_NEAR(loudness(heard.meter), sound::kTargetLufs, 0.5) << name;
    EXPECT_LE(true_peak(heard.meter), sound::kTruePeakDb) << name;
    EXPECT_NEAR(static_cast<double>(heard.samples) / 48000, 15 - 1 - 1.29, 0.25)
        << name << ": dead air is left out";
  }
}

TEST_F(TrackGain, ADeckPlaysEncodedTracksWithoutAGap) {
  Radio radio(
      "is-live=false generators=testfilesrc seed=4 genre=jazz auto-dj=false track-duration=20 "
      "crossfade=3");
  const Meter meter = new_meter();
  const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(radio.dj, "src"));
  gst_pad_add_probe(
      pad, GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer state) {
        const gstpp::Map map(GST_PAD_PROBE_INFO_BUFFER(info), GST_MAP_READ);
        const auto samples = map.as<std::int16_t>();
        ebur128_add_frames_short(static_cast<ebur128_state*>(state), samples.data(),
                                 samples.size() / 2);
        return GST_PAD_PROBE_OK;
      },
      meter.get(), nullptr);
  ASSERT_TRUE(radio.play(180)) << radio.error;
  EXPECT_TRUE(radio.faults.empty()) << radio.faults.front();
  EXPECT_TRUE(radio.warnings.empty()) << radio.warnings.front();
  EXPECT_LE(radio.longest_silence, 5U) << "buffers of 20 ms";
  EXPECT_NEAR(loudness(meter), sound::kTargetLufs, 1) << "fades and all";
  EXPECT_LE(true_peak(meter), 0);
  const auto orders = radio.messages_of<onair::OnAir>();
  ASSERT_GE(orders.size(), 8U);
  ASSERT_GE(radio.titles.size(), orders.size());
  for (std::size_t i = 0; i < orders.size(); ++i)
    EXPECT_EQ(radio.titles[i].second, orders[i].track.name());
}

TEST_F(TrackGain, UsesReplayGainOfOtherFiles) {
  const struct {
    double gain;
    double reference;
    double expected;
  } rows[] = {{-5, 89, -3}, {0, 0, 2}, {-5, 83, 3}, {400, 89, 30}};
  for (const auto& row : rows) {
    const auto tags =
        gstpp::Ref<GstTagList>::adopt(gst_tag_list_new(GST_TAG_TRACK_GAIN, row.gain, nullptr));
    if (row.reference > 0)
      gst_tag_list_add(tags, GST_TAG_MERGE_REPLACE, GST_TAG_REFERENCE_LEVEL, row.reference,
                       nullptr);
    EXPECT_DOUBLE_EQ(presentation_of(tags).gain_db, row.expected);
  }
  EXPECT_EQ(presentation_of(nullptr).gain_db, 0);
}

TEST_F(TrackGain, GivesBackEverySampleInOrder) {
  GstHarness* harness = gst_harness_new("trackgain");
  gst_harness_set_src_caps_str(
      harness,
      "audio/"
      "x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3");
  std::size_t bytes = 0;
  GstClockTime next = 0;
  for (int i = 0; i < 50; ++i) {
    std::vector<float> samples(2000, 0.25F);
    gst_harness_push(harness,
                     gst_buffer_new_memdup(samples.data(), samples.size() * sizeof(float)));
  }
  gst_harness_push_event(harness, gst_event_new_eos());
  while (GstBuffer* buffer = gst_harness_try_pull(harness)) {
    EXPECT_NEAR(static_cast<double>(GST_BUFFER_PTS(buffer)), static_cast<double>(next), 1);
    next = GST_BUFFER_PTS(buffer) + GST_BUFFER_DURATION(buffer);
    bytes += gst_buffer_get_size(buffer);
    gst_buffer_unref(buffer);
  }
  EXPECT_EQ(bytes, 50U * 1000 * 4);
  gst_harness_teardown(harness);
}

/// Four seconds of the band through a trackgain that leaves out the first second and the last half.
class Sought {
 public:
  Sought() {
    pipeline_ = gstpp::Ref<GstElement>::sink(gst_parse_launch(
        "housebandsrc genre=jazz seed=7 duration=4 ! audioconvert ! trackgain name=gain ! "
        "appsink name=out sync=false",
        nullptr));
    out_ = gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"));
    const auto gain =
        gstpp::Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "gain"));
    const auto tags = gstpp::Ref<GstTagList>::adopt(
        gst_tag_list_new(kTagStationGain, -12.0, kTagPlayFrom, 1.0, kTagPlayUntil, 3.5, nullptr));
    g_object_set(gain, "tags", tags.get(), nullptr);
    gst_element_set_state(pipeline_, GST_STATE_PAUSED);
    EXPECT_EQ(gst_element_get_state(pipeline_, nullptr, nullptr, 60 * GST_SECOND),
              GST_STATE_CHANGE_SUCCESS);
  }
  Sought(const Sought&) = delete;
  Sought& operator=(const Sought&) = delete;
  ~Sought() { gst_element_set_state(pipeline_, GST_STATE_NULL); }

  GstElement* pipeline() const { return pipeline_; }
  bool seek(double rate, GstSeekType type, gint64 start, GstSeekType stop_type = GST_SEEK_TYPE_NONE,
            gint64 stop = -1) {
    return gst_element_seek(pipeline_, rate, GST_FORMAT_TIME,
                            static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
                            type, start, stop_type, stop) != FALSE;
  }
  gint64 position() {
    gst_element_get_state(pipeline_, nullptr, nullptr, 60 * GST_SECOND);
    gint64 at = -1;
    gst_element_query_position(pipeline_, GST_FORMAT_TIME, &at);
    return at;
  }
  struct Rest {
    std::vector<std::int16_t> samples;
    GstClockTime first = GST_CLOCK_TIME_NONE;  // timestamp
    GstClockTime running = GST_CLOCK_TIME_NONE;
    GstClockTime stream = GST_CLOCK_TIME_NONE;
  };
  Rest rest() {
    gst_element_set_state(pipeline_, GST_STATE_PLAYING);
    Rest all;
    for (;;) {
      GstSample* raw = nullptr;
      g_signal_emit_by_name(out_, "try-pull-sample", 60 * GST_SECOND, &raw);
      const auto sample = gstpp::Ref<GstSample>::adopt(raw);
      if (!sample) return all;
      GstBuffer* buffer = gst_sample_get_buffer(sample);
      if (all.samples.empty()) {
        all.first = GST_BUFFER_PTS(buffer);
        const GstSegment* segment = gst_sample_get_segment(sample);
        all.running = gst_segment_to_running_time(segment, GST_FORMAT_TIME, all.first);
        all.stream = gst_segment_to_stream_time(segment, GST_FORMAT_TIME, all.first);
      }
      const gstpp::Map map(buffer, GST_MAP_READ);
      const auto samples = map.as<std::int16_t>();
      all.samples.insert(all.samples.end(), samples.begin(), samples.end());
    }
  }

 private:
  gstpp::Ref<GstElement> pipeline_;
  gstpp::Ref<GstElement> out_;
};

TEST_F(TrackGain, ASeekIsCountedFromTheFirstSampleThatIsHeard) {
  Sought whole;
  gint64 duration = 0;
  ASSERT_TRUE(gst_element_query_duration(whole.pipeline(), GST_FORMAT_TIME, &duration));
  EXPECT_EQ(duration, 2'500'000'000);
  const auto all = whole.rest();
  EXPECT_EQ(all.first, 0U);
  EXPECT_EQ(all.running, 0U);
  ASSERT_EQ(all.samples.size(), 120000U * 2);

  for (const auto& [type, at, from] : std::vector<std::tuple<GstSeekType, gint64, std::size_t>>{
           {GST_SEEK_TYPE_SET, GST_SECOND, 48000},
           {GST_SEEK_TYPE_SET, 1'500'000'000, 72000},
           {GST_SEEK_TYPE_SET, 0, 0},
           {GST_SEEK_TYPE_END, -500'000'000, 96000}}) {
    SCOPED_TRACE(at);
    Sought sought;
    ASSERT_TRUE(sought.seek(1, type, at));
    const auto place = static_cast<GstClockTime>(from) * GST_SECOND / 48000;
    EXPECT_EQ(sought.position(), static_cast<gint64>(place));
    const auto rest = sought.rest();
    EXPECT_EQ(rest.first, place);
    EXPECT_EQ(rest.stream, place);
    EXPECT_EQ(rest.running, 0U) << "a flush begins the running time anew";
    ASSERT_EQ(rest.samples.size(), (120000U - from) * 2);
    EXPECT_TRUE(std::equal(rest.samples.begin(), rest.samples.end(),
                           all.samples.begin() + static_cast<std::ptrdiff_t>(from * 2)));
  }
}

TEST_F(TrackGain, ASeekMayStopAndBeRepeatedAndDoesNotGoBackwards) {
  Sought sought;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(sought.seek(1, GST_SEEK_TYPE_SET, GST_SECOND, GST_SEEK_TYPE_SET, 2 * GST_SECOND));
    const auto rest = sought.rest();
    EXPECT_EQ(rest.first, GST_SECOND);
    EXPECT_EQ(rest.samples.size(), 48000U * 2);
  }
  EXPECT_FALSE(sought.seek(-1, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_SET, GST_SECOND));
  EXPECT_FALSE(gst_element_seek(sought.pipeline(), 1, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH,
                                GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1));
}

TEST_F(TrackGain, SegmentsWithoutAFlushFollowEachOther) {
  GstHarness* harness = gst_harness_new("trackgain");
  gst_harness_set_src_caps_str(
      harness,
      "audio/"
      "x-raw,format=F32LE,rate=48000,channels=2,layout=interleaved,channel-mask=(bitmask)0x3");
  GstClockTime next = 0;
  for (int i = 0; i < 3; ++i) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    segment.start = segment.time = 10 * GST_SECOND;
    segment.base = i * GST_SECOND;
    gst_harness_push_event(harness, gst_event_new_segment(&segment));
    std::vector<float> samples(96000, 0.25F);
    GstBuffer* buffer = gst_buffer_new_memdup(samples.data(), samples.size() * sizeof(float));
    GST_BUFFER_PTS(buffer) = segment.start;
    gst_harness_push(harness, buffer);
  }
  gst_harness_push_event(harness, gst_event_new_eos());
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  std::vector<GstSegment> segments;
  while (GstEvent* event = gst_harness_try_pull_event(harness)) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) {
      gst_event_copy_segment(event, &segment);
      segments.push_back(segment);
    }
    gst_event_unref(event);
  }
  ASSERT_EQ(segments.size(), 3U);
  std::size_t at = 0;
  while (GstBuffer* buffer = gst_harness_try_pull(harness)) {
    if (at + 1 < segments.size() && next >= (at + 1) * GST_SECOND) ++at;
    EXPECT_NEAR(static_cast<double>(gst_segment_to_running_time(&segments[at], GST_FORMAT_TIME,
                                                                GST_BUFFER_PTS(buffer))),
                static_cast<double>(next), 2);
    next += GST_BUFFER_DURATION(buffer);
    gst_buffer_unref(buffer);
  }
  EXPECT_NEAR(static_cast<double>(next), 3e9, 4);
  gst_harness_teardown(harness);
}

}  // namespace infinara

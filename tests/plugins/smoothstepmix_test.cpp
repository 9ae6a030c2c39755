// SPDX-License-Identifier: Apache-2.0
// The element around the engine: buffers, clock, events, messages, pads, states. What the sound is
// like is proven in tests/sound.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "mixing.hpp"
#include "sound/crossfade.hpp"
#include "sound/frame.hpp"

namespace {

using namespace infinara;
using gstpp::Ref;
using sound::kFrame;
using sound::kFrameNs;
using sound::kRate;

// --- under a test clock
// ---------------------------------------------------------------------------

/// A live mixer whose time stands still until a frame is asked for.
class Live {
 public:
  explicit Live(const std::string& settings = "") {
    const auto line = "smoothstepmix name=mix " + settings;
    element_ = Ref<GstElement>::sink(gst_parse_launch(line.c_str(), nullptr));
    harness_ = gst_harness_new_with_element(element_, nullptr, "src");
    gst_harness_use_testclock(harness_);
    handed_.watch(Ref<GstPad>::adopt(gst_element_get_static_pad(element_, "src")));
    bus_ = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(element_, bus_);
    gst_harness_play(harness_);
  }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;
  ~Live() {
    for (GstHarness* track : tracks_) gst_harness_teardown(track);
    gst_harness_teardown(harness_);
    gst_element_set_bus(element_, nullptr);
  }

  GstElement* element() const { return element_; }
  GstHarness* harness() const { return harness_; }

  /// A track's harness: what it pushes must fit in the look-ahead.
  GstHarness* add() {
    auto* track = gst_harness_new_with_element(element_, "sink_%u", nullptr);
    gst_harness_set_src_caps_str(track, kCaps);
    tracks_.push_back(track);
    return track;
  }
  GstPad* pad(std::size_t track) const { return GST_PAD_PEER(tracks_[track]->srcpad); }

  /// The next frame; the clock moves on to where it is due.
  Ref<GstBuffer> frame() {
    if (!first_) gst_harness_crank_single_clock_wait(harness_);
    first_ = false;
    auto buffer = Ref<GstBuffer>::adopt(gst_harness_pull(harness_));
    handed_.seen();
    return buffer;
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      const auto buffer = frame();
      ASSERT_TRUE(buffer);
      ASSERT_EQ(gst_buffer_get_size(buffer), std::size_t{sound::kFrameBytes});
      ASSERT_EQ(GST_BUFFER_PTS(buffer.get()), static_cast<GstClockTime>(count_ * kFrameNs));
      ASSERT_EQ(GST_BUFFER_DURATION(buffer.get()), static_cast<GstClockTime>(kFrameNs));
      ASSERT_EQ(GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT), count_ == 0);
      const gstpp::Map map(buffer, GST_MAP_READ);
      const auto samples = map.as<const std::int16_t>();
      sound.insert(sound.end(), samples.begin(), samples.end());
      ++count_;
    }
  }

  std::vector<std::string> news() { return told(bus_); }

  std::vector<std::int16_t> sound;

 private:
  // A lock that the task has held after it wrote a frame: a thread checker does not see those
  // inside of the harness's queue.
  Flow handed_;
  Ref<GstElement> element_;
  Ref<GstBus> bus_;
  GstHarness* harness_;
  std::vector<GstHarness*> tracks_;
  bool first_ = true;
  std::int64_t count_ = 0;
};

void push_level(GstHarness* track, std::int64_t samples, std::int16_t value) {
  ASSERT_EQ(gst_harness_push(track, make_level(samples, value)), GST_FLOW_OK);
}

TEST(Smoothstepmix, PlaysPacedSilenceWithNoPads) {
  Live live;
  live.frames(150);
  for (const auto x : live.sound) ASSERT_EQ(x, 0);
  EXPECT_TRUE(live.news().empty());
  guint64 position = 0;
  g_object_get(live.element(), "position", &position, nullptr);
  EXPECT_EQ(position, 150U * kFrameNs);
  gint64 queried = 0;
  ASSERT_TRUE(gst_element_query_position(live.element(), GST_FORMAT_TIME, &queried));
  EXPECT_EQ(queried, 150 * kFrameNs);
  EXPECT_FALSE(gst_element_query_duration(live.element(), GST_FORMAT_TIME, &queried));
}

TEST(Smoothstepmix, TellsWhatHappensAndWhereItIsHeard) {
  Live live("crossfade=1");
  auto* a = live.add();
  live.frames(10);
  push_level(a, 2 * kRate, 100);
  gst_harness_push_event(a, gst_event_new_eos());
  auto* b = live.add();
  push_level(b, 2 * kRate, 100);
  gst_harness_push_event(b, gst_event_new_eos());
  auto* c = live.add();
  gst_harness_push_event(c, gst_event_new_eos());
  live.frames(160);
  const std::vector<std::string> wanted = {
      "ready sink_0 200",
      "ready sink_1 200",
      "empty sink_2",
      "started sink_0 200",
      "on-air sink_0 200 start 200",
      "fade sink_0-sink_1 1200 2200",
      "started sink_1 1200",
      "on-air sink_1 1700 start 1200",
      "ended sink_0 2200 played 2000 complete",
      "ended sink_1 3200 played 2000 complete",
  };
  EXPECT_EQ(live.news(), wanted);
  EXPECT_EQ(live.sound[2 * (kRate + 9)], 100) << "equal tracks stay as loud as they are";
}

TEST(Smoothstepmix, SkipAndAdvanceFadeToTheNextTrack) {
  Live live("crossfade=1 skip-fade=0.2");
  live.frames(1);
  for (int i = 0; i < 3; ++i) push_level(live.add(), 2 * kRate, 100);
  g_signal_emit_by_name(live.element(), "skip");  // nothing plays yet
  live.frames(19);
  live.news();
  g_signal_emit_by_name(live.element(), "skip");
  live.frames(20);
  EXPECT_EQ(live.news(), (std::vector<std::string>{
                             "fade sink_0-sink_1 400 600", "started sink_1 400",
                             "on-air sink_1 500 start 400", "ended sink_0 600 played 580 cut"}));
  g_signal_emit_by_name(live.element(), "advance", 0.1);
  live.frames(20);
  EXPECT_EQ(live.news(), (std::vector<std::string>{
                             "fade sink_1-sink_2 800 900", "started sink_2 800",
                             "on-air sink_2 850 start 800", "ended sink_1 900 played 500 cut"}));
  EXPECT_EQ(gst_harness_push(live.add(), make_level(10, 1)), GST_FLOW_OK);
}

TEST(Smoothstepmix, ATrackThatIsCutTellsItsSourceToStop) {
  Live live("crossfade=1");
  live.frames(1);
  auto* a = live.add();
  push_level(a, kRate, 100);
  live.frames(10);
  g_signal_emit_by_name(live.element(), "skip");
  live.frames(30);
  EXPECT_EQ(gst_harness_push(a, make_level(10, 1)), GST_FLOW_EOS);
}

TEST(Smoothstepmix, TwoHundredSkipsUnderATestClockLoseNoTrackAndMakeNoClick) {
  constexpr int kSkips = 200;
  Live live("crossfade=0.5 skip-fade=0.3");
  live.frames(1);
  std::mt19937 dice(7);
  int inside = 0;
  for (int i = 0; i < kSkips; ++i) {
    auto* track = live.add();
    push_level(track, kRate, 1000);
    gst_harness_push_event(track, gst_event_new_eos());
    const int frames = 1 + static_cast<int>(dice() % 40);
    inside += frames < 15 ? 1 : 0;  // the fade of the skip before still runs
    live.frames(frames);
    g_signal_emit_by_name(live.element(), "skip");
  }
  live.frames(100);
  EXPECT_GT(inside, 40);
  int started = 0;
  int ended = 0;
  for (const auto& one : live.news()) {
    started += one.starts_with("started") ? 1 : 0;
    ended += one.starts_with("ended") ? 1 : 0;
  }
  EXPECT_EQ(started, kSkips);
  EXPECT_EQ(ended, kSkips);
  // The tracks have no steps but at their ends, which are ramps of 8 ms.
  int largest = 0;
  for (std::size_t k = 2; k < live.sound.size(); ++k)
    largest = std::max(largest, std::abs(live.sound[k] - live.sound[k - 2]));
  EXPECT_LE(largest, 1000 * 1.5 / sound::kRamp + 1);
}

TEST(Smoothstepmix, ATagComesRightBeforeTheBufferWithTheMiddleOfTheFade) {
  Flow flow;
  Live live("crossfade=1");
  live.frames(1);
  const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(live.element(), "src"));
  flow.watch(src);
  for (const char* title : {"first", "second"}) {
    auto* track = live.add();
    gst_harness_push_event(
        track, gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, title, GST_TAG_GENRE, "jazz",
                                                  GST_TAG_AUDIO_CODEC, "of the file",
                                                  GST_TAG_BITRATE, 99U, nullptr)));
    push_level(track, 2 * kRate, 100);
    gst_harness_push_event(track, gst_event_new_eos());
  }
  live.frames(200);
  const auto seen = flow.seen();
  std::vector<std::string> tags;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i].starts_with("tag")) tags.push_back(seen[i] + " before " + seen.at(i + 1));
  ASSERT_EQ(tags.size(), 2U);
  EXPECT_EQ(tags[0], "tag title=first genre=jazz before 20");
  EXPECT_EQ(tags[1], "tag title=second genre=jazz before 1520") << "fade from 1.02 to 2.02 s";
}

TEST(Smoothstepmix, ATagThatComesWhileOnAirIsPassedOnAtOnce) {
  Flow flow;
  Live live;
  const auto src = Ref<GstPad>::adopt(gst_element_get_static_pad(live.element(), "src"));
  flow.watch(src);
  live.frames(1);
  auto* track = live.add();
  push_level(track, 3 * kRate, 100);
  live.frames(10);
  const auto tag = [&](const char* name, const char* value) {
    gst_harness_push_event(track, gst_event_new_tag(gst_tag_list_new(name, value, nullptr)));
  };
  tag(GST_TAG_TITLE, "late");
  live.frames(5);
  tag(GST_TAG_AUDIO_CODEC, "of the file");
  tag(GST_TAG_TITLE, "late");
  live.frames(5);
  std::vector<std::string> tags;
  for (const auto& one : flow.seen())
    if (one.starts_with("tag")) tags.push_back(one);
  EXPECT_EQ(tags, std::vector<std::string>{"tag title=late genre="});
}

TEST(Smoothstepmix, APadShowsWhatBecomesOfItsTrack) {
  Live live("crossfade=1");
  auto* track = live.add();
  auto* next = live.add();
  GstPad* pad = live.pad(0);
  const auto get = [&](const char* name) {
    guint64 x = 0;
    g_object_get(pad, name, &x, nullptr);
    return x;
  };
  const auto state = [](GstPad* of) {
    GValue value = G_VALUE_INIT;
    g_object_get_property(G_OBJECT(of), "state", &value);
    const auto* type = static_cast<GEnumClass*>(g_type_class_peek(G_VALUE_TYPE(&value)));
    const std::string nick(
        g_enum_get_value(const_cast<GEnumClass*>(type), g_value_get_enum(&value))->value_nick);
    g_value_unset(&value);
    return nick;
  };
  live.frames(1);
  EXPECT_EQ(state(pad), "filling");
  push_level(track, kRate, 100);
  EXPECT_EQ(state(pad), "ready");
  EXPECT_EQ(get("queued"), GST_SECOND);
  live.frames(10);
  EXPECT_EQ(state(pad), "playing");
  EXPECT_EQ(get("position"), 200 * GST_MSECOND);
  EXPECT_EQ(get("queued"), 800 * GST_MSECOND);
  gdouble gain = 0;
  g_object_get(pad, "gain", &gain, nullptr);
  EXPECT_EQ(gain, 1);

  // Parking what is heard is refused, what waits is taken out of the order.
  gboolean parked = FALSE;
  g_object_set(pad, "parked", TRUE, nullptr);
  g_object_get(pad, "parked", &parked, nullptr);
  EXPECT_FALSE(parked);
  push_level(next, kRate, 100);
  g_object_set(live.pad(1), "parked", TRUE, nullptr);
  gst_harness_push_event(track, gst_event_new_eos());
  live.frames(100);
  EXPECT_EQ(state(pad), "done");
  EXPECT_EQ(state(live.pad(1)), "ready");
  live.news();
  g_object_set(live.pad(1), "parked", FALSE, nullptr);
  live.frames(2);
  EXPECT_EQ(state(live.pad(1)), "playing");
  EXPECT_EQ(live.news().at(0), "started sink_1 2220");
}

TEST(Smoothstepmix, AReleasedPadPlaysOutWhatItHas) {
  Live live("crossfade=1");
  live.frames(1);
  auto* track = live.add();
  push_level(track, 2 * kRate, 100);
  live.frames(24);
  GstPad* pad = live.pad(0);
  gst_pad_unlink(track->srcpad, pad);
  gst_element_release_request_pad(live.element(), pad);
  push_level(live.add(), 2 * kRate, 100);
  live.frames(100);
  const auto news = live.news();
  EXPECT_EQ(news.back(), "ended sink_0 2020 played 2000 complete");
  EXPECT_EQ(news.at(3), "ready sink_1 500");
  EXPECT_EQ(news.at(4), "fade sink_0-sink_1 1020 2020");
}

TEST(Smoothstepmix, KeepsItsSourcesWaitingOnceTheLookAheadIsFull) {
  Live live("crossfade=1");
  live.frames(1);
  auto* track = live.add();
  push_level(track, 3 * kRate, 100);  // two fades and a second
  GstPad* pad = live.pad(0);
  gst_harness_push_event(track, gst_event_new_eos());
  live.frames(1);
  guint64 queued = 0;
  g_object_get(pad, "queued", &queued, nullptr);
  EXPECT_EQ(queued, 3 * GST_SECOND - 20 * GST_MSECOND);
}

TEST(Smoothstepmix, AHoleInATrackIsSilence) {
  Live live("crossfade=1");
  live.frames(1);
  auto* track = live.add();
  push_level(track, kRate / 2, 100);
  gst_harness_push_event(track, gst_event_new_gap(GST_SECOND / 2, GST_SECOND / 2));
  gst_harness_push_event(track, gst_event_new_eos());
  live.frames(60);
  EXPECT_EQ(live.news().back(), "ended sink_0 1020 played 1000 complete");
}

TEST(Smoothstepmix, ClipsToTheSegment) {
  Live live("crossfade=1");
  live.frames(1);
  auto* track = live.add();
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = 100 * GST_MSECOND;
  segment.stop = 400 * GST_MSECOND;
  gst_harness_push_event(track, gst_event_new_segment(&segment));
  GstBuffer* buffer = make_level(kRate / 2, 100);
  GST_BUFFER_PTS(buffer) = 0;
  GST_BUFFER_DURATION(buffer) = 500 * GST_MSECOND;
  gst_harness_push(track, buffer);
  gst_harness_push_event(track, gst_event_new_eos());
  live.frames(60);
  EXPECT_EQ(live.news().back(), "ended sink_0 320 played 300 complete");
}

TEST(Smoothstepmix, EndsWhenItIsSentAnEos) {
  Live live;
  live.frames(5);
  ASSERT_TRUE(gst_element_send_event(live.element(), gst_event_new_eos()));
  for (;;) {
    const auto event = Ref<GstEvent>::adopt(gst_harness_pull_event(live.harness()));
    ASSERT_TRUE(event) << "no EOS came";
    if (GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS) break;
  }
}

TEST(Smoothstepmix, OfflineWithoutATrackItSaysWhatItWaitsForAndEndsWhenTold) {
  const auto pipeline = Ref<GstElement>::sink(
      gst_parse_launch("smoothstepmix is-live=false ! fakesink async=false", nullptr));
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline));
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  const auto warning =
      Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_WARNING));
  ASSERT_TRUE(warning);
  EXPECT_NE(gstpp::describe_error(warning).find("No track is linked"), std::string::npos);
  gst_element_send_event(pipeline, gst_event_new_eos());
  EXPECT_TRUE(
      Ref<GstMessage>::adopt(gst_bus_timed_pop_filtered(bus, 20 * GST_SECOND, GST_MESSAGE_EOS)));
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

TEST(Smoothstepmix, SaysThatItIsLiveAndCannotBeSoughtIn) {
  Live live;
  live.frames(1);
  const auto latency = Ref<GstQuery>::adopt(gst_query_new_latency());
  ASSERT_TRUE(gst_element_query(live.element(), latency));
  gboolean is_live = FALSE;
  GstClockTime least = 0;
  GstClockTime most = 0;
  gst_query_parse_latency(latency, &is_live, &least, &most);
  EXPECT_TRUE(is_live);
  EXPECT_EQ(least, static_cast<GstClockTime>(kFrameNs));
  EXPECT_EQ(most, GST_CLOCK_TIME_NONE);
  EXPECT_FALSE(gst_element_seek_simple(live.element(), GST_FORMAT_TIME, GST_SEEK_FLAG_NONE, 0));
}

// --- states and manual
// ----------------------------------------------------------------------------

TEST(Smoothstepmix, GoesUpAndDownTwentyTimesAndLeavesNothing) {
  const auto pipeline = Ref<GstElement>::sink(
      gst_parse_launch("smoothstepmix name=mix crossfade=0.1 ! fakesink  "
                       "audiotestsrc num-buffers=400 ! audio/x-raw,rate=48000,channels=2 ! mix.  "
                       "audiotestsrc ! audio/x-raw,rate=48000,channels=2 ! mix.",
                       nullptr));
  auto mix = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"));
  for (int i = 0; i < 20; ++i) {
    for (const auto state : {GST_STATE_PAUSED, GST_STATE_PLAYING, GST_STATE_PAUSED,
                             GST_STATE_PLAYING, GST_STATE_READY}) {
      ASSERT_NE(gst_element_set_state(pipeline, state), GST_STATE_CHANGE_FAILURE);
      ASSERT_NE(gst_element_get_state(pipeline, nullptr, nullptr, 10 * GST_SECOND),
                GST_STATE_CHANGE_ASYNC);
    }
    if (i % 5 == 4) {
      gst_element_set_state(pipeline, GST_STATE_NULL);
    }
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_bin_remove(GST_BIN(pipeline.get()), mix);
  EXPECT_EQ(G_OBJECT(mix.get())->ref_count, 1U);
  bool gone = false;
  g_object_weak_ref(
      G_OBJECT(mix.get()), [](gpointer flag, GObject*) { *static_cast<bool*>(flag) = true; },
      &gone);
  mix = nullptr;
  EXPECT_TRUE(gone);
}

TEST(Smoothstepmix, AReleasedPadIsFreed) {
  const auto mix = Ref<GstElement>::sink(gst_element_factory_make("smoothstepmix", nullptr));
  gst_element_set_state(mix, GST_STATE_PAUSED);
  for (int i = 0; i < 5; ++i) {
    bool gone = false;
    auto pad = Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_%u"));
    EXPECT_STREQ(GST_PAD_NAME(pad.get()), ("sink_" + std::to_string(i)).c_str());
    g_object_weak_ref(
        G_OBJECT(pad.get()), [](gpointer flag, GObject*) { *static_cast<bool*>(flag) = true; },
        &gone);
    gst_element_release_request_pad(mix, pad);
    pad = nullptr;
    EXPECT_TRUE(gone);
  }
  gst_element_set_state(mix, GST_STATE_NULL);
}

TEST(Smoothstepmix, PadsAreCalledByTheirNumberAndNoOther) {
  const auto mix = Ref<GstElement>::sink(gst_element_factory_make("smoothstepmix", nullptr));
  const auto seven = Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_7"));
  ASSERT_TRUE(seven);
  EXPECT_FALSE(Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_x")));
  const auto next = Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_%u"));
  ASSERT_TRUE(next);
  EXPECT_STREQ(GST_PAD_NAME(next.get()), "sink_8");
}

void reads_like_a_manual(GObject* object, GType owner) {
  guint count = 0;
  const std::unique_ptr<GParamSpec*, gstpp::FreeWith<g_free>> specs(
      g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count));
  for (guint i = 0; i < count; ++i) {
    const GParamSpec* spec = specs.get()[i];
    if (spec->owner_type != owner) continue;
    const std::string blurb = g_param_spec_get_blurb(specs.get()[i]);
    EXPECT_GT(blurb.size(), 30U) << spec->name;
    EXPECT_TRUE(g_ascii_isupper(blurb.front())) << spec->name;
    EXPECT_TRUE(blurb.back() == '.') << spec->name;
    const auto changeable = GST_PARAM_MUTABLE_PLAYING | GST_PARAM_MUTABLE_READY;
    EXPECT_EQ((spec->flags & changeable) != 0, (spec->flags & G_PARAM_WRITABLE) != 0)
        << spec->name << " says when it may be set";
    if (G_IS_PARAM_SPEC_DOUBLE(spec) && (spec->flags & G_PARAM_WRITABLE) != 0) {
      EXPECT_NE(blurb.find("seconds"), std::string::npos) << spec->name << " names its unit";
    }
  }
}

TEST(Smoothstepmix, ReadsLikeAManual) {
  const auto mix = Ref<GstElement>::sink(gst_element_factory_make("smoothstepmix", nullptr));
  const auto pad = Ref<GstPad>::adopt(gst_element_request_pad_simple(mix, "sink_%u"));
  reads_like_a_manual(G_OBJECT(mix.get()), G_OBJECT_TYPE(mix.get()));
  reads_like_a_manual(G_OBJECT(pad.get()), G_OBJECT_TYPE(pad.get()));
  for (const char* key : {GST_ELEMENT_METADATA_LONGNAME, GST_ELEMENT_METADATA_KLASS,
                          GST_ELEMENT_METADATA_DESCRIPTION, GST_ELEMENT_METADATA_AUTHOR})
    EXPECT_NE(gst_element_get_metadata(mix, key), nullptr) << key;
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// The element around the engine: buffers, clock, events, messages, pads. What the sound is like is
// proven in tests/sound.
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "mixing.hpp"
#include "sound/frame.hpp"
#include "sound/join.hpp"

namespace {

using namespace infinara;
using gstpp::Ref;
using sound::kFrameNs;
using sound::kRate;

TEST(Smoothstepmix, PlaysPacedSilenceWithNoPads) {
  Live live;
  live.frames(150);
  for (const auto x : live.sound) ASSERT_EQ(x, 0);
  EXPECT_TRUE(live.messages().empty());
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
  EXPECT_EQ(live.messages(), wanted);
  EXPECT_EQ(live.sound[2 * (kRate + 9)], 100) << "equal tracks stay as loud as they are";
}

TEST(Smoothstepmix, SkipAndAdvanceFadeToTheNextTrack) {
  Live live("crossfade=1 skip-fade=0.2");
  live.frames(1);
  for (int i = 0; i < 3; ++i) push_level(live.add(), 2 * kRate, 100);
  g_signal_emit_by_name(live.element(), "skip");  // nothing plays yet
  live.frames(19);
  live.messages();
  g_signal_emit_by_name(live.element(), "skip");
  live.frames(20);
  EXPECT_EQ(
      live.messages(),
      (std::vector<std::string>{"fade sink_0-sink_1 400 600", "started sink_1 400",
                                "on-air sink_1 500 start 400", "ended sink_0 600 played 580 cut"}));
  g_signal_emit_by_name(live.element(), "advance", 0.1);
  live.frames(20);
  EXPECT_EQ(
      live.messages(),
      (std::vector<std::string>{"fade sink_1-sink_2 800 900", "started sink_2 800",
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
  std::mt19937 rng(7);
  int inside = 0;
  for (int i = 0; i < kSkips; ++i) {
    auto* track = live.add();
    push_level(track, kRate, 1000);
    gst_harness_push_event(track, gst_event_new_eos());
    const int frames = 1 + static_cast<int>(rng() % 40);
    inside += frames < 15 ? 1 : 0;  // the fade of the skip before still runs
    live.frames(frames);
    g_signal_emit_by_name(live.element(), "skip");
  }
  live.frames(100);
  EXPECT_GT(inside, 40);
  int started = 0;
  int ended = 0;
  for (const auto& one : live.messages()) {
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
  std::vector<std::string> retitled;
  for (const auto& one : live.messages())
    if (one.starts_with("retitled")) retitled.push_back(one);
  EXPECT_EQ(retitled, std::vector<std::string>{"retitled sink_0 220"}) << "the same buffer";
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
    std::string nick(
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
  live.messages();
  g_object_set(live.pad(1), "parked", FALSE, nullptr);
  live.frames(2);
  EXPECT_EQ(state(live.pad(1)), "playing");
  EXPECT_EQ(live.messages().at(0), "started sink_1 2220");
}

/// Whatever is set in the middle of a join, to whatever value, it goes on as it was planned.
TEST(Smoothstepmix, EverySettingOfMidJoinIsForTheNextOne) {
  for (const std::string join : {"plain", "planned"}) {
    // Two tracks of 4 s with bars of a second; the second one comes in at 3 s.
    const auto played = [&join](GParamSpec* of, bool most) {
      Live live("crossfade=1 join=" + join);
      live.frames(1);
      for (const std::int16_t value : {1000, 300}) {
        auto* track = live.add();
        gst_harness_push_event(track, gst_event_new_tag(gst_tag_list_new(
                                          "infinara-first-downbeat", guint64{0}, "infinara-beat",
                                          kRate / 4.0, "infinara-beats-per-bar", 4U, nullptr)));
        push_level(track, 4 * kRate, value);
        gst_harness_push_event(track, gst_event_new_eos());
      }
      live.frames(175);
      if (of != nullptr) {
        GValue value = G_VALUE_INIT;
        g_value_init(&value, of->value_type);
        if (G_IS_PARAM_SPEC_DOUBLE(of)) {
          const auto* range = G_PARAM_SPEC_DOUBLE(of);
          g_value_set_double(&value, most ? range->maximum : range->minimum);
        } else if (G_IS_PARAM_SPEC_ENUM(of)) {
          const auto* range = G_PARAM_SPEC_ENUM(of)->enum_class;
          g_value_set_enum(&value, most ? range->maximum : range->minimum);
        } else {
          ADD_FAILURE() << of->name << " is of a type that is not tried";
        }
        g_object_set_property(G_OBJECT(live.element()), of->name, &value);
        g_value_unset(&value);
      }
      live.frames(200);
      return live.sound;
    };
    const auto untouched = played(nullptr, false);
    const std::set<std::int16_t> values(untouched.begin(), untouched.end());
    EXPECT_GT(values.size(), 300U) << join << ": there is a join";
    std::set<std::string> names;
    const auto element = Ref<GstElement>::sink(gst_element_factory_make("smoothstepmix", nullptr));
    guint count = 0;
    const std::unique_ptr<GParamSpec*, gstpp::FreeWith<g_free>> all(
        g_object_class_list_properties(G_OBJECT_GET_CLASS(element.get()), &count));
    for (guint i = 0; i < count; ++i) {
      GParamSpec* of = all.get()[i];
      if ((of->flags & GST_PARAM_MUTABLE_PLAYING) == 0) continue;
      names.insert(of->name);
      for (const bool most : {false, true})
        EXPECT_TRUE(played(of, most) == untouched) << join << ": " << of->name << " " << most;
    }
    EXPECT_EQ(names,
              (std::set<std::string>{"crossfade", "curve", "join", "min-ready", "skip-fade"}));
  }
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
  const auto messages = live.messages();
  EXPECT_EQ(messages.back(), "ended sink_0 2020 played 2000 complete");
  EXPECT_EQ(messages.at(3), "ready sink_1 500");
  EXPECT_EQ(messages.at(4), "fade sink_0-sink_1 1020 2020");
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
  EXPECT_EQ(live.messages().back(), "ended sink_0 1020 played 1000 complete");
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
  EXPECT_EQ(live.messages().back(), "ended sink_0 320 played 300 complete");
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

}  // namespace

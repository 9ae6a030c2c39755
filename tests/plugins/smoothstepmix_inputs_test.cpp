// SPDX-License-Identifier: Apache-2.0
// What a mixer's inputs may do: be shorter than a sample's worth of fade, come in any format, be
// taken away in the middle, and end in any order.
#include <gst/audio/audio.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gstpp/bus.hpp"
#include "gstpp/ref.hpp"
#include "mixing.hpp"
#include "sound/frame.hpp"

namespace {

using namespace infinara;
using namespace std::chrono_literals;
using gstpp::Ref;
using sound::kFrame;
using sound::kRate;
using Samples = std::vector<std::int16_t>;

/// Whether `job` returns; if it does not, its thread is left behind.
bool returns(std::function<void()> job) {
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  std::thread([job = std::move(job), done] {
    job();
    done->set_value();
  }).detach();
  return future.wait_for(30s) == std::future_status::ready;
}

bool comes_true(const std::function<bool()>& truth) {
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!truth()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Noise that is 0 at both ends, so that the mixer adds no ramps to it.
Samples noise(std::int64_t samples) {
  Samples out(static_cast<std::size_t>(samples) * 2);
  std::uint32_t state = 1;
  for (auto& x : out) {
    state = state * 1664525 + 1013904223;
    x = static_cast<std::int16_t>(state >> 20);
  }
  if (out.size() > 2) out[out.size() - 1] = out[out.size() - 2] = 0;
  if (!out.empty()) out[0] = out[1] = 0;
  return out;
}

Samples padded(Samples samples) {
  samples.resize((samples.size() + 2 * kFrame - 1) / (2 * kFrame) * 2 * kFrame);
  return samples;
}

/// A mixer that is not live, as fast as its tracks.
class Offline {
 public:
  explicit Offline(const std::string& settings = "crossfade=1") {
    mix_ = Ref<GstElement>::sink(
        gst_parse_launch(("smoothstepmix is-live=false " + settings).c_str(), nullptr));
    out_ = gst_harness_new_with_element(mix_, nullptr, "src");
    bus_ = Ref<GstBus>::adopt(gst_bus_new());
    gst_element_set_bus(mix_, bus_);
  }
  Offline(const Offline&) = delete;
  Offline& operator=(const Offline&) = delete;
  ~Offline() {
    for (GstHarness* track : tracks_) gst_harness_teardown(track);
    gst_harness_teardown(out_);
    gst_element_set_bus(mix_, nullptr);
  }

  GstElement* mix() const { return mix_; }
  GstBus* bus() const { return bus_; }
  GstHarness* out() const { return out_; }
  GstHarness* add(const char* caps = kCaps) {
    auto* track = gst_harness_new_with_element(mix_, "sink_%u", nullptr);
    if (caps != nullptr) gst_harness_set_src_caps_str(track, caps);
    tracks_.push_back(track);
    return track;
  }
  void play() { gst_harness_play(out_); }
  bool end() { return gst_element_send_event(mix_, gst_event_new_eos()) != FALSE; }

  /// All that comes out until the end of the stream.
  Samples rest() {
    EXPECT_TRUE(comes_true([this] { return saw_end(); })) << "no EOS came";
    Samples all;
    while (const auto buffer = Ref<GstBuffer>::adopt(gst_harness_try_pull(out_))) {
      const gstpp::Map map(buffer, GST_MAP_READ);
      const auto samples = map.as<const std::int16_t>();
      all.insert(all.end(), samples.begin(), samples.end());
    }
    return all;
  }

 private:
  bool saw_end() {
    while (const auto event = Ref<GstEvent>::adopt(gst_harness_try_pull_event(out_)))
      if (GST_EVENT_TYPE(event.get()) == GST_EVENT_EOS) return true;
    return false;
  }

  Ref<GstElement> mix_;
  Ref<GstBus> bus_;
  GstHarness* out_;
  std::vector<GstHarness*> tracks_;
};

void push(GstHarness* track, const Samples& samples, std::size_t piece = 2000) {
  for (std::size_t at = 0; at < samples.size(); at += piece) {
    const auto count = std::min(piece, samples.size() - at);
    gst_harness_push(track, gst_buffer_new_memdup(samples.data() + at, count * 2));
  }
}

constexpr std::int64_t kLengths[] = {0, 1, 48, 959, 960, 961, 4800, kRate, 2 * kRate + 7};

TEST(Inputs, OfflineATrackComesOutExactlyWhateverItsLength) {
  for (const auto length : kLengths) {
    SCOPED_TRACE(length);
    Offline offline;
    auto* track = offline.add();
    offline.play();
    push(track, noise(length));
    gst_harness_push_event(track, gst_event_new_eos());
    EXPECT_EQ(offline.rest(), padded(noise(length)));
  }
}

TEST(Inputs, OfflineAnEosSentToTheMixerDrainsWhatItWasGiven) {
  for (const auto length : kLengths) {
    SCOPED_TRACE(length);
    Offline offline;
    auto* track = offline.add();
    offline.play();
    push(track, noise(length));
    ASSERT_TRUE(offline.end());
    EXPECT_EQ(offline.rest(), padded(noise(length)));
    EXPECT_EQ(gst_harness_push(track, make_level(10, 1)), GST_FLOW_EOS);
  }
}

TEST(Inputs, OfflineAnEosDrainsWhatWaitsForRoomToo) {
  Offline offline("crossfade=1");
  auto* second = offline.add();  // of a programme whose first track has given nothing yet
  auto* third = offline.add();
  offline.play();
  const Samples all = noise(6 * kRate);
  std::thread pusher([&] { push(third, all, 96000); });
  GstPad* pad = GST_PAD_PEER(third->srcpad);
  ASSERT_TRUE(comes_true([&] {
    guint64 queued = 0;
    g_object_get(pad, "queued", &queued, nullptr);
    return queued >= 2 * GST_SECOND;
  }));
  gst_harness_push_event(second, gst_event_new_eos());  // empty: the third plays
  ASSERT_TRUE(offline.end());
  pusher.join();
  const Samples heard = offline.rest();
  ASSERT_GE(heard.size(), 2U * 2 * kRate);
  ASSERT_LE(heard.size(), all.size());
  const auto whole = heard.size() / 96000 * 96000;  // values of whole buffers
  EXPECT_LE(heard.size() - whole, 2U * kFrame) << "a ramp of 8 ms after sound that was cut";
  EXPECT_TRUE(
      std::equal(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(whole), all.begin()));
}

TEST(Inputs, OfflineSeveralShortTracksEndTogether) {
  for (const bool by_event : {false, true}) {
    Offline offline("crossfade=5");
    std::vector<GstHarness*> tracks;
    for (int i = 0; i < 5; ++i) tracks.push_back(offline.add());
    offline.play();
    std::int64_t total = 0;
    for (std::size_t i = 0; i < tracks.size(); ++i) {
      push(tracks[i], noise(kLengths[i]));
      total += kLengths[i];
      if (!by_event) gst_harness_push_event(tracks[i], gst_event_new_eos());
    }
    if (by_event) {
      ASSERT_TRUE(offline.end());
    }
    const Samples heard = offline.rest();
    EXPECT_LE(heard.size(), padded(noise(total)).size());
    std::int64_t played = 0;
    for (const auto& line : told(offline.bus()))
      if (line.starts_with("ended")) ++played;
    EXPECT_EQ(played, 4) << "one was empty";
  }
}

TEST(Inputs, OfflineAnEosWithoutATrackOrWithAParkedOneEnds) {
  Offline empty;
  empty.play();
  ASSERT_TRUE(empty.end());
  EXPECT_TRUE(empty.rest().empty());

  Offline parked;
  auto* track = parked.add();
  g_object_set(GST_PAD_PEER(track->srcpad), "parked", TRUE, nullptr);
  parked.play();
  push(track, noise(kRate));
  ASSERT_TRUE(parked.end());
  EXPECT_TRUE(parked.rest().empty());
}

TEST(Inputs, OneSecondOfAnyRawAudioIsOneSecond) {
  for (const char* caps : {
           "format=F32LE,rate=44100,channels=1,layout=interleaved",
           "format=F64LE,rate=96000,channels=2,layout=interleaved",
           "format=S16LE,rate=48000,channels=1,layout=interleaved",
           "format=S24LE,rate=48000,channels=2,layout=interleaved",
           "format=U8,rate=8000,channels=1,layout=interleaved",
           "format=S16BE,rate=22050,channels=2,layout=interleaved",
           "format=S32LE,rate=192000,channels=6,channel-mask=(bitmask)0x3f,layout=interleaved",
       }) {
    SCOPED_TRACE(caps);
    Offline offline;
    const auto line = std::string("audio/x-raw,") + caps;
    auto* track = offline.add(line.c_str());
    offline.play();
    const auto parsed = Ref<GstCaps>::adopt(gst_caps_from_string(line.c_str()));
    GstAudioInfo info;
    ASSERT_TRUE(gst_audio_info_from_caps(&info, parsed));
    // A quarter of full scale on every channel, made by GStreamer itself.
    GstAudioInfo from;
    gst_audio_info_set_format(&from, GST_AUDIO_FORMAT_F64LE, GST_AUDIO_INFO_RATE(&info),
                              GST_AUDIO_INFO_CHANNELS(&info), info.position);
    const std::unique_ptr<GstAudioConverter, gstpp::FreeWith<gst_audio_converter_free>> converter(
        gst_audio_converter_new(GST_AUDIO_CONVERTER_FLAG_NONE, &from, &info, nullptr));
    const auto frames = static_cast<std::size_t>(GST_AUDIO_INFO_RATE(&info));
    std::vector<double> level(frames * static_cast<std::size_t>(info.channels), 0.25);
    std::vector<std::uint8_t> bytes(frames * static_cast<std::size_t>(info.bpf));
    gpointer in[] = {level.data()};
    gpointer out[] = {bytes.data()};
    ASSERT_TRUE(gst_audio_converter_samples(converter.get(), GST_AUDIO_CONVERTER_FLAG_NONE, in,
                                            frames, out, frames));
    const auto piece = 441U * static_cast<std::size_t>(info.bpf);
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      ASSERT_EQ(gst_harness_push(track, gst_buffer_new_memdup(bytes.data() + at,
                                                              std::min(piece, bytes.size() - at))),
                GST_FLOW_OK);
    gst_harness_push_event(track, gst_event_new_eos());
    const Samples heard = offline.rest();
    EXPECT_EQ(told(offline.bus()).back(), "ended sink_0 1000 played 1000 complete");
    ASSERT_EQ(heard.size(), 51U * kFrame * 2) << "with a ramp of 8 ms after it";
    for (const std::size_t at : {20001U, 48000U, 70000U})
      EXPECT_NEAR(heard[at], 8192, info.finfo->width == 8 ? 130 : 20);
  }
}

TEST(Inputs, AFormatMayChangeInsideOfATrack) {
  Offline offline;
  auto* track = offline.add("audio/x-raw,format=S16LE,rate=24000,channels=1,layout=interleaved");
  offline.play();
  for (int i = 0; i < 4; ++i) gst_harness_push(track, make_level(3000, 100));  // 6000 of mono each
  gst_harness_set_src_caps_str(track, kCaps);
  push_level(track, kRate, 100);
  gst_harness_push_event(track, gst_event_new_eos());
  offline.rest();
  EXPECT_EQ(told(offline.bus()).back(), "ended sink_0 2000 played 2000 complete");
}

TEST(Inputs, WhatIsNoRawAudioIsRefusedWithTheElementToAdd) {
  const struct {
    const char *caps, *words;
  } rows[] = {{"audio/mpeg,mpegversion=1", "Put decodebin before the mixer"},
              {"video/x-raw,format=I420,width=16,height=16,framerate=1/1", "decodebin"},
              {nullptr, "data without caps"},
              {"audio/x-raw,format=S16LE,rate=48000,channels=4,layout=interleaved,"
               "channel-mask=(bitmask)0x0",
               "mix-matrix"}};
  for (const auto& [caps, words] : rows) {
    SCOPED_TRACE(words);
    Offline offline;
    auto* track = offline.add(nullptr);
    offline.play();
    gst_harness_push_event(track, gst_event_new_stream_start("a"));
    if (caps != nullptr)
      gst_harness_push_event(track,
                             gst_event_new_caps(Ref<GstCaps>::adopt(gst_caps_from_string(caps))));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(track, gst_event_new_segment(&segment));
    EXPECT_EQ(gst_harness_push(track, make_level(10, 1)), GST_FLOW_NOT_NEGOTIATED);
    EXPECT_EQ(gst_harness_push(track, make_level(10, 1)), GST_FLOW_NOT_NEGOTIATED);
    const auto error =
        Ref<GstMessage>::adopt(gst_bus_pop_filtered(offline.bus(), GST_MESSAGE_ERROR));
    ASSERT_TRUE(error);
    gstpp::Error what;
    gchar* detail = nullptr;
    gst_message_parse_error(error, what.out(), &detail);
    const gstpp::String owned(detail);
    EXPECT_NE((what.message() + detail).find(words), std::string::npos) << what.message() << detail;
    EXPECT_FALSE(Ref<GstMessage>::adopt(gst_bus_pop_filtered(offline.bus(), GST_MESSAGE_ERROR)))
        << "said once";
  }
}

/// A live mixer in PAUSED, which plays nothing: whoever pushes into it waits once it is full.
class Stuck : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    pipeline_ = Ref<GstElement>::sink(gst_parse_launch(
        "smoothstepmix name=mix crossfade=0.1 ! fakesink name=out  "
        "audiotestsrc name=source ! audioconvert name=convert ! audio/x-raw,channels=2 ! mix.",
        nullptr));
    ASSERT_TRUE(pipeline_);
    mix_ = named("mix");
    source_ = named("source");
    pad_ = Ref<GstPad>::adopt(gst_element_get_static_pad(mix_, "sink_0"));
    gst_element_set_state(pipeline_, GST_STATE_PAUSED);
    ASSERT_TRUE(comes_true([this] {
      guint64 queued = 0;
      g_object_get(pad_, "queued", &queued, nullptr);
      return queued >= 1200 * GST_MSECOND;
    }));
  }
  void TearDown() override {
    if (!HasFatalFailure()) gst_element_set_state(pipeline_, GST_STATE_NULL);
  }

  Ref<GstElement> named(const char* name) const {
    return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
  }
  bool source_stops() {
    gst_element_set_locked_state(source_, TRUE);
    return returns([source = source_] { gst_element_set_state(source, GST_STATE_NULL); });
  }

  Ref<GstElement> pipeline_;
  Ref<GstElement> mix_;
  Ref<GstElement> source_;
  Ref<GstPad> pad_;
};

TEST_F(Stuck, ASourceGoesToNullBeforeItsPadIsReleased) {
  ASSERT_TRUE(source_stops());
  gst_element_release_request_pad(mix_, pad_);
}

TEST_F(Stuck, SoDoesOneThatWasUnlinkedFirst) {
  gst_element_unlink(source_, named("convert"));
  ASSERT_TRUE(source_stops());
}

TEST_F(Stuck, SoDoesOneAfterTheMixersEnd) {
  ASSERT_TRUE(gst_element_send_event(mix_, gst_event_new_eos()));
  ASSERT_TRUE(source_stops());
}

TEST_F(Stuck, APadMayBeReleasedAtAnyTime) {
  ASSERT_TRUE(returns([this] { gst_element_release_request_pad(mix_, pad_); }));
  ASSERT_TRUE(source_stops());
}

TEST_F(Stuck, AFlushFreesTheSource) {
  ASSERT_TRUE(returns([this] { gst_pad_send_event(pad_, gst_event_new_flush_start()); }));
  ASSERT_TRUE(source_stops());
}

TEST(Inputs, AFlushOfAnOfflineProgrammeGoesOnWithTheNextFrame) {
  Offline offline;
  auto* track = offline.add();
  offline.play();
  push(track, noise(kRate));
  gst_harness_push_event(track, gst_event_new_eos());
  const Samples before = offline.rest();
  ASSERT_EQ(before.size(), 2U * kRate);
  ASSERT_TRUE(gst_element_send_event(offline.mix(), gst_event_new_flush_start()));
  ASSERT_TRUE(gst_element_send_event(offline.mix(), gst_event_new_flush_stop(TRUE)));
  EXPECT_TRUE(offline.rest().empty()) << "it is over, and says so again";
}

TEST(Inputs, AFlushOfALiveProgrammeGoesOnInTheNewRunningTime) {
  Live live;
  live.frames(5);
  ASSERT_TRUE(gst_element_send_event(live.element(), gst_event_new_flush_start()));
  ASSERT_TRUE(gst_element_send_event(live.element(), gst_event_new_flush_stop(FALSE)));
  const auto next = live.frame();
  ASSERT_TRUE(next);
  EXPECT_EQ(GST_BUFFER_PTS(next.get()), 100 * GST_MSECOND);
  EXPECT_TRUE(GST_BUFFER_FLAG_IS_SET(next.get(), GST_BUFFER_FLAG_DISCONT));
}

TEST(Inputs, AnOfflineProgrammeOfLiveTracksTellsItsLookAheadAsLatency) {
  for (const bool is_live : {false, true}) {
    const auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
        ("audiotestsrc is-live=" + std::string(is_live ? "true" : "false") +
         " ! smoothstepmix is-live=false crossfade=2 name=mix ! fakesink async=false")
            .c_str(),
        nullptr));
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const auto mix = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "mix"));
    const auto tells = [&mix](bool wanted, GstClockTime from, GstClockTime to) {
      const auto query = Ref<GstQuery>::adopt(gst_query_new_latency());
      gboolean live = FALSE;
      GstClockTime least = 0;
      if (gst_element_query(mix, query) == FALSE) return false;
      gst_query_parse_latency(query, &live, &least, nullptr);
      return (live != FALSE) == wanted && least >= from && least <= to;
    };
    // The source knows its latency as soon as it knows its format.
    EXPECT_TRUE(comes_true([&] {
      return is_live ? tells(true, 5 * GST_SECOND, 6 * GST_SECOND) : tells(false, 0, 0);
    })) << "two fades and a second";
    gst_element_set_state(pipeline, GST_STATE_NULL);
  }
}

}  // namespace

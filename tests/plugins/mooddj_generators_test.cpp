// SPDX-License-Identifier: Apache-2.0
// Generators of any kind, and those that let mooddj down.
#include <gst/base/gstpushsrc.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "gstpp/element.hpp"
#include "gstpp/properties.hpp"
#include "support/radio.hpp"

namespace infinara {
namespace {

/// A generator of floats at 96 kHz, as somebody else might write one; of four channels that are
/// nowhere, which cannot be converted, or mono.
template <bool is_odd>
class FloatSource {
 public:
  using Base = GstPushSrc;
  using BaseClass = GstPushSrcClass;
  static constexpr const char* kTypeName =
      is_odd ? "InfinaraTestOddSource" : "InfinaraTestFloatSource";
  static GType base_type() { return GST_TYPE_PUSH_SRC; }
  struct Settings {
    double duration = 90;
  } settings;
  static void class_init(BaseClass* klass) {
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string(
        is_odd ? "audio/x-raw,format=F32LE,rate=96000,channels=4,channel-mask=(bitmask)0x0,"
                 "layout=interleaved"
               : "audio/x-raw,format=F32LE,rate=96000,channels=1,layout=interleaved"));
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
    gst_element_class_set_static_metadata(element, "Test", "Source", "Floats", "Infinara");
    gstpp::bind<&FloatSource::create>(klass->create);
    gstpp::Properties<FloatSource>(klass).template number<&Settings::duration>(
        "duration", "Duration", "Seconds", 0, 1e6, gstpp::kReady);
  }
  explicit FloatSource(Base& self) {
    gst_base_src_set_format(GST_BASE_SRC(&self), GST_FORMAT_TIME);
  }

 private:
  GstFlowReturn create(GstBuffer** out) {
    if (at_ >= static_cast<std::int64_t>(settings.duration * 96000)) return GST_FLOW_EOS;
    std::array<float, 1920> samples{};
    samples.fill(0.25F);
    *out = gst_buffer_new_memdup(samples.data(), sizeof samples);
    GST_BUFFER_PTS(*out) =
        gst_util_uint64_scale(static_cast<guint64>(at_), GST_SECOND, guint64{96000});
    at_ += 1920;
    return GST_FLOW_OK;
  }
  std::int64_t at_ = 0;
};

TEST(Generators, MayGiveAnyRawAudio) {
  gst_element_register(nullptr, "testfloatsrc", GST_RANK_NONE,
                       gstpp::type_of<FloatSource<false>>());
  Radio radio("is-live=false generators=testfloatsrc seed=1 num-tracks=3 track-duration=20");
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  EXPECT_TRUE(radio.warnings.empty());
  EXPECT_GE(radio.buffers, 2500U);
  EXPECT_LE(radio.buffers, 2501U);
  EXPECT_LE(radio.longest_silence, 1U);
}

/// A bin around a source. Its ghost pad has no template, as in most bins that people write.
class BinSource {
 public:
  using Base = GstBin;
  using BaseClass = GstBinClass;
  static constexpr const char* kTypeName = "InfinaraTestBinSource";
  static GType base_type() { return GST_TYPE_BIN; }
  struct Settings {
    double duration = 90;
  } settings;
  static void class_init(BaseClass* klass) {
    const auto caps = gstpp::Ref<GstCaps>::adopt(gst_caps_from_string("audio/x-raw"));
    auto* element = GST_ELEMENT_CLASS(klass);
    gst_element_class_add_pad_template(
        element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
    gst_element_class_set_static_metadata(element, "Test", "Source", "A bin", "Infinara");
    gstpp::Properties<BinSource>(klass).number<&Settings::duration>(
        "duration", "Duration", "Seconds", 0, 1e6, gstpp::kReady);
  }
  explicit BinSource(Base& self) : inner_(gst_element_factory_make("testtracksrc", nullptr)) {
    gst_bin_add(&self, inner_);
    const auto pad = gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(inner_, "src"));
    gst_element_add_pad(GST_ELEMENT(&self), gst_ghost_pad_new("src", pad));
  }
  void changed(const char*) { g_object_set(inner_, "duration", settings.duration, nullptr); }

 private:
  GstElement* inner_;  // owned by the bin
};

TEST(Generators, MayBeBins) {
  gst_element_register(nullptr, "testbinsrc", GST_RANK_NONE, gstpp::type_of<BinSource>());
  Radio radio("is-live=false generators=testbinsrc seed=1 num-tracks=3 track-duration=20");
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  EXPECT_TRUE(radio.messages_of<onair::Generator>().empty());
  EXPECT_EQ(radio.messages_of<onair::OnAir>().size(), 3U);
  EXPECT_EQ(radio.longest_silence, 0U);
}

TEST(Generators, OneWhoseFormatCannotBePlayedCostsARetry) {
  gst_element_register(nullptr, "testoddsrc", GST_RANK_NONE, gstpp::type_of<FloatSource<true>>());
  Radio radio(
      "is-live=false generators=testoddsrc,testtracksrc seed=1 num-tracks=3 track-duration=20");
  ASSERT_TRUE(radio.play(1000)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_EQ(on_air.size(), 3U);
  for (const auto& one : on_air) EXPECT_EQ(one.track.generator, "testtracksrc");
  const auto messages = radio.messages_of<onair::Generator>();
  ASSERT_FALSE(messages.empty());
  EXPECT_NE(messages.front().reason.find("cannot convert"), std::string::npos)
      << messages.front().reason;
}

TEST(Generators, TheNextOneStepsInForOneThatFails) {
  Radio radio("is-live=false seed=1 generators=testfailsrc,testtracksrc track-duration=20");
  ASSERT_TRUE(radio.play(600)) << radio.error;
  for (const auto& one : radio.messages_of<onair::OnAir>())
    EXPECT_EQ(one.track.generator, "testtracksrc");
  const auto messages = radio.messages_of<onair::Generator>();
  ASSERT_EQ(messages.size(), 1u) << messages.back().name
                                 << (messages.back().up ? " up: " : " down: ")
                                 << messages.back().reason;
  EXPECT_EQ(messages[0].name, "testfailsrc");
  EXPECT_FALSE(messages[0].up);
  EXPECT_NE(messages[0].reason.find("broke"), std::string::npos);
  EXPECT_EQ(radio.longest_silence, 0u);
}

TEST(Generators, AnyMoodIsPlayedThrough) {
  Radio radio("is-live=false seed=3 generators=testmoodysrc,testtracksrc track-duration=20");
  ASSERT_TRUE(radio.play(6000)) << radio.error;
  EXPECT_LE(radio.longest_silence, 1u);
  EXPECT_TRUE(radio.faults.empty()) << radio.faults.front();
  std::set<std::string> used;
  for (const auto& one : radio.messages_of<onair::OnAir>()) used.insert(one.track.generator);
  EXPECT_TRUE(used.contains("testmoodysrc"));
}

TEST(Generators, WhenAllFailOfflineItSaysSo) {
  Radio radio("is-live=false seed=1 generators=testfailsrc,testemptysrc");
  EXPECT_FALSE(radio.play(60));
  EXPECT_NE(radio.error.find("No generator delivers"), std::string::npos) << radio.error;
}

TEST(Generators, WhenAllFailLiveTheProgrammeGoesOnInSilence) {
  Radio radio("seed=1 generators=testfailsrc,testemptysrc");
  ASSERT_TRUE(radio.play(3)) << radio.error;
  EXPECT_EQ(radio.buffers, 150u);
  EXPECT_EQ(radio.messages_of<onair::Generator>().size(), 2u);
}

TEST(Generators, OneThatHangsIsCoveredLive) {
  Radio radio("seed=1 generators=testhangsrc,testtracksrc");
  ASSERT_TRUE(radio.play(3)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_EQ(on_air.size(), 1u);
  EXPECT_EQ(on_air[0].track.generator, "testtracksrc");
  EXPECT_LE(on_air[0].position, 1'500'000'000u);
}

TEST(Generators, ATrackThatHangsIsLeftBeforeItIsMissedLive) {
  Radio radio("seed=1 generators=teststallsrc,testtracksrc crossfade=1");
  ASSERT_TRUE(radio.play(7)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_GE(on_air.size(), 3u);
  EXPECT_EQ(on_air[0].track.generator, "teststallsrc");
  EXPECT_LE(radio.longest_silence, 20u);  // 0.25 s to be sure, and the first steps of a fade
}

TEST(Generators, OneThatMakesShorterTracksPlaysThemAndTheirLengthIsTold) {
  Radio radio(
      "is-live=false generators=testminutesrc crossfade=5 track-duration=900 seed=1 "
      "auto-dj=false genre=jazz");
  ASSERT_TRUE(radio.play(200)) << radio.error;
  const auto on_air = radio.messages_of<onair::OnAir>();
  ASSERT_EQ(on_air.size(), 4u);
  for (const auto& one : on_air) EXPECT_EQ(one.track.duration(), 60);
}

TEST(Generators, UnknownOnesAreNamed) {
  {
    Radio radio("is-live=false generators=nosuchsrc,filesrc,fakesink");
    EXPECT_FALSE(radio.play(1));
    EXPECT_NE(radio.error.find("nosuchsrc"), std::string::npos) << radio.error;
    EXPECT_NE(radio.error.find("filesrc gives neither audio/x-raw nor MP3, FLAC, WAV or Ogg"),
              std::string::npos)
        << radio.error;
    EXPECT_NE(radio.error.find("fakesink has no pad"), std::string::npos) << radio.error;
  }
  {
    Radio radio("is-live=false generators=\"\"");
    EXPECT_FALSE(radio.play(1));
  }
  Radio radio("is-live=false generators=\"nosuchsrc, testtracksrc\"");
  EXPECT_TRUE(radio.play(10)) << radio.error;
  ASSERT_EQ(radio.warnings.size(), 1u);
  EXPECT_NE(radio.warnings[0].find("nosuchsrc"), std::string::npos);
}

TEST(Generators, AStockSourceWillDoToo) {
  Radio radio("is-live=false generators=audiotestsrc seed=1");
  ASSERT_TRUE(radio.play(500)) << radio.error;  // it knows no order and never ends, and is left
  EXPECT_EQ(radio.messages_of<onair::OnAir>().size(), 4u);
  EXPECT_EQ(radio.longest_silence, 0u);
}

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// The element as one that comes and goes: states, pads, references; and as one that explains
// itself.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gstpp/ref.hpp"

namespace {

using gstpp::Ref;

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

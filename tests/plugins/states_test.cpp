// SPDX-License-Identifier: Apache-2.0
// Every element of the plugin goes up and down through its states, alone and again and again, and
// leaves nothing.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace infinara {
namespace {

std::vector<std::string> elements() {
  std::vector<std::string> names;
  GList* features = gst_registry_get_feature_list_by_plugin(gst_registry_get(), "infinara");
  for (GList* at = features; at != nullptr; at = at->next) {
    names.emplace_back(gst_plugin_feature_get_name(at->data));
  }
  gst_plugin_feature_list_free(features);
  return names;
}

// Asynchronous sinks and sources without a peer may not arrive; they must come back from wherever
// they are.
void visit(GstElement* element, GstState state) {
  gst_element_set_state(element, state);
  gst_element_get_state(element, nullptr, nullptr, 50 * GST_MSECOND);
}

void down(GstElement* element) {
  ASSERT_EQ(gst_element_set_state(element, GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

TEST(States, ThePluginHasItsElements) {
  EXPECT_GE(elements().size(), 4u);
}

TEST(States, EveryElementGoesUpAndDownAndIsGone) {
  for (const std::string& name : elements()) {
    SCOPED_TRACE(name);
    for (const auto& ways : std::vector<std::vector<GstState>>{
             {},
             {GST_STATE_READY},
             {GST_STATE_READY, GST_STATE_PAUSED},
             {GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_PLAYING},
             {GST_STATE_PLAYING, GST_STATE_READY, GST_STATE_PLAYING, GST_STATE_PAUSED},
             {GST_STATE_PAUSED, GST_STATE_NULL, GST_STATE_PAUSED, GST_STATE_READY}}) {
      GstElement* element = gst_element_factory_make(name.c_str(), nullptr);
      ASSERT_NE(element, nullptr);
      gst_object_ref_sink(element);
      bool gone = false;
      g_object_weak_ref(
          G_OBJECT(element), [](gpointer flag, GObject*) { *static_cast<bool*>(flag) = true; },
          &gone);
      for (const GstState state : ways) visit(element, state);
      down(element);
      EXPECT_EQ(GST_OBJECT_REFCOUNT_VALUE(element), 1);
      gst_object_unref(element);
      EXPECT_TRUE(gone);
    }
  }
}

TEST(States, EveryElementStandsInABinThatIsThrownAwayAtOnce) {
  for (const std::string& name : elements()) {
    SCOPED_TRACE(name);
    GstElement* element = gst_element_factory_make(name.c_str(), nullptr);
    bool gone = false;
    g_object_weak_ref(
        G_OBJECT(element), [](gpointer flag, GObject*) { *static_cast<bool*>(flag) = true; },
        &gone);
    GstElement* bin = gst_pipeline_new(nullptr);
    gst_bin_add(GST_BIN(bin), element);
    visit(bin, GST_STATE_PLAYING);
    down(bin);
    gst_object_unref(bin);
    EXPECT_TRUE(gone);
  }
}

}  // namespace
}  // namespace infinara

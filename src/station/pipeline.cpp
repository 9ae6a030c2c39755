// SPDX-License-Identifier: Apache-2.0
#include "station/pipeline.hpp"

#include <gio/gio.h>

#include <algorithm>

extern "C" {  // generated as C
#include "pipelines_resource.h"
}

namespace infinara::station {
namespace {

using gstpp::Ref;

/// The Debian package that brings an element of station.launch.
std::string remedy(const std::string& element) {
  if (element == "mooddj" || element == "httpbroadcastsink")
    return "libgstinfinara.so was not found; set GST_PLUGIN_PATH to its folder";
  if (element == "lamemp3enc" || element == "rtpopuspay" || element == "level")
    return "install gstreamer1.0-plugins-good";
  if (element == "opusenc" || element == "oggmux" || element == "appsink")
    return "install gstreamer1.0-plugins-base";
  if (element == "tee" || element == "queue") return "install libgstreamer1.0-0";
  return "install the GStreamer plugin that brings it";
}

Ref<GstElement> parse(const std::string& launch) {
  gstpp::Error error;
  GstParseContext* context = gst_parse_context_new();
  auto parsed = Ref<GstElement>::sink(
      gst_parse_launch_full(launch.c_str(), context, GST_PARSE_FLAG_FATAL_ERRORS, error.out()));
  gchar** missing = gst_parse_context_get_missing_elements(context);
  gst_parse_context_free(context);
  std::string names, remedies;
  for (gchar** name = missing; name != nullptr && *name != nullptr; ++name) {
    names += (names.empty() ? "" : ", ") + std::string(*name);
    if (const auto text = remedy(*name); remedies.find(text) == remedies.npos)
      remedies += (remedies.empty() ? "" : "; ") + text;
  }
  g_strfreev(missing);
  if (!names.empty()) throw CannotPlay("cannot play: " + names + " is missing: " + remedies);
  if (!parsed || error) throw CannotPlay("cannot play the pipeline: " + error.message());
  return parsed;
}

Ref<GstElement> named(const Ref<GstElement>& pipeline, const char* name) {
  auto element = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), name));
  if (!element)
    throw CannotPlay(std::string("cannot play: the pipeline names no \"") + name + "\"");
  return element;
}

StreamSinks sinks_of(const Ref<GstElement>& pipeline) {
  StreamSinks sinks;
  std::ranges::transform(kOutputs, sinks.begin(),
                         [&](const Output& output) { return named(pipeline, output.element); });
  return sinks;
}

}  // namespace

std::string station_launch() {
  const auto bytes = Ref<GBytes>::adopt(g_resource_lookup_data(
      pipelines_get_resource(), "/station.launch", G_RESOURCE_LOOKUP_FLAGS_NONE, nullptr));
  gsize size = 0;
  const auto* text = static_cast<const char*>(g_bytes_get_data(bytes, &size));
  return {text, size};
}

Pipeline::Pipeline(const std::string& launch)
    : element(parse(launch)),
      dj(named(element, "dj")),
      sinks(sinks_of(element)),
      peers(Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(element.get()), "peers"))),
      bus(element) {}

Pipeline::~Pipeline() {
  gst_element_set_state(element, GST_STATE_NULL);
}

void Pipeline::pause() {
  if (gst_element_set_state(element, GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE) return;
  const auto bus = Ref<GstBus>::adopt(gst_element_get_bus(element));
  const auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR));
  throw CannotPlay("cannot play: " +
                   (message ? gstpp::describe_error(message) : "the pipeline does not get ready"));
}

bool Pipeline::play() {
  return gst_element_set_state(element, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE;
}

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "plugins/mixing.hpp"

namespace infinara {

GstBuffer* make_level(std::int64_t samples, std::int16_t value) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, static_cast<gsize>(samples) * 4, nullptr);
  const gstpp::Map map(buffer, GST_MAP_WRITE);
  for (auto& x : map.as<std::int16_t>()) x = value;
  return buffer;
}

std::string line_of(GstMessage* message) {
  const GstStructure* s = gst_message_get_structure(message);
  if (GST_MESSAGE_TYPE(message) != GST_MESSAGE_ELEMENT || s == nullptr) return "";
  std::string name = gst_structure_get_name(s);
  if (!name.starts_with("smoothstepmix-")) return "";
  name.erase(0, 14);
  const auto text = [s](const char* field) {
    const char* value = gst_structure_get_string(s, field);
    return std::string(value != nullptr ? value : "?");
  };
  const auto ms = [s](const char* field) {
    guint64 value = 0;
    return gst_structure_get_uint64(s, field, &value) ? std::to_string(value / GST_MSECOND) : "?";
  };
  if (name == "fade")
    return name + " " + text("from") + "-" + text("to") + " " + ms("position") + " " + ms("end");
  auto line = name + " " + text("pad");
  if (name != "empty") line += " " + ms("position");
  if (name == "on-air") line += " start " + ms("start");
  if (name == "ended") {
    gboolean complete = FALSE;
    gst_structure_get_boolean(s, "complete", &complete);
    line += " played " + ms("played") + (complete ? " complete" : " cut");
  }
  return line;
}

std::vector<std::string> told(GstBus* bus) {
  std::vector<std::string> lines;
  while (const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_pop(bus)))
    if (auto line = line_of(message); !line.empty()) lines.push_back(std::move(line));
  return lines;
}

void push_level(GstHarness* track, std::int64_t samples, std::int16_t value) {
  ASSERT_EQ(gst_harness_push(track, make_level(samples, value)), GST_FLOW_OK);
}

void Flow::watch(GstPad* pad) {
  gst_pad_add_probe(
      pad,
      static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [](GstPad*, GstPadProbeInfo* info, gpointer self) {
        static_cast<Flow*>(self)->see(info);
        return GST_PAD_PROBE_OK;
      },
      this, nullptr);
}

std::vector<std::string> Flow::seen() const {
  const std::lock_guard lock(lock_);
  return seen_;
}

void Flow::see(GstPadProbeInfo* info) {
  const std::lock_guard lock(lock_);
  if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    seen_.push_back(std::to_string(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)) / GST_MSECOND));
    return;
  }
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return;
  GstTagList* list = nullptr;
  gst_event_parse_tag(event, &list);
  const auto text = [list](const char* tag) {
    gchar* value = nullptr;
    gst_tag_list_get_string(list, tag, &value);
    const gstpp::String owned(value);
    return std::string(value != nullptr ? value : "");
  };
  auto line = "tag title=" + text(GST_TAG_TITLE) + " genre=" + text(GST_TAG_GENRE);
  if (!text(GST_TAG_AUDIO_CODEC).empty()) line += " with the file's codec";
  seen_.push_back(line);
}

Live::Live(const std::string& settings) {
  const auto line = "smoothstepmix name=mix " + settings;
  element_ = gstpp::Ref<GstElement>::sink(gst_parse_launch(line.c_str(), nullptr));
  harness_ = gst_harness_new_with_element(element_, nullptr, "src");
  gst_harness_use_testclock(harness_);
  handed_.watch(gstpp::Ref<GstPad>::adopt(gst_element_get_static_pad(element_, "src")));
  bus_ = gstpp::Ref<GstBus>::adopt(gst_bus_new());
  gst_element_set_bus(element_, bus_);
  gst_harness_play(harness_);
}

Live::~Live() {
  for (GstHarness* track : tracks_) gst_harness_teardown(track);
  gst_harness_teardown(harness_);
  gst_element_set_bus(element_, nullptr);
}

GstHarness* Live::add() {
  auto* track = gst_harness_new_with_element(element_, "sink_%u", nullptr);
  gst_harness_set_src_caps_str(track, kCaps);
  tracks_.push_back(track);
  return track;
}

gstpp::Ref<GstBuffer> Live::frame() {
  if (!first_) gst_harness_crank_single_clock_wait(harness_);
  first_ = false;
  auto buffer = gstpp::Ref<GstBuffer>::adopt(gst_harness_pull(harness_));
  handed_.seen();
  return buffer;
}

void Live::frames(int count) {
  for (int i = 0; i < count; ++i) {
    const auto buffer = frame();
    ASSERT_TRUE(buffer);
    ASSERT_EQ(gst_buffer_get_size(buffer), std::size_t{sound::kFrameBytes});
    ASSERT_EQ(GST_BUFFER_PTS(buffer.get()), static_cast<GstClockTime>(count_ * sound::kFrameNs));
    ASSERT_EQ(GST_BUFFER_DURATION(buffer.get()), static_cast<GstClockTime>(sound::kFrameNs));
    ASSERT_EQ(GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT), count_ == 0);
    const gstpp::Map map(buffer, GST_MAP_READ);
    const auto samples = map.as<const std::int16_t>();
    sound.insert(sound.end(), samples.begin(), samples.end());
    ++count_;
  }
}

}  // namespace infinara

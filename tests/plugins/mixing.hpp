// SPDX-License-Identifier: Apache-2.0
// What tests of smoothstepmix share: buffers to push, news and flow as lines of text.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"

namespace infinara {

inline constexpr const char* kCaps =
    "audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved";

inline GstBuffer* make_level(std::int64_t samples, std::int16_t value) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, static_cast<gsize>(samples) * 4, nullptr);
  const gstpp::Map map(buffer, GST_MAP_WRITE);
  for (auto& x : map.as<std::int16_t>()) x = value;
  return buffer;
}

/// One of the mixer's messages as a line, times in milliseconds; "" for any other message.
inline std::string line_of(GstMessage* message) {
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

/// All the mixer's messages that wait on a bus.
inline std::vector<std::string> told(GstBus* bus) {
  std::vector<std::string> lines;
  while (const auto message = gstpp::Ref<GstMessage>::adopt(gst_bus_pop(bus)))
    if (auto line = line_of(message); !line.empty()) lines.push_back(std::move(line));
  return lines;
}

/// What passes a pad: buffers as their timestamp in milliseconds, tags as text.
class Flow {
 public:
  Flow() = default;
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  /// The pad must not pass anything any more when the Flow is destroyed.
  void watch(GstPad* pad) {
    gst_pad_add_probe(
        pad,
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER |
                                     GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          static_cast<Flow*>(self)->see(info);
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }

  std::vector<std::string> seen() const {
    const std::lock_guard lock(lock_);
    return seen_;
  }

 private:
  void see(GstPadProbeInfo* info) {
    const std::lock_guard lock(lock_);
    if ((info->type & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
      seen_.push_back(
          std::to_string(GST_BUFFER_PTS(GST_PAD_PROBE_INFO_BUFFER(info)) / GST_MSECOND));
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

  mutable std::mutex lock_;
  std::vector<std::string> seen_;
};

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "stream_units.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "gstpp/ref.hpp"

namespace infinara {

namespace {

gint int_of(const GstStructure* structure, const char* field, gint otherwise) {
  gint value = otherwise;
  gst_structure_get_int(structure, field, &value);
  return value;
}

/// What GStreamer calls otherwise than the web does.
struct Alias {
  std::string_view caps, type;
};
constexpr Alias kAliases[] = {
    {"audio/x-flac", "audio/flac"},     {"audio/x-wav", "audio/wav"},
    {"audio/x-m4a", "audio/mp4"},       {"video/quicktime", "video/mp4"},
    {"audio/x-matroska", "audio/webm"}, {"video/x-matroska", "video/webm"}};

}  // namespace

std::string content_type_of(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  std::string name = gst_structure_get_name(structure);
  if (name == "audio/mpeg" && int_of(structure, "mpegversion", 1) != 1) return "audio/aac";
  if (const char* boundary = gst_structure_get_string(structure, "boundary"))
    return name + ";boundary=" + boundary;
  for (const Alias& alias : kAliases)
    if (alias.caps == name) return std::string(alias.type);
  return name;
}

void StreamUnits::set_caps(const GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  knows_caps_ = true;
  is_mp3_ = gst_structure_has_name(structure, "audio/mpeg") &&
            int_of(structure, "mpegversion", 1) == 1 && int_of(structure, "layer", 3) == 3;
  headers_.clear();
  const GValue* list = gst_structure_get_value(structure, "streamheader");
  if (list != nullptr && GST_VALUE_HOLDS_ARRAY(list)) {
    for (guint i = 0; i < gst_value_array_get_size(list); ++i) {
      const GValue* one = gst_value_array_get_value(list, i);
      if (!GST_VALUE_HOLDS_BUFFER(one) || gst_value_get_buffer(one) == nullptr) continue;
      const gstpp::Map map(gst_value_get_buffer(one), GST_MAP_READ);
      const auto bytes = map.as<const char>();
      headers_.emplace_back(bytes.begin(), bytes.end());
    }
  }
  reset();
}

std::string StreamUnits::headers() const {
  std::string all;
  for (const std::string& one : headers_) all += one;
  return all;
}

void StreamUnits::reset() {
  splitter_.reset();
  reached_ = GST_CLOCK_TIME_NONE;
}

void StreamUnits::push(GstBuffer* buffer, cast::Writer& writer) {
  const gstpp::Map map(buffer, GST_MAP_READ);
  const auto bytes = map.as<const guint8>();
  if (is_mp3_) {
    if (GST_BUFFER_IS_DISCONT(buffer)) splitter_.reset();
    return push_frames(bytes, writer);
  }
  // The headers come in the stream too, where everybody has had them already.
  const bool header = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER);
  if (header && is_header(bytes)) return;
  writer.append(bytes, time_of(buffer),
                !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT));
}

void StreamUnits::push_frames(cast::Bytes bytes, cast::Writer& writer) {
  splitter_.push(bytes, [&](cast::Bytes frame, const cast::Mp3Header& header) {
    if (cast::is_info_frame(frame)) return;
    if (header.bitrate != bitrate_) writer.set_bitrate(bitrate_ = header.bitrate);
    writer.append(frame, header.duration());
  });
}

bool StreamUnits::is_header(cast::Bytes bytes) const {
  return std::ranges::any_of(headers_, [&](const std::string& one) {
    return one.size() == bytes.size() && std::memcmp(one.data(), bytes.data(), one.size()) == 0;
  });
}

/// How much farther the stream comes with `buffer`. Streams of several tracks overlap, so that
/// durations do not add up; a stream that tells no times comes as fast as it sounds.
std::chrono::nanoseconds StreamUnits::time_of(const GstBuffer* buffer) {
  const gint64 now = g_get_monotonic_time();
  const gint64 waited = arrived_ != 0 ? now - arrived_ : 0;
  arrived_ = now;
  const GstClockTime time = GST_BUFFER_DTS_OR_PTS(buffer);
  const GstClockTime duration =
      GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : 0;
  if (!GST_CLOCK_TIME_IS_VALID(time))
    return duration > 0 ? std::chrono::nanoseconds(duration) : std::chrono::microseconds(waited);
  const GstClockTime end = time + duration;
  const bool goes_on = GST_CLOCK_TIME_IS_VALID(reached_) && end + GST_SECOND > reached_;
  const GstClockTime from = goes_on ? reached_ : time;
  reached_ = std::max(end, from);
  return std::chrono::nanoseconds(reached_ - from);
}

}  // namespace infinara

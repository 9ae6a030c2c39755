// SPDX-License-Identifier: Apache-2.0
#include "broadcast/stream_units.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "cast/flac_head.hpp"
#include "gstpp/ref.hpp"

namespace infinara {

namespace {

using Cut = StreamFormat::Cut;
using Headers = StreamFormat::Headers;

// Without a random-access point for so long, a listener may start at any buffer.
constexpr std::chrono::seconds kLongestWait{10};
// A stream in which so many bytes make no packet is not what its caps say.
constexpr std::uint64_t kMostUseless = 1 << 20;

std::vector<std::string> headers_in(const GstCaps* caps) {
  std::vector<std::string> headers;
  const GValue* list = gst_structure_get_value(gst_caps_get_structure(caps, 0), "streamheader");
  if (list == nullptr || !GST_VALUE_HOLDS_ARRAY(list)) return headers;
  for (guint i = 0; i < gst_value_array_get_size(list); ++i) {
    const GValue* one = gst_value_array_get_value(list, i);
    if (!GST_VALUE_HOLDS_BUFFER(one) || gst_value_get_buffer(one) == nullptr) continue;
    const gstpp::Map map(gst_value_get_buffer(one), GST_MAP_READ);
    const auto bytes = map.as<const char>();
    headers.emplace_back(bytes.begin(), bytes.end());
  }
  return headers;
}

/// Of a page that begins Ogg Opus (RFC 7845, section 5.1); zero for any other.
std::chrono::nanoseconds pre_skip_of(std::string_view page) {
  constexpr std::string_view kHead = "OpusHead";
  const auto at = page.find(kHead);
  if (at == page.npos || page.size() < at + kHead.size() + 4) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(page[at + i]); };
  return std::chrono::nanoseconds((byte(10) | byte(11) << 8) * std::int64_t{1'000'000'000} / 48000);
}

std::size_t packet_size_in(const GstCaps* caps) {
  gint size = 188;
  gst_structure_get_int(gst_caps_get_structure(caps, 0), "packetsize", &size);
  return size == 192 ? 192 : 188;
}

}  // namespace

void StreamUnits::set_caps(const GstCaps* caps, const StreamFormat& format,
                           cast::Broadcaster& broadcaster) {
  knows_caps_ = true;
  if (format.cut != format_.cut) since_access_.reset();
  format_ = format;
  headers_ = headers_in(caps);
  pre_skip_ = headers_.empty() ? Nanoseconds(0) : pre_skip_of(headers_.front());
  packets_ = cast::TsPackets(packet_size_in(caps));
  reset();
  std::string all;
  for (const std::string& one : headers_) all += one;
  if (format.cut == Cut::kFlacFrames) all = cast::native_flac_head(all);
  if (!all.empty()) broadcaster.set_headers(all);
}

void StreamUnits::reset() {
  splitter_.reset();
  packets_.reset();
  wav_.reset();
  fragments_.reset();
  reached_ = GST_CLOCK_TIME_NONE;
}

std::optional<std::string> StreamUnits::push(GstBuffer* buffer, cast::Broadcaster& broadcaster) {
  const gstpp::Map map(buffer, GST_MAP_READ);
  const auto bytes = map.as<const guint8>();
  useless_ += bytes.size();
  if (auto fault = cut(buffer, bytes, broadcaster)) return fault;
  if (useless_ > kMostUseless && format_.cut != Cut::kMp4Fragments)
    return "no packet was found in " + std::to_string(useless_) + " bytes";
  return {};
}

std::optional<std::string> StreamUnits::cut(GstBuffer* buffer, cast::Bytes bytes,
                                            cast::Broadcaster& broadcaster) {
  const auto head = [&](const std::string& text) { broadcaster.set_headers(text); };
  switch (format_.cut) {
    case Cut::kMp3Frames:
      if (GST_BUFFER_IS_DISCONT(buffer)) splitter_.reset();
      push_mp3(pts_of(buffer), bytes, broadcaster);
      return {};
    case Cut::kFlacFrames:
      // The metadata blocks come in the stream too, in the shape of the encoder's choice.
      if (cast::is_flac_frame(bytes))
        append(bytes, time_of(buffer), true, broadcaster, pts_of(buffer));
      else
        strays_ += bytes.size();
      return {};
    case Cut::kTsPackets: {
      if (GST_BUFFER_IS_DISCONT(buffer)) packets_.reset();
      const bool is_delta = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
      waiting_ += time_of(buffer);
      packets_.push(bytes, [&](cast::Bytes packets) {
        append(packets, std::exchange(waiting_, {}), !is_delta, broadcaster);
      });
      return {};
    }
    case Cut::kWavBlocks:
      if (GST_BUFFER_IS_DISCONT(buffer)) wav_.reset();
      if (wav_.push(bytes, {.head = head, .blocks = [&](cast::Bytes blocks, Nanoseconds duration) {
                              append(blocks, duration, true, broadcaster);
                            }}))
        return {};
      return "there is no RIFF header with a chunk fmt before the data";
    case Cut::kMp4Fragments:
      waiting_ += time_of(buffer);
      switch (fragments_.push(bytes, {.head = head, .fragment = [&](cast::Bytes fragment) {
                                        append(fragment, std::exchange(waiting_, {}), true,
                                               broadcaster);
                                      }})) {
        case cast::Mp4Fragments::Found::kGood:
          return {};
        case cast::Mp4Fragments::Found::kNoFragments:
          return "there is no moov with mvex before the media";
        case cast::Mp4Fragments::Found::kNoMp4:
          return "the data are no MP4 boxes of up to 64 MB";
      }
      return {};
    case Cut::kBuffers:
      break;
  }
  return push_buffer(buffer, bytes, broadcaster);
}

std::optional<std::string> StreamUnits::push_buffer(GstBuffer* buffer, cast::Bytes bytes,
                                                    cast::Broadcaster& broadcaster) {
  const bool needs_headers = format_.headers != Headers::kIfAny;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER)) {
    // The headers come in the stream too, where every listener has had them already, or before the
    // caps that repeat them.
    if (is_header(bytes) || (needs_headers && headers_.empty())) return {};
  } else if (needs_headers && headers_.empty()) {
    return "the caps have no streamheader, and data has come";
  }
  append(bytes, time_of(buffer), !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
         broadcaster, pts_of(buffer));
  return {};
}

/// Of the first sample that a decoder puts out. A player that starts in the middle of Ogg Opus
/// drops the pre-skip as at the beginning, where the page's time stamp allows for it.
cast::Pts StreamUnits::pts_of(const GstBuffer* buffer) const {
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return {};
  return Nanoseconds(GST_BUFFER_PTS(buffer)) + (has_begun_ ? pre_skip_ : Nanoseconds(0));
}

/// `pts` is that of the frame that begins in `bytes`, if none has begun before.
void StreamUnits::push_mp3(cast::Pts pts, cast::Bytes bytes, cast::Broadcaster& broadcaster) {
  if (splitter_.is_between_frames()) next_frame_ = pts;
  splitter_.push(bytes, [&](cast::Bytes frame, const cast::Mp3Header& header) {
    useless_ = 0;
    has_begun_ = true;
    if (cast::is_info_frame(frame)) return;
    if (header.bitrate != bitrate_) broadcaster.set_bitrate(bitrate_ = header.bitrate);
    broadcaster.append(frame, header.duration(), true, next_frame_);
    if (next_frame_) *next_frame_ += header.duration();
  });
}

/// A listener may start at a random-access point, or anywhere if there has been none for a while:
/// an audio-only transport stream has none at all.
void StreamUnits::append(cast::Bytes packet, Nanoseconds duration, bool random_access,
                         cast::Broadcaster& broadcaster, cast::Pts pts) {
  useless_ = 0;
  has_begun_ = true;
  const bool may_start = random_access || !since_access_ || *since_access_ >= kLongestWait;
  if (random_access)
    since_access_ = duration;
  else if (since_access_)
    *since_access_ += duration;
  broadcaster.append(packet, duration, may_start, pts);
}

bool StreamUnits::is_header(cast::Bytes bytes) const {
  return std::ranges::any_of(headers_, [&](const std::string& one) {
    return one.size() == bytes.size() && std::memcmp(one.data(), bytes.data(), one.size()) == 0;
  });
}

/// How much farther the stream comes with `buffer`. Streams of several tracks overlap, so that
/// durations do not add up. A stream without timestamps is as long as it takes to arrive.
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

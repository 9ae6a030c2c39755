// SPDX-License-Identifier: Apache-2.0
// An encoded stream as it comes in GstBuffers, cut into the packets that a cast::Broadcaster sends
// and at which a listener can start, with the headers that a listener needs first.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broadcast/stream_format.hpp"
#include "cast/broadcaster.hpp"
#include "cast/mp3_frames.hpp"
#include "cast/mp4_fragments.hpp"
#include "cast/ts_packets.hpp"
#include "cast/wav_blocks.hpp"

namespace infinara {

/// Used by the streaming thread alone.
class StreamUnits {
 public:
  /// Takes over fixed caps. The headers that they bring go to the broadcaster.
  void set_caps(const GstCaps* caps, const StreamFormat& format, cast::Broadcaster& broadcaster);
  bool knows_caps() const { return knows_caps_; }

  /// True once the broadcaster was given a packet.
  bool has_begun() const { return has_begun_; }

  /// Gives the broadcaster all packets that are now complete. Returns why the stream cannot be
  /// served, as a fact for a developer, if its data is not what the caps promised.
  std::optional<std::string> push(GstBuffer* buffer, cast::Broadcaster& broadcaster);
  /// Forgets a part of a packet: what comes next does not continue it.
  void reset();
  /// Bytes so far that belonged to no packet.
  std::uint64_t skipped() const { return splitter_.skipped() + packets_.skipped() + strays_; }

 private:
  using Nanoseconds = std::chrono::nanoseconds;

  std::optional<std::string> cut(GstBuffer* buffer, cast::Bytes bytes,
                                 cast::Broadcaster& broadcaster);
  std::optional<std::string> push_buffer(GstBuffer* buffer, cast::Bytes bytes,
                                         cast::Broadcaster& broadcaster);
  void push_mp3(cast::Pts pts, cast::Bytes bytes, cast::Broadcaster& broadcaster);
  void append(cast::Bytes packet, Nanoseconds duration, bool random_access,
              cast::Broadcaster& broadcaster, cast::Pts pts = {});
  cast::Pts pts_of(const GstBuffer* buffer) const;
  bool is_header(cast::Bytes bytes) const;
  Nanoseconds time_of(const GstBuffer* buffer);

  bool knows_caps_ = false;
  bool has_begun_ = false;
  StreamFormat format_;
  std::vector<std::string> headers_;  // the field `streamheader` of the caps
  cast::Mp3Splitter splitter_;
  cast::TsPackets packets_;
  cast::WavBlocks wav_;
  cast::Mp4Fragments fragments_;
  cast::Pts next_frame_;       // of the next MP3 frame
  Nanoseconds pre_skip_{};     // of Ogg Opus
  std::uint64_t strays_ = 0;   // bytes of FLAC buffers that are no frames
  std::uint64_t useless_ = 0;  // bytes since the last packet
  int bitrate_ = 0;            // kbit/s
  Nanoseconds waiting_{};      // duration of the part of a packet that is here
  /// How much has come since the last random-access point; nothing before the first.
  std::optional<Nanoseconds> since_access_;
  GstClockTime reached_ = GST_CLOCK_TIME_NONE;  // where the stream has come to
  gint64 arrived_ = 0;                          // when, in microseconds
};

}  // namespace infinara

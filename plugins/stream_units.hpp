// SPDX-License-Identifier: Apache-2.0
// An encoded stream as it comes in GstBuffers, cut into the units that a cast::Writer sends: MP3
// into its frames, each other format into its buffers, with its stream headers apart.
#pragma once

#include <gst/gst.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "cast/mp3_frames.hpp"
#include "cast/writer.hpp"

namespace infinara {

/// The MIME type of a stream with these caps.
std::string content_type_of(const GstCaps* caps);

/// The streaming thread's own.
class StreamUnits {
 public:
  void set_caps(const GstCaps* caps);
  bool knows_caps() const { return knows_caps_; }
  /// What a listener needs first: the caps' `streamheader`; empty if there is none.
  std::string headers() const;

  /// Gives the writer all that is now complete.
  void push(GstBuffer* buffer, cast::Writer& writer);
  /// Forgets half a frame: what comes next does not go on from it.
  void reset();
  /// Bytes so far that belonged to nothing.
  std::uint64_t skipped() const { return splitter_.skipped(); }

 private:
  void push_frames(cast::Bytes bytes, cast::Writer& writer);
  bool is_header(cast::Bytes bytes) const;
  std::chrono::nanoseconds time_of(const GstBuffer* buffer);

  bool knows_caps_ = false;
  bool is_mp3_ = false;
  std::vector<std::string> headers_;
  cast::Mp3Splitter splitter_;
  int bitrate_ = 0;
  GstClockTime reached_ = GST_CLOCK_TIME_NONE;  // where the stream has come to
  gint64 arrived_ = 0;                          // when, in microseconds
};

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// Listens to the programme around each join, and measures what the join turned out to be, on a
// thread of GStreamer's.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "gstpp/ref.hpp"
#include "onair/message.hpp"
#include "sound/edit.hpp"

namespace infinara {

/// Keeps 12 s of the programme, or a join with 12 s on either side.
class JoinListener {
 public:
  /// Posts messages of `bin`.
  explicit JoinListener(GstElement& bin) : bin_(bin) {}

  /// On the mixer's thread, each buffer before it goes out.
  void hear(GstBuffer* buffer);
  /// A track leaves another: `join` has its tracks and what is known of their keys. A join that is
  /// still listened to is forgotten.
  void leaves(const sound::Edit& edit, const onair::Join& join);
  /// The track that comes begins.
  void begins(const sound::Edit& edit);
  void clear();

 private:
  struct Heard;
  static void measure(GstElement* bin, gpointer heard);

  GstElement& bin_;
  std::mutex mutex_;  // guards what follows
  std::deque<gstpp::Ref<GstBuffer>> buffers_;
  std::optional<onair::Join> join_;
  sound::Edit leaves_;
};

}  // namespace infinara

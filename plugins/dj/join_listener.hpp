// SPDX-License-Identifier: Apache-2.0
// Listens to the programme around each join, and measures what the join turned out to be.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "gstpp/ref.hpp"
#include "onair/message.hpp"
#include "sound/edit.hpp"

namespace infinara {

/// Keeps 12 s of the programme, or a join with 12 s on either side. A live programme is measured on
/// a thread of GStreamer's, one join at a time: a join that ends while another is measured is left
/// out. Any other is measured on the mixer's thread, so that its memory does not depend on how fast
/// it is made.
class JoinListener {
 public:
  /// Posts messages of `bin`.
  explicit JoinListener(GstElement& bin) : bin_(bin) {}

  /// Before the first buffer.
  void open(bool is_live);
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

  GstElement& bin_;  // lives until all measuring is done
  std::atomic<bool> is_measuring_ = false;
  std::mutex mutex_;  // guards what follows
  bool is_live_ = true;
  std::deque<gstpp::Ref<GstBuffer>> buffers_;
  std::optional<onair::Join> join_;
  sound::Edit leaves_;
};

}  // namespace infinara

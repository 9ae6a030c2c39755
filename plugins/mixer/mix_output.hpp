// SPDX-License-Identifier: Apache-2.0
// The pad src of smoothstepmix and the task on it: frame by frame it takes the programme from the
// shared state and sends it on.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "gstpp/ref.hpp"
#include "mix_clock.hpp"
#include "mix_shared.hpp"

namespace infinara {

class MixOutput {
 public:
  /// Makes `src`, which the element then owns and whose functions it sets.
  MixOutput(GstElement& element, std::shared_ptr<MixShared> shared);

  GstPad* pad() const { return src_; }
  static GstStaticPadTemplate& pad_template();

  // The pad's functions.
  gboolean event(GstEvent* event);
  gboolean query(GstQuery* query);
  gboolean activate(GstPadMode mode, gboolean active);

  // The element's states; each locks the shared state.

  /// READY to PAUSED.
  void start(bool is_live);
  void play();
  void pause();
  /// Before the parent's PAUSED to READY: makes the task return.
  void stop();
  /// After it, when the task has ended.
  void reset();
  /// Sends EOS: live in place of the next frame, else after all that the tracks have given. False
  /// in a state below PAUSED.
  bool end();
  /// Takes a FLUSH_START or FLUSH_STOP that was sent to the element: the task stops, and goes on
  /// with the next frame.
  bool flush(gstpp::Ref<GstEvent> event);

  // With the shared state locked.

  bool is_running() const { return running_; }  // PAUSED or PLAYING
  bool is_live() const { return live_; }
  std::uint64_t late_frames() const { return clock_.late_frames(); }

 private:
  enum class Turn { kGo, kStop, kEnd };
  void loop();
  gboolean start_task();
  Turn await_clock(std::unique_lock<std::mutex>& held);
  Turn fill(std::unique_lock<std::mutex>& held, std::span<std::int16_t> out);
  void await_tracks(std::unique_lock<std::mutex>& held);
  void open_stream();
  void answer_latency(GstQuery* query);
  void push(gstpp::Ref<GstBuffer> buffer);
  void finish();

  GstElement& element_;
  const std::shared_ptr<MixShared> shared_;
  GstPad* src_;

  // Guarded by shared_->lock.
  MixClock clock_;
  bool live_ = true;
  bool running_ = false;
  bool ending_ = false;  // somebody sent EOS to a live programme
  bool flushing_ = false;

  // The task's own.
  bool open_ = false;
  bool has_segment_ = false;
  GstClockTime segment_start_ = 0;
  bool discont_ = true;
  bool tagged_ = false;      // downstream has seen a title
  bool has_warned_ = false;  // that there is no track
};

}  // namespace infinara

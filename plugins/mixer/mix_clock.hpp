// SPDX-License-Identifier: Apache-2.0
// When a frame of the mixer leaves: numbers and stamps all of them, and holds a live mixer's task
// until the next one is due by the element's clock.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <mutex>

#include "mix_shared.hpp"
#include "sound/pace.hpp"

namespace infinara {

/// Used with the shared state locked.
class MixClock {
 public:
  explicit MixClock(GstElement& element) : element_(element) {}

  /// A new programme, which begins with the frame that is due when it is first played.
  void reset();
  /// The running time begins anew: the next frame is the one that is due then.
  void restart() { pace_ = {}; }
  /// The time stamp of the next frame, ns.
  std::int64_t due() const { return pace_.due(); }
  /// Frames fall due in PLAYING only.
  void set_playing(bool playing) { playing_ = playing; }
  /// Of the pipeline, ns: a frame later than this counts as late.
  void set_latency(std::int64_t latency) { latency_ = latency; }
  std::uint64_t late_frames() const { return late_frames_; }

  enum class Decision {
    kDue,     // the next frame may go
    kJumped,  // likewise, but frames before it were left out: they were much too late
    kNotYet   // something has changed, or time has passed: ask again
  };
  /// Waits for the next frame's time, or with the lock released for a change that wakes the task.
  Decision wait(std::unique_lock<std::mutex>& held, MixShared& shared);
  /// Ends a wait for the clock.
  void interrupt();

  /// Gives the next frame its times, and goes on to the one after it.
  void stamp(GstBuffer* frame);

 private:
  GstElement& element_;
  sound::Pace pace_;
  std::uint64_t late_frames_ = 0;
  std::int64_t latency_ = 0;
  bool playing_ = false;
  GstClockID id_ = nullptr;  // what the task waits for
};

}  // namespace infinara

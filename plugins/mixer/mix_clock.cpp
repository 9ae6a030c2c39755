// SPDX-License-Identifier: Apache-2.0
#include "mix_clock.hpp"

#include "gstpp/ref.hpp"
#include "sound/frame.hpp"

namespace infinara {

void MixClock::reset() {
  pace_ = {};
  late_frames_ = 0;
}

MixClock::Decision MixClock::wait(std::unique_lock<std::mutex>& held, MixShared& shared) {
  gstpp::Ref<GstClock> clock;
  if (playing_) clock = gstpp::Ref<GstClock>::adopt(gst_element_get_clock(&element_));
  if (!clock) {
    shared.wake.wait(held);
    return Decision::kNotYet;
  }
  const auto base = gst_element_get_base_time(&element_);
  const auto now = static_cast<std::int64_t>(gst_clock_get_time(clock) - base);
  if (!pace_.is_started()) {
    pace_.start(now);
    shared.mix.set_position(pace_.frame() * sound::kFrame);
  }
  const auto decision = pace_.ask(now);
  if (decision.wait_until < 0) {
    if (decision.left_out > 0) {
      shared.mix.set_position(pace_.frame() * sound::kFrame);
      late_frames_ += static_cast<std::uint64_t>(decision.left_out);
      return Decision::kJumped;
    }
    if (pace_.is_late(now, latency_)) ++late_frames_;
    return Decision::kDue;
  }
  GstClockID id =
      gst_clock_new_single_shot_id(clock, base + static_cast<GstClockTime>(decision.wait_until));
  id_ = id;
  held.unlock();
  gst_clock_id_wait(id, nullptr);
  held.lock();
  id_ = nullptr;
  gst_clock_id_unref(id);
  return Decision::kNotYet;
}

void MixClock::interrupt() {
  if (id_ != nullptr) gst_clock_id_unschedule(id_);
}

void MixClock::stamp(GstBuffer* frame) {
  GST_BUFFER_PTS(frame) = static_cast<GstClockTime>(pace_.due());
  GST_BUFFER_DURATION(frame) = sound::kFrameNs;
  GST_BUFFER_OFFSET(frame) = static_cast<guint64>(pace_.frame() * sound::kFrame);
  GST_BUFFER_OFFSET_END(frame) = GST_BUFFER_OFFSET(frame) + sound::kFrame;
  pace_.advance();
}

}  // namespace infinara

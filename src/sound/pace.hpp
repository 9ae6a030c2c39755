// SPDX-License-Identifier: Apache-2.0
// Which frame leaves when. The frame's number makes its timestamp; the clock only says whether it
// is time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sound/frame.hpp"

namespace infinara::sound {

class Pace {
 public:
  /// Behind by more than this, frames are left out; up to it they are caught up in a burst.
  static constexpr std::int64_t kMostBehindNs = 2'000'000'000;

  struct Decision {
    std::int64_t wait_until;  // running time, ns, if the frame is not due yet; else -1
    std::int64_t left_out;    // frames that were given up just now, by jumping over them
  };

  /// Numbering begins with the frame whose time `now` lies in: it is due at once. Running time, ns.
  void start(std::int64_t now) {
    frame_ = now > 0 ? now / kFrameNs : 0;
    started_ = true;
  }
  bool is_started() const { return started_; }

  /// What to do about the next frame at running time `now`.
  Decision ask(std::int64_t now) {
    if (now < due()) return {due(), 0};
    if (now - due() <= kMostBehindNs) return {-1, 0};
    const auto missed = now / kFrameNs - frame_;
    frame_ += missed;
    return {-1, missed};
  }

  /// The frame has left.
  void advance() { ++frame_; }

  std::int64_t frame() const { return frame_; }
  std::int64_t due() const { return frame_ * kFrameNs; }
  /// Whether the frame leaves so late that the latency does not cover it: one frame, or more where
  /// sinks hold each frame back for longer.
  bool is_late(std::int64_t now, std::int64_t latency = kFrameNs) const {
    return now > due() + std::max(latency, kFrameNs);
  }

 private:
  std::int64_t frame_ = 0;
  bool started_ = false;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// The audition: a finished track is decoded whole and measured before it may go on air. It runs on
// the caller's thread, starts none, opens no file and knows no clock.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "sound/validation.hpp"

namespace infinara {

struct AuditionReport {
  bool ok = false;
  std::string reason{};      // why it is refused: "is 0.1 s long, 60.0 s were ordered"
  std::string media_type{};  // audio/mpeg, audio/x-flac, audio/x-wav or application/ogg
  double duration = 0;       // seconds, decoded
  double loudness_lufs = -70;
  double true_peak_dbtp = -120;
  double head_silence = 0;                 // seconds to leave out at the begin
  double tail_silence = 0;                 // and at the end
  double head_fade = 0;                    // seconds of a fade-in of its own to leave out besides
  double tail_fade = 0;                    // and of its fade-out
  std::vector<sound::Measure> measures{};  // what was looked for, found or not
  double gain_db = 0;  // brings it to the station's loudness, once limited as on air
};

/// Decodes `bytes` and validates them by sound::validate(). Takes about 0.5 s of CPU for three
/// minutes, and some MB of memory whatever the file claims. `cancel`, if given, ends it soon after
/// it becomes true. GStreamer has to be initialised; any thread.
AuditionReport audition(std::span<const std::byte> bytes, const sound::Expected& order,
                        const std::atomic<bool>* cancel = nullptr);

}  // namespace infinara

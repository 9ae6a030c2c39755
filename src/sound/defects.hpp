// SPDX-License-Identifier: Apache-2.0
// The defects that a generated track can have although it decodes: noise, loops, tones, drop-outs,
// clicks, clipping, dead or inverted channels. Each is one measure with one limit; the limits and
// the figures of good and bad tracks are in docs/decisions/audition.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sound/spectrogram.hpp"
#include "sound/waveform.hpp"

namespace infinara::sound {

enum class Defect {
  kOneSided,    // one channel is silent
  kOutOfPhase,  // the channels cancel each other in mono
  kWhistle,     // a line above all else
  kTone,        // one steady tone
  kLoop,
  kNoise,
  kDropOut,  // cut to silence and back
  kPulse,    // the samples stand still far from zero
  kClipped,
  kClick,
};

std::string_view name_of(Defect defect);

/// One measure of one track.
struct Measure {
  Defect defect = Defect::kNoise;
  /// How far the figure is past its limit: 1 and more is refused, 0.5 is twice as good as need be.
  double severity = 0;
  double figure = 0;  // in the unit that `reason` names
  double limit = 0;
  double at = 0;         // seconds; where it is worst, or first
  std::string reason{};  // "clicks 12 times, first at 3.8 s: …"; what a refusal says
};

/// Listens to a whole track. About 2 ms of CPU and 60 KB of memory a second of stereo at 48 kHz.
class DefectFinder {
 public:
  /// `rate`: 8000 to 192000. `channels`: 1 or 2.
  DefectFinder(int rate, int channels) : spectrogram_(rate, channels), waveform_(rate, channels) {}

  /// Interleaved samples, full scale 1, finite, whole frames.
  void listen(std::span<const float> samples) {
    spectrogram_.listen(samples);
    waveform_.listen(samples);
  }

  /// All measures, in the order in which a track is refused for them.
  std::vector<Measure> measures() const;
  /// The longest time between sounds of at least `level` (dBFS RMS of 5 ms), and where it begins.
  Waveform::Gap longest_gap(double level) const { return waveform_.longest_gap(level); }

 private:
  Spectrogram spectrogram_;
  Waveform waveform_;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// Whether a track plays the same again and again: where it comes closest to what it was 5 to 10 s
// before. A loop of 0.1 to 10 s has a multiple of its length in that range.
#pragma once

#include "sound/spectrogram.hpp"
#include "sound/waveform.hpp"

namespace infinara::sound {

struct Repetition {
  double lag = 0;          // seconds
  double at = 0;           // seconds: where the first of the two like stretches begins
  double length = 0;       // seconds of each
  double change = 99;      // dB, the mean difference of the bands that sound
  double correlation = 0;  // of the samples, at the best lag within 30 ms of this one
};

/// About 1 ms of CPU a second of track.
Repetition find_repetition(const Spectrogram& spectrogram, const Waveform& waveform);

}  // namespace infinara::sound

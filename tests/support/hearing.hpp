// SPDX-License-Identifier: Apache-2.0
// Measures what a listener would say of a finished track, in its samples alone.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace infinara::hearing {

/// 16-bit stereo at 48 kHz, interleaved.
using Pcm = std::span<const std::int16_t>;

/// Decibels of a power; 0 dB is full scale.
double db(double power);
/// Mean square of both channels, full scale 1.
double power(Pcm pcm);

/// The share of the energy that lies below 120 Hz.
double low_share(Pcm pcm);

struct Width {
  double correlation = 1;  // of left and right, -1 … 1
  double fold_loss = 0;    // dB that are lost when both are mixed to one
};
Width width(Pcm pcm);

/// How strongly each of the 12 pitch classes sounds, from C; the sum is 1.
using Chroma = std::array<double, 12>;
/// From 55 Hz to 1 kHz: above, overtones sound more than notes, and lie a fifth too high.
Chroma chroma(Pcm pcm);
/// The major scale that holds most of it, as the pitch class of its tonic.
int major_scale(const Chroma& chroma);
/// How many fifths lie between two pitch classes, 0 … 6.
int fifths_apart(int a, int b);

/// How well onsets repeat at a tempo.
class Pulse {
 public:
  explicit Pulse(Pcm pcm);
  /// The mean correlation of the onsets with themselves, 1 to 8 beats later; 0 is none.
  double strength(double bpm) const;
  /// The strongest tempo of this range, to 0.1 %.
  double strongest(double low, double high) const;

 private:
  std::vector<double> correlation_;  // by lag in hops
};

/// How alike the sound is `bars` bars later (spectrum and rhythm), 0 … 1: a loop of that length
/// comes near 1.
double repetition(Pcm pcm, double bar_seconds, int bars);

}  // namespace infinara::hearing

// SPDX-License-Identifier: Apache-2.0
// A look-ahead true-peak limiter. No sample leaves it above its ceiling, and no true peak more than
// kTruePeakToleranceDb above it. Signals below the ceiling pass unchanged, bit for bit, except
// while the gain recovers.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace infinara::sound {

/// The ceiling on air, dB of full scale: so far below what is allowed, -1.5, that Opus at 128
/// kbit/s makes no more than -1 of it.
inline constexpr double kCeilingDb = -2.3;

/// How far a true peak may rise above the ceiling, dB: while the gain moves, the twelve samples
/// that draw a peak do not all have the same one. Measured: 0.008 at most, on noise, steps and
/// patterns made to be the worst.
inline constexpr double kTruePeakToleranceDb = 0.02;

class Limiter {
 public:
  /// `channels`: 1 or 2, interleaved and limited together.
  Limiter(int rate, int channels, double ceiling_db = kCeilingDb);

  /// Limits in place; what comes out is what went in delay() samples a channel before.
  void process(std::span<float> samples);
  /// Samples a channel by which it delays; silence comes out first.
  std::size_t delay() const { return delay_; }
  /// The least gain that a peak has asked for so far. 1: none was above the ceiling.
  float least_gain() const { return least_gain_; }

 private:
  void find_needs(std::size_t frames);
  void limit(std::span<float> samples);
  void pass(std::span<float> samples);
  float least_ahead(float need);

  const std::size_t channels_;
  const float ceiling_;
  const std::size_t ramp_;   // samples over which the gain comes down
  const std::size_t ahead_;  // samples over which it is held down: the ramp and a peak's twelve
  const std::size_t delay_;
  const float release_;  // the share of the way back in one sample

  std::vector<float> line_;   // delay_ frames that were, then the block that is
  std::vector<float> needs_;  // of each frame of the block: the gain that its gap allows
  // The least need of the last ahead_ samples: a queue of falling candidates.
  struct Candidate {
    std::size_t when;
    float need;
  };
  std::vector<Candidate> candidates_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t now_ = 0;

  float held_ = 1;
  std::vector<float> held_before_;  // a ring of ramp_, whose mean is the gain
  std::size_t at_ = 0;
  double sum_;
  std::size_t at_rest_ = 0;  // samples that were held at a gain of 1, up to now
  float least_gain_ = 1;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// A limiter that looks ahead: no peak leaves it above its ceiling, not between the samples either,
// and what is below passes bit for bit but for the gain's slow return.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace infinara::sound {

/// The ceiling on air, dB of full scale: 0.5 dB below what is allowed, for the encoders after it.
inline constexpr double kCeilingDb = -2;

class Limiter {
 public:
  /// `channels`: 1 or 2, interleaved and limited together.
  Limiter(int rate, int channels, double ceiling_db = kCeilingDb);

  /// Limits in place; what comes out is what went in delay() samples a channel before.
  void process(std::span<float> samples);
  /// Samples a channel by which it delays; silence comes out first.
  std::size_t delay() const { return delay_; }
  /// The least gain that it has applied so far, as a factor.
  float least_gain() const { return least_gain_; }

 private:
  float need_at(const float* frames) const;
  float least_ahead(float need);

  const std::size_t channels_;
  const float ceiling_;
  const std::size_t ahead_;  // samples over which the gain comes down
  const std::size_t delay_;
  const float release_;  // the share of the way back in one sample

  std::vector<float> line_;  // delay_ frames that were, then the block that is
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
  std::vector<float> held_before_;  // a ring of ahead_, whose mean is the gain
  std::size_t at_ = 0;
  double sum_;
  float least_gain_ = 1;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// The loudness controller: brings a track to -16 LUFS while it is being rendered.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "band/block.hpp"
#include "sound/k_weighting.hpp"

namespace infinara::band {

/// A hop: 100 ms.
inline constexpr int kHopBlocks = 75;
static_assert(kHopBlocks * kBlock * 10 == sound::kRate);

/// K-weighted power by ITU-R BS.1770-4, a hop at a time.
class LoudnessMeter {
 public:
  /// True when a hop is complete; power() is its mean square then.
  bool listen(const Stereo& block);
  double power() const { return power_; }

 private:
  std::array<sound::KWeighting, 2> sides_;
  double sum_ = 0, power_ = 0;
  int blocks_ = 0;
};

/// Steers the gain so that the whole track is as loud as it should be. It hears the mix 1.5 s
/// before it leaves and knows how lively each moment is meant to be: what is quiet because it shall
/// be stays so, and only what the whole is off by is made good, slowly.
class LoudnessController {
 public:
  /// `energy`: 0 … 1, of each 100 ms of the track.
  LoudnessController(std::span<const float> energy, double db_per_energy);
  /// The next 100 ms of the mix, K-weighted mean square.
  void hear(double power);
  /// Gain in dB for the hop that leaves the look-ahead now; called once a hop.
  double next_gain();

 private:
  double expected(std::size_t hop) const { return hop < shape_.size() ? shape_[hop] : 1; }
  double predicted_db() const;

  std::vector<double> shape_;  // power that each hop is meant to have, of the mean of all
  std::vector<double> rest_;   // sum of shape_ from here on
  std::vector<float> heard_;   // powers of 400 ms, before gain, dB
  std::array<double, 4> last_{};
  double base_sum_ = 0, base_count_ = 0;  // of what was heard, as if all were equally lively
  std::size_t leaving_ = 0;
  double done_sum_ = 0;  // of what has left, after gain, gated
  int done_ = 0;
  double gain_db_ = 0;
};

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// What can be read off samples as they go by: levels, peaks, and the signs of a broken file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/true_peak.hpp"

namespace infinara::sound {

class Meter {
 public:
  /// `channels`: 1 or 2.
  Meter(int rate, int channels);

  /// Interleaved samples, full scale 1, whole frames.
  void listen(std::span<const float> samples);

  double seconds() const;
  std::uint64_t frames() const { return frames_; }
  /// dBFS RMS of each 100 ms of all channels together, the last one perhaps shorter; -120 at least.
  std::vector<float> levels() const;
  double rms_db() const;
  double peak_db() const;
  /// The true peak, dBTP: exactly what the filter of sound/true_peak draws, within 0.01 dB of
  /// libebur128's. Sees all but the last kPeakAfter samples; silence after the end shows them.
  double true_peak_db() const;
  /// The largest mean of a channel, of full scale.
  double offset() const;
  /// Samples that are NaN or infinite.
  std::uint64_t not_numbers() const { return not_numbers_; }
  /// The share of samples that stand at full scale, three and more in a row.
  double clipped() const;

 private:
  static constexpr std::size_t kHistory = kPeakBefore + kPeakAfter - 1;
  struct Channel {
    std::vector<float> line;  // kHistory samples that were, then the block that is
    double sum = 0;
    std::uint64_t clipped = 0;
    std::uint64_t run = 0;
  };
  void listen(Channel& channel);

  const int rate_;
  const std::size_t channels_;
  const std::uint64_t window_;  // frames in 100 ms
  std::array<Channel, 2> sides_;
  std::vector<float> levels_;
  double window_sum_ = 0;
  std::uint64_t window_frames_ = 0;
  double square_sum_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t not_numbers_ = 0;
  float peak_ = 0;
  float true_peak_ = 0;
};

}  // namespace infinara::sound

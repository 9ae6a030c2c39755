// SPDX-License-Identifier: Apache-2.0
// What the samples themselves tell of a track as they go by: its channels every 5 ms, the clicks in
// it, and how many samples stand at its peak.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace infinara::sound {

class Waveform {
 public:
  /// One step. Of one channel, both sides are the same.
  struct Step {
    std::array<float, 2> square{};  // mean square
    std::array<float, 2> mean{};    // direct current
    float product = 0;              // mean of left times right
  };

  /// A peak of the second difference that stands alone; not one where sound begins or ends.
  struct Click {
    float height = 0;  // of full scale, of the second difference
    float above = 0;   // the ratio of its height to the RMS around it
    double at = 0;     // seconds
  };

  /// `channels`: 1 or 2.
  Waveform(int rate, int channels);

  /// Interleaved samples, full scale 1, whole frames.
  void listen(std::span<const float> samples);

  const std::vector<Step>& steps() const { return steps_; }
  /// 5 ms, to a whole number of samples.
  double step_seconds() const { return static_cast<double>(step_) / rate_; }
  const std::vector<Click>& clicks() const { return clicks_; }
  struct Gap {
    double seconds = 0;
    double at = 0;
  };
  /// The longest time between sounds of at least `level` (dBFS RMS of 5 ms), and where it begins.
  Gap longest_gap(double level) const;
  /// The share of samples that stand still, three and more in a row, within 5 % of the peak.
  double clipped() const;
  /// Both channels as one with thin_rate() samples a second: each the mean of some.
  const std::vector<float>& thin() const { return thin_; }
  double thin_rate() const { return static_cast<double>(rate_) / static_cast<double>(thinning_); }

 private:
  /// 1 ms of a channel.
  struct Block {
    float highest = 0;  // of the second difference
    float square = 0;   // sum of it
    float power = 0;    // sum of the samples' squares
  };
  static constexpr std::size_t kAround = 10;  // blocks on each side
  static constexpr std::size_t kRing = 2 * kAround + 1;
  struct Channel {
    float last = 0;
    float before = 0;
    double square = 0;
    double sum = 0;
    Block block;
    std::array<Block, kRing> ring{};
    std::uint32_t still = 0;                     // samples in a row that hardly differ
    std::array<std::uint32_t, 4096> still_at{};  // how many such there are at each height
  };
  void end_step();
  void end_blocks();

  const int rate_;
  const std::size_t channels_;
  const std::size_t step_;   // frames
  const std::size_t block_;  // frames
  std::array<Channel, 2> sides_;
  float peak_ = 0;
  double product_ = 0;
  const std::size_t thinning_;
  double thin_sum_ = 0;
  std::size_t in_thin_ = 0;
  std::vector<float> thin_;
  std::size_t in_step_ = 0;
  std::size_t in_block_ = 0;
  std::uint64_t frames_ = 0;
  std::size_t blocks_ = 0;
  std::vector<Step> steps_;
  std::vector<Click> clicks_;
};

}  // namespace infinara::sound

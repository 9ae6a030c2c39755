// SPDX-License-Identifier: Apache-2.0
// The spectrum of a track as it goes by: in frames of about 85 ms, every 43 ms, the level and the
// flatness of 24 bands.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "sound/fft.hpp"

namespace infinara::sound {

class Spectrogram {
 public:
  static constexpr std::size_t kBands = 24;
  static constexpr double kStretch = 5;  // seconds; a steady tone shows in two of them

  /// Of one band in one frame; both are of one channel.
  struct Cell {
    float power = 0;  // mean of its bins' power
    float log2 = 0;   // mean of the binary logarithms of its bins' power
  };

  /// `rate`: 8000 to 192000. `channels`: 1 or 2.
  Spectrogram(int rate, int channels);

  /// Interleaved samples, full scale 1, whole frames.
  void listen(std::span<const float> samples);

  std::size_t frames() const { return frames_; }
  std::size_t channels() const { return channels_; }
  double frame_seconds() const { return static_cast<double>(hop_) / rate_; }
  const Cell& cell(std::size_t frame, std::size_t channel, std::size_t band) const {
    return cells_[(frame * channels_ + channel) * kBands + band];
  }
  /// The share of a frame's power that lies in its strongest line (four bins), and where.
  struct Line {
    float share = 0;
    float hertz = 0;
  };
  const Line& line(std::size_t frame) const { return lines_[frame]; }
  /// How many bins a band has.
  std::size_t width(std::size_t band) const { return edges_[band + 1] - edges_[band]; }
  /// The share of the power that lies in eight bins, for each kStretch and the one before it.
  const std::vector<float>& tone_shares() const { return tone_shares_; }

 private:
  void take_frame();

  const int rate_;
  const std::size_t channels_;
  Fft fft_;
  const std::size_t hop_;
  std::vector<float> window_;
  std::array<std::size_t, kBands + 1> edges_{};  // bins
  std::vector<float> waiting_;                   // interleaved
  std::size_t frames_ = 0;
  std::vector<Cell> cells_;
  std::vector<Line> lines_;
  std::vector<float> real_;
  std::vector<float> imaginary_;
  std::array<std::vector<float>, 2> powers_;
  std::vector<double> stretch_;  // power of each bin
  std::vector<double> last_stretch_;
  std::size_t stretch_frames_ = 0;
  std::vector<float> tone_shares_;
};

}  // namespace infinara::sound

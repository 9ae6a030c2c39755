// SPDX-License-Identifier: Apache-2.0
// A track in three bands, each with a gain of its own: low below 250 Hz, high above 2 kHz, mid
// between them. Linear phase: the filters look as far ahead as back, so nothing is late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/fade.hpp"
#include "sound/fifo.hpp"
#include "sound/frame.hpp"

namespace infinara::sound {

/// A fade and its sample that is next; negative before it.
struct RunningFade {
  Fade fade{};
  std::int64_t at = 0;

  double gain() const { return fade.gain(at); }
  std::int64_t left() const { return fade.is_over(at) ? 0 : fade.length - at; }
};

/// What is below 2 kHz of a track and what of that is below 250 Hz, at 12 kHz, kPiece samples at a
/// time. The high band is what is missing of the track, the mid band the difference of the two.
class BandSplit {
 public:
  static constexpr std::int64_t kPiece = kFrame;
  static constexpr std::int64_t kBefore = 1840;  // samples before the first piece that count
  static constexpr std::int64_t kAhead = 1040;   // samples after a piece that count

  BandSplit();

  /// Goes on to the next piece, which begins `from` samples behind the first that the FIFO holds;
  /// what it does not hold is silence. Call it with pieces that follow each other.
  void next(const Fifo& fifo, std::int64_t from);

  /// sum[k] += what becomes of `in`, samples of the piece from its `first` one on, with these
  /// gains. Where the three are equal that is `in` times the gain, without a rounding more than
  /// that.
  void add(std::span<float> sum, std::span<const std::int16_t> in, std::int64_t first,
           const RunningFade& low, const RunningFade& mid, const RunningFade& high) const;

  /// The mean squares of the low, mid and high band of `in`, the whole piece.
  std::array<double, 3> powers(std::span<const std::int16_t> in) const;

 private:
  static constexpr std::size_t kDown = 4;  // from 48 to 12 kHz
  static constexpr std::size_t kPairs = static_cast<std::size_t>(kPiece) / kDown;  // in a piece
  static constexpr std::size_t kSlow = kPairs / 8;                                 // at 1.5 kHz
  static constexpr std::size_t kBodyPast = 260, kLowPast = 8, kSlowPast = 48, kWorkPast = 8;

  void push(const std::int16_t* samples);

  // Interleaved stereo; the newest values last.
  std::array<std::vector<float>, kDown> phases_;  // of the samples, one in four each
  std::vector<float> body_;                       // below 2 kHz
  std::vector<float> slow_;                       // the same at 1.5 kHz
  std::vector<float> bass_;                       // of it what is below 250 Hz
  std::vector<float> low_;                        // at 12 kHz again
  bool begun_ = false;
};

}  // namespace infinara::sound

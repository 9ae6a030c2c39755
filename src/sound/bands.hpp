// SPDX-License-Identifier: Apache-2.0
// A track in bands, each with a gain of its own: low below 250 Hz, high above 2 kHz, mid between
// them. Linear phase: the filters look as far ahead as back, so nothing is late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sound/fade.hpp"
#include "sound/fifo.hpp"
#include "sound/frame.hpp"
#include "sound/lowpass.hpp"

namespace infinara::sound {

/// A fade and its sample that is next; negative before it.
struct RunningFade {
  Fade fade{};
  std::int64_t at = 0;

  double gain() const { return fade.gain(at); }
  std::int64_t left() const { return fade.is_over(at) ? 0 : fade.length - at; }
  friend bool operator==(const RunningFade&, const RunningFade&) = default;
};

/// A track kPiece samples at a time, in two bands or three that sum to it.
class BandSplit {
 public:
  static constexpr std::int64_t kPiece = kFrame;
  static constexpr std::int64_t kBefore = kPiece;  // samples before the first piece that count
  static constexpr std::int64_t kAhead = kPiece;   // samples after a piece that count

  /// The high band costs as much again, so it is a part of the mid one unless it is to be apart.
  explicit BandSplit(bool high_apart);
  bool has_high() const { return high_.has_value(); }

  /// Goes on to the next piece, which begins `from` samples behind the first that the FIFO holds;
  /// what it does not hold is silence. Call it with pieces that follow each other.
  void next(const Fifo& fifo, std::int64_t from);

  /// sum[k] += what becomes of the samples of the piece from its `first` one on, with these gains.
  /// Where all are equal that is each sample times the gain, without a rounding more than that.
  /// `high` counts only if that band is apart.
  void add(std::span<float> sum, std::int64_t first, const RunningFade& low, const RunningFade& mid,
           const RunningFade& high) const;

 private:
  using Piece = std::array<float, kFrameValues>;
  struct High {
    Line body;  // below 2 kHz, at 12 kHz
    Piece band{};
  };
  void push(const Fifo& fifo, std::int64_t from);

  Line samples_;  // the piece is the older half
  Line slow_;     // below 650 Hz, at 1.5 kHz
  Line bass_;     // of it what is below 250 Hz
  Piece low_{}, mid_{};
  std::optional<High> high_;
  bool begun_ = false;
};

}  // namespace infinara::sound

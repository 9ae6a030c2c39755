// SPDX-License-Identifier: Apache-2.0
// Low-pass filters of linear phase for interleaved stereo, which need less work the fewer values
// they keep. A pair is a value for the left and one for the right channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace infinara::sound {

/// The newest pairs of a stream, in one piece.
class Line {
 public:
  /// Keeps `past` pairs beside `fresh` ones that come at a time.
  Line(std::size_t past, std::size_t fresh);

  /// Forgets as many as come. Returns where to write them.
  float* advance();
  /// The oldest pair but so many.
  const float* at(std::size_t pair) const { return values_.data() + begin_ + 2 * pair; }

 private:
  std::size_t past_, fresh_, begin_ = 0;  // values
  std::vector<float> values_;             // with room, so that few of them are moved
};

void to_floats(std::span<const std::int16_t> in, float* out);

/// Filters and keeps one pair in `step`.
class Decimator {
 public:
  /// `half` taps before and behind the middle one. The gain is 1 at 0 Hz and a half at `cutoff`, a
  /// share of the rate of what comes in; Blackman's window.
  Decimator(int half, double cutoff, std::size_t step);

  /// Writes so many pairs. `in` begins `half` pairs before the place of the first one, in a Line.
  void run(const float* in, float* out, std::size_t pairs) const;

 private:
  std::vector<float> taps_;  // for left and right, zeros behind
  std::size_t step_;
};

/// Puts kStep - 1 pairs after each one and filters.
template <std::size_t kStep>
class Interpolator {
 public:
  /// The pairs of `in` that one of them needs before and behind it.
  static constexpr int kBefore = 3, kBehind = 4;
  /// `half` is below 4 kStep; the cutoff as above, a share of the rate of what comes out.
  Interpolator(int half, double cutoff);

  /// Writes kStep times so many pairs, the first of which is at the place of a pair of `in`: that
  /// which is kBefore behind the first.
  void run(const float* in, float* out, std::size_t pairs) const;

 private:
  std::vector<float> taps_;  // in the order in which they are used
};

extern template class Interpolator<4>;
extern template class Interpolator<32>;

}  // namespace infinara::sound

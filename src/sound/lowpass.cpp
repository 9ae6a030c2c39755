// SPDX-License-Identifier: Apache-2.0
// Built as fade.cpp is: vector code, and the same bits on every machine.
#include "sound/lowpass.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "sound/wide.hpp"

namespace infinara::sound {
namespace {

constexpr std::size_t kLane = 8;  // floats in a vector
constexpr std::size_t kFreshInLine = 4;
constexpr std::size_t kTurn = 4 * kLane;  // that a decimator sums in one turn
using Lane = float __attribute__((vector_size(kLane * sizeof(float))));
using PairLane = double __attribute__((vector_size(kLane * sizeof(float))));

/// A sinc under Blackman's window; the taps sum to 1.
std::vector<double> lowpass(int half, double cutoff) {
  std::vector<double> taps;
  double sum = 0;
  for (int j = -half; j <= half; ++j) {
    const double x = 2 * cutoff * j * std::numbers::pi;
    const double turn = std::numbers::pi * j / (half + 1);
    const double window = 0.42 + 0.5 * std::cos(turn) + 0.08 * std::cos(2 * turn);
    taps.push_back((j == 0 ? 1 : std::sin(x) / x) * window);
    sum += taps.back();
  }
  for (double& tap : taps) tap /= sum;
  return taps;
}

/// sum += eight values times eight taps.
[[gnu::always_inline]] inline void add_times(Lane& sum, const float* values, const float* taps) {
  Lane lane, by;
  std::memcpy(&lane, values, sizeof lane);
  std::memcpy(&by, taps, sizeof by);
  sum += lane * by;
}

INFINARA_WIDE void convert(const std::int16_t* __restrict in, float* __restrict out, int count) {
  for (int k = 0; k < count; ++k) out[k] = in[k];
}

INFINARA_WIDE void decimate(const float* in, float* out, const float* taps, std::size_t count,
                            std::size_t step, std::size_t pairs) {
  for (std::size_t r = 0; r < pairs; ++r, in += 2 * step) {
    Lane a{}, b{}, c{}, d{};
    for (std::size_t k = 0; k < count; k += kTurn) {
      add_times(a, in + k, taps + k);
      add_times(b, in + k + kLane, taps + k + kLane);
      add_times(c, in + k + 2 * kLane, taps + k + 2 * kLane);
      add_times(d, in + k + 3 * kLane, taps + k + 3 * kLane);
    }
    a = (a + b) + (c + d);
    out[2 * r] = (a[0] + a[2]) + (a[4] + a[6]);
    out[2 * r + 1] = (a[1] + a[3]) + (a[5] + a[7]);
  }
}

/// For each pair of `in` kLanes vectors, each the sum of kTaps pairs from there times the taps.
template <std::size_t kLanes, std::size_t kTaps>
[[gnu::always_inline]] inline void interpolate(const float* in, float* out, const float* taps,
                                               std::size_t pairs) {
  for (std::size_t r = 0; r < pairs; ++r, in += 2, out += kLanes * kLane) {
    Lane sums[kLanes] = {};
    for (std::size_t k = 0; k < kTaps; ++k) {
      double pair;
      std::memcpy(&pair, in + 2 * k, sizeof pair);
      const PairLane pairs_of_it = {pair, pair, pair, pair};
      Lane lane;
      std::memcpy(&lane, &pairs_of_it, sizeof lane);
      for (std::size_t i = 0; i < kLanes; ++i) {
        Lane by;
        std::memcpy(&by, taps + (k * kLanes + i) * kLane, sizeof by);
        sums[i] += lane * by;
      }
    }
    std::memcpy(out, sums, sizeof sums);
  }
}

INFINARA_WIDE void interpolate_by_4(const float* in, float* out, const float* taps,
                                    std::size_t pairs) {
  interpolate<1, 8>(in, out, taps, pairs);
}

INFINARA_WIDE void interpolate_by_32(const float* in, float* out, const float* taps,
                                     std::size_t pairs) {
  interpolate<8, 8>(in, out, taps, pairs);
}

}  // namespace

Line::Line(std::size_t past, std::size_t fresh)
    : past_(2 * past), fresh_(2 * fresh), values_(past_ + kFreshInLine * fresh_ + kTurn) {}

float* Line::advance() {
  begin_ += fresh_;
  if (begin_ + past_ + fresh_ + kTurn > values_.size()) {
    std::copy_n(values_.data() + begin_, past_, values_.data());
    begin_ = 0;
  }
  return values_.data() + begin_ + past_;
}

void to_floats(std::span<const std::int16_t> in, float* out) {
  convert(in.data(), out, static_cast<int>(in.size()));
}

Decimator::Decimator(int half, double cutoff, std::size_t step) : step_(step) {
  for (const double tap : lowpass(half, cutoff))
    taps_.insert(taps_.end(), 2, static_cast<float>(tap));
  taps_.resize((taps_.size() + kTurn - 1) / kTurn * kTurn);
}

void Decimator::run(const float* in, float* out, std::size_t pairs) const {
  decimate(in, out, taps_.data(), taps_.size(), step_, pairs);
}

template <std::size_t kStep>
Interpolator<kStep>::Interpolator(int half, double cutoff) {
  const auto taps = lowpass(half, cutoff);
  for (int pair = -kBefore; pair <= kBehind; ++pair)
    for (int place = 0; place < static_cast<int>(kStep); ++place) {
      const int away = place - static_cast<int>(kStep) * pair;
      const double tap =
          std::abs(away) <= half ? kStep * taps[static_cast<std::size_t>(away + half)] : 0;
      taps_.insert(taps_.end(), 2, static_cast<float>(tap));
    }
}

template <std::size_t kStep>
void Interpolator<kStep>::run(const float* in, float* out, std::size_t pairs) const {
  if constexpr (kStep == 4)
    interpolate_by_4(in, out, taps_.data(), pairs);
  else
    interpolate_by_32(in, out, taps_.data(), pairs);
}

template class Interpolator<4>;
template class Interpolator<32>;

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// Built as fade.cpp is: vector code, and the same bits on every machine.
#include "sound/bands.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "sound/wide.hpp"

namespace infinara::sound {
namespace {

constexpr int kHalfBody = 16;    // of the filter between 48 and 12 kHz, taps on each side
constexpr int kHalfMiddle = 32;  // between 12 and 1.5 kHz
constexpr int kHalfBass = 24;    // at 1.5 kHz
constexpr int kBodyStep = 4, kMiddleStep = 8;

constexpr int kLane = 8;                  // floats in a vector
constexpr std::size_t kTile = 4 * kLane;  // what a filter makes at once
using Lane = float __attribute__((vector_size(kLane * sizeof(float))));

struct Lowpass {
  /// A lowpass whose gain is a half at this share of the sampling rate; the taps sum to 1.
  Lowpass(int half, double cutoff) : taps(static_cast<std::size_t>(2 * half + 1)) {
    double sum = 0;
    std::vector<double> exact(taps.size());
    for (int j = -half; j <= half; ++j) {
      const double x = 2 * cutoff * j * std::numbers::pi;
      const double turn = std::numbers::pi * j / (half + 1);
      const double window = 0.42 + 0.5 * std::cos(turn) + 0.08 * std::cos(2 * turn);
      double& tap = exact[static_cast<std::size_t>(j + half)];
      tap = (j == 0 ? 1 : std::sin(x) / x) * window;
      sum += tap;
    }
    std::ranges::transform(exact, taps.begin(),
                           [sum](double x) { return static_cast<float>(x / sum); });
  }
  std::vector<float> taps;
};

const float* body_taps() {
  static const Lowpass made(kHalfBody, 2500.0 / kRate);
  return made.taps.data() + kHalfBody;
}

const float* middle_taps() {
  static const Lowpass made(kHalfMiddle, 650.0 * kBodyStep / kRate);
  return made.taps.data() + kHalfMiddle;
}

/// For left and right, with zeros behind.
constexpr std::size_t kTwice = 144;
static_assert(kTwice >= 2 * (2 * kHalfMiddle + 1) && kTwice % (2 * kLane) == 0);

const float* middle_taps_twice() {
  static const auto made = [] {
    std::array<float, kTwice> taps{};
    for (std::size_t k = 0; k < 2 * (2 * kHalfMiddle + 1); ++k)
      taps[k] = middle_taps()[static_cast<int>(k / 2) - kHalfMiddle];
    return taps;
  }();
  return made.data();
}

const float* bass_taps() {
  static const Lowpass made(kHalfBass, 250.0 * kBodyStep * kMiddleStep / kRate);
  return made.taps.data() + kHalfBass;
}

/// sum += eight values times a tap, or times eight taps.
inline void add_times(Lane& sum, const float* values, float tap) {
  Lane lane;
  std::memcpy(&lane, values, sizeof lane);
  sum += lane * tap;
}

inline void add_times(Lane& sum, const float* values, const float* taps) {
  Lane lane, by;
  std::memcpy(&lane, values, sizeof lane);
  std::memcpy(&by, taps, sizeof by);
  sum += lane * by;
}

/// A tile of a sum of rows, each times a tap: rows(j) is where the one of tap j begins.
template <class Rows>
inline void sum_tile(float* out, const float* taps, int first, int last, int step, Rows rows) {
  Lane a{}, b{}, c{}, d{};
  for (int j = first; j <= last; j += step) {
    const float* x = rows(j);
    const float tap = taps[j];
    add_times(a, x, tap);
    add_times(b, x + kLane, tap);
    add_times(c, x + 2 * kLane, tap);
    add_times(d, x + 3 * kLane, tap);
  }
  std::memcpy(out, &a, sizeof a);
  std::memcpy(out + kLane, &b, sizeof b);
  std::memcpy(out + 2 * kLane, &c, sizeof c);
  std::memcpy(out + 3 * kLane, &d, sizeof d);
}

/// Every fourth sample into a row of its own, as floats.
INFINARA_WIDE void part(const std::int16_t* __restrict in, float* __restrict a, float* __restrict b,
                        float* __restrict c, float* __restrict d, int pairs) {
  for (int m = 0; m < pairs; ++m)
    for (int channel = 0; channel < 2; ++channel) {
      a[2 * m + channel] = in[8 * m + channel];
      b[2 * m + channel] = in[8 * m + 2 + channel];
      c[2 * m + channel] = in[8 * m + 4 + channel];
      d[2 * m + channel] = in[8 * m + 6 + channel];
    }
}

/// `phases` begin four pairs before what the first value is made of.
INFINARA_WIDE void to_body(const float* const* phases, float* out, const float* taps,
                           std::size_t values) {
  for (std::size_t k = 0; k < values; k += kTile)
    sum_tile(out + k, taps, -kHalfBody, kHalfBody, 1,
             [&](int j) { return phases[j & (kBodyStep - 1)] + 2 * (4 + (j >> 2)) + k; });
}

/// One pair for eight; `in` begins kHalfMiddle pairs before the first, and each tap is there twice.
INFINARA_WIDE void to_slow(const float* in, float* out, const float* twice, std::size_t pairs) {
  for (std::size_t r = 0; r < pairs; ++r, in += 2 * kMiddleStep) {
    Lane a{}, b{};
    for (std::size_t k = 0; k < kTwice; k += 2 * kLane) {
      add_times(a, in + k, twice + k);
      add_times(b, in + k + kLane, twice + k + kLane);
    }
    a += b;
    out[2 * r] = (a[0] + a[2]) + (a[4] + a[6]);
    out[2 * r + 1] = (a[1] + a[3]) + (a[5] + a[7]);
  }
}

/// `in` begins kHalfBass pairs before the first; rounded up to whole tiles.
INFINARA_WIDE void to_bass(const float* in, float* out, const float* taps, std::size_t values) {
  for (std::size_t k = 0; k < values; k += kTile)
    sum_tile(out + k, taps, -kHalfBass, kHalfBass, 1,
             [&](int j) { return in + 2 * (kHalfBass + j) + k; });
}

/// Eight pairs for one; `in` begins four pairs before that which the first ones are around.
INFINARA_WIDE void to_low(const float* in, float* out, const float* taps, std::size_t pairs) {
  constexpr std::size_t kRow = 2 * kTile;
  float row[kRow] = {};
  for (int p = 0; p < kMiddleStep; ++p) {
    for (std::size_t k = 0; k < 2 * pairs; k += kTile)
      sum_tile(row + k, taps, p - kHalfMiddle, kHalfMiddle, kMiddleStep,
               [&](int j) { return in + 2 * (4 - (j - p) / kMiddleStep) + k; });
    for (std::size_t r = 0; r < pairs; ++r)
      for (std::size_t c = 0; c < 2; ++c)
        out[2 * (r * kMiddleStep + static_cast<std::size_t>(p)) + c] = kMiddleStep * row[2 * r + c];
  }
}

/// The gain of every fourth sample of a fade, twice each: left and right.
INFINARA_WIDE void smooth_gains(float* __restrict out, int pairs, float from, float way, float step,
                                int at) {
  for (int k = 0; k < 2 * pairs; ++k) {
    float t = (static_cast<float>(at + kBodyStep * (k >> 1)) + 0.5F) * step;
    t = t < 0.0F ? 0.0F : t;
    t = t > 1.0F ? 1.0F : t;
    out[k] = from + way * (t * t * (3.0F - 2.0F * t));
  }
}

void fast_gains(float* out, std::size_t pairs, const RunningFade& running, std::int64_t at) {
  const Fade& fade = running.fade;
  at += running.at;
  const auto last = at + kBodyStep * static_cast<std::int64_t>(pairs);
  if (at >= fade.length || last <= 0) {
    std::fill_n(out, 2 * pairs, last <= 0 && fade.length > 0 ? fade.from : fade.to);
  } else if (fade.curve == Curve::kSmoothstep) {
    smooth_gains(out, static_cast<int>(pairs), fade.from, fade.to - fade.from,
                 1.0F / static_cast<float>(fade.length), static_cast<int>(at));
  } else {
    for (std::size_t m = 0; m < pairs; ++m, at += kBodyStep)
      out[2 * m] = out[2 * m + 1] = static_cast<float>(fade.gain(at));
  }
}

INFINARA_WIDE void weigh(float* __restrict out, const float* __restrict body,
                         const float* __restrict bass, const float* __restrict low,
                         const float* __restrict mid, const float* __restrict high, int values) {
  for (int k = 0; k < values; ++k)
    out[k] = (mid[k] - high[k]) * body[k] + (low[k] - mid[k]) * bass[k];
}

/// The sum of the squares.
template <class T>
inline double square_sum(const T* in, std::size_t count) {
  float sums[kLane] = {};
  std::size_t k = 0;
  for (; k + kLane <= count; k += kLane)
    for (std::size_t lane = 0; lane < kLane; ++lane) {
      const auto x = static_cast<float>(in[k + lane]);
      sums[lane] += x * x;
    }
  double sum = 0;
  for (; k < count; ++k) sum += static_cast<double>(in[k]) * static_cast<double>(in[k]);
  for (const float one : sums) sum += static_cast<double>(one);
  return sum;
}

INFINARA_WIDE double square(const float* in, std::size_t count) {
  return square_sum(in, count);
}

INFINARA_WIDE double square(const std::int16_t* in, std::size_t count) {
  return square_sum(in, count);
}

/// Four pairs for one, in rows of one in four; `in` begins four pairs before that which the first
/// ones are around.
INFINARA_WIDE void to_samples(const float* in, float* rows, std::size_t row, const float* taps,
                              std::size_t values) {
  for (int p = 0; p < kBodyStep; ++p)
    for (std::size_t k = 0; k < values; k += kTile)
      sum_tile(rows + static_cast<std::size_t>(p) * row + k, taps, p - kHalfBody, kHalfBody,
               kBodyStep, [&](int j) { return in + 2 * (4 - (j - p) / kBodyStep) + k; });
}

INFINARA_WIDE void add_rows(float* __restrict sum, const float* __restrict rows, int row,
                            int pairs) {
  for (int m = 0; m < pairs; ++m)
    for (int p = 0; p < kBodyStep; ++p)
      for (int c = 0; c < 2; ++c)
        sum[2 * (kBodyStep * m + p) + c] += kBodyStep * rows[p * row + 2 * m + c];
}

}  // namespace

// With T samples pushed, a multiple of kPiece, the lines end at these places: phases_ at T, body_
// at T - 16, slow_ at T - 128, bass_ at T - 896, low_ at T - 1024; the piece is T - 2000 … T -
// 1040.
BandSplit::BandSplit() {
  for (auto& phase : phases_) phase.assign(2 * (8 + kPairs), 0);
  body_.assign(2 * (kBodyPast + kPairs) + kTile, 0);
  slow_.assign(2 * (kSlowPast + kSlow) + kTile, 0);
  bass_.assign(2 * (kWorkPast + kSlow) + kTile, 0);
  low_.assign(2 * (kLowPast + kPairs), 0);
}

void BandSplit::push(const std::int16_t* samples) {
  const auto move = [](std::vector<float>& line, std::size_t past, std::size_t fresh) {
    std::copy_n(line.begin() + static_cast<std::ptrdiff_t>(2 * fresh), 2 * past, line.begin());
    return line.data() + 2 * past;
  };
  std::array<float*, kDown> fresh;
  for (std::size_t p = 0; p < kDown; ++p) fresh[p] = move(phases_[p], 8, kPairs);
  part(samples, fresh[0], fresh[1], fresh[2], fresh[3], static_cast<int>(kPairs));
  const std::array<const float*, kDown> phases{phases_[0].data(), phases_[1].data(),
                                               phases_[2].data(), phases_[3].data()};
  to_body(phases.data(), move(body_, kBodyPast, kPairs), body_taps(), 2 * kPairs);
  to_slow(body_.data() + std::size_t{2} * 200, move(slow_, kSlowPast, kSlow), middle_taps_twice(),
          kSlow);
  to_bass(slow_.data(), move(bass_, kWorkPast, kSlow), bass_taps(), 2 * kSlow);
  to_low(bass_.data(), move(low_, kLowPast, kPairs), middle_taps(), kSlow);
}

void BandSplit::next(const Fifo& fifo, std::int64_t from) {
  std::array<std::int16_t, kFrameValues> samples;
  for (auto at = begun_ ? kAhead : -kBefore; at <= kAhead; at += kPiece) {
    fifo.peek(from + at, samples);
    push(samples.data());
  }
  begun_ = true;
}

void BandSplit::add(std::span<float> sum, std::span<const std::int16_t> in, std::int64_t first,
                    const RunningFade& low, const RunningFade& mid, const RunningFade& high) const {
  constexpr std::size_t kMost = 2 * (kLowPast + kPairs) + kTile;
  add_faded(sum, in, high.fade, high.at);
  const auto offset = static_cast<std::size_t>(first) / kDown;
  const auto end = (static_cast<std::size_t>(first) + in.size() / 2 + kDown - 1) / kDown;
  const auto pairs = end - offset;
  const auto work = pairs + kLowPast;
  const auto at = 4 * static_cast<std::int64_t>(offset) - 16 - first;
  std::array<float, kMost> gains_low, gains_mid, gains_high, weighed{};
  fast_gains(gains_low.data(), work, low, at);
  fast_gains(gains_mid.data(), work, mid, at);
  fast_gains(gains_high.data(), work, high, at);
  weigh(weighed.data(), body_.data() + 2 * offset, low_.data() + 2 * offset, gains_low.data(),
        gains_mid.data(), gains_high.data(), static_cast<int>(2 * work));
  std::array<float, kDown * kMost> rows;
  to_samples(weighed.data(), rows.data(), kMost, body_taps(), 2 * pairs);
  if (first % std::int64_t{kDown} == 0 && in.size() / 2 % kDown == 0) {
    add_rows(sum.data(), rows.data(), static_cast<int>(kMost), static_cast<int>(pairs));
    return;
  }
  for (std::size_t k = 0; k < in.size(); ++k) {
    const auto sample = static_cast<std::size_t>(first) + k / 2;
    sum[k] += kDown * rows[sample % kDown * kMost + 2 * (sample / kDown - offset) + k % 2];
  }
}

std::array<double, 3> BandSplit::powers(std::span<const std::int16_t> in) const {
  const float* body = body_.data() + 2 * std::size_t{4};
  const float* bass = low_.data() + 2 * std::size_t{4};
  const double low = square(bass, 2 * kPairs) / (2 * kPairs);
  const double below = square(body, 2 * kPairs) / (2 * kPairs);
  const double all = square(in.data(), in.size()) / static_cast<double>(in.size());
  return {low, std::max(below - low, 0.0), std::max(all - below, 0.0)};
}

}  // namespace infinara::sound

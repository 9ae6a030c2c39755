// SPDX-License-Identifier: Apache-2.0
// Built with -O3 and without contraction to fused operations (see meson.build): the loops below
// become vector code, and give the same bits on every machine.
#include "sound/fade.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "sound/wide.hpp"

namespace infinara::sound {
namespace {

/// The share of the way from `from` to `to` that is covered at t.
struct Smoothstep {
  static float at(float t) { return t * t * (3.0F - 2.0F * t); }
};

struct Linear {
  static float at(float t) { return t; }
};

/// sin(πt/2) for t in 0…1 by its series; the first term left out is below 6e-8.
inline float quarter_sine(float t) {
  const float x = t * (std::numbers::pi_v<float> / 2);
  const float y = x * x;
  return x * (1.0F + y * (-1.0F / 6 +
                          y * (1.0F / 120 +
                               y * (-1.0F / 5040 + y * (1.0F / 362880 + y * (-1.0F / 39916800))))));
}

struct RisingSine {
  static float at(float t) { return quarter_sine(t); }
};

struct FallingSine {
  static float at(float t) { return 1.0F - quarter_sine(1.0F - t); }
};

template <class Shape, class In>
[[gnu::always_inline]] inline void add_shaped(float* __restrict sum, const In* __restrict in,
                                              int count, const Fade& fade, std::int64_t at) {
  const float from = fade.from;
  const float way = fade.to - fade.from;
  const float step = 1.0F / static_cast<float>(fade.length);
  const int first = static_cast<int>(at);
  for (int k = 0; k < count; ++k) {
    const float t = (static_cast<float>(first + (k >> 1)) + 0.5F) * step;
    sum[k] += (from + way * Shape::at(t)) * static_cast<float>(in[k]);
  }
}

template <class In>
[[gnu::always_inline]] inline void add_by_curve(float* sum, const In* in, int count,
                                                const Fade& fade, std::int64_t at) {
  switch (fade.curve) {
    case Curve::kSmoothstep:
      return add_shaped<Smoothstep>(sum, in, count, fade, at);
    case Curve::kLinear:
      return add_shaped<Linear>(sum, in, count, fade, at);
    case Curve::kEqualPower:
      if (fade.to > fade.from) return add_shaped<RisingSine>(sum, in, count, fade, at);
      return add_shaped<FallingSine>(sum, in, count, fade, at);
  }
}

template <class In>
[[gnu::always_inline]] inline void add_scaled(float* __restrict sum, const In* __restrict in,
                                              int count, float gain) {
  for (int k = 0; k < count; ++k) sum[k] += gain * static_cast<float>(in[k]);
}

INFINARA_WIDE void add_moving(float* sum, const std::int16_t* in, int count, const Fade& fade,
                              std::int64_t at) {
  add_by_curve(sum, in, count, fade, at);
}

INFINARA_WIDE void add_moving(float* sum, const float* in, int count, const Fade& fade,
                              std::int64_t at) {
  add_by_curve(sum, in, count, fade, at);
}

INFINARA_WIDE void add_at(float* sum, const std::int16_t* in, int count, float gain) {
  add_scaled(sum, in, count, gain);
}

INFINARA_WIDE void add_at(float* sum, const float* in, int count, float gain) {
  add_scaled(sum, in, count, gain);
}

INFINARA_WIDE void round(const float* __restrict from, std::int16_t* __restrict to, int count) {
  // Adding and taking away 1.5 * 2^23 leaves no bits for a fraction: rounding without a branch.
  constexpr float kRounder = 12582912.0F;
  for (int k = 0; k < count; ++k) {
    float x = from[k];
    x = x < -32768.0F ? -32768.0F : x;
    x = x > 32767.0F ? 32767.0F : x;
    to[k] = static_cast<std::int16_t>(static_cast<std::int32_t>((x + kRounder) - kRounder));
  }
}

}  // namespace

const char* name_of(Curve curve) {
  switch (curve) {
    case Curve::kSmoothstep:
      return "smoothstep";
    case Curve::kEqualPower:
      return "equal-power";
    case Curve::kLinear:
      break;
  }
  return "linear";
}

std::optional<Curve> curve_of(std::string_view name) {
  for (const auto curve : {Curve::kSmoothstep, Curve::kEqualPower, Curve::kLinear})
    if (name == name_of(curve)) return curve;
  return std::nullopt;
}

double Fade::gain(std::int64_t at) const {
  if (is_over(at)) return to;
  if (at < 0) return from;
  const double t = (static_cast<double>(at) + 0.5) / static_cast<double>(length);
  double share = t;
  if (curve == Curve::kSmoothstep) share = t * t * (3 - 2 * t);
  if (curve == Curve::kEqualPower) {
    const double quarter = std::numbers::pi / 2;
    share = to > from ? std::sin(quarter * t) : 1 - std::cos(quarter * t);
  }
  return from + (static_cast<double>(to) - from) * share;
}

namespace {

template <class In>
void add_faded_of(std::span<float> sum, std::span<const In> in, const Fade& fade, std::int64_t at) {
  assert(sum.size() == in.size() && fade.length <= kLongestFade);
  const auto add_still = [&](std::size_t count, float gain) {
    if (gain != 0) add_at(sum.data(), in.data(), static_cast<int>(count), gain);
    sum = sum.subspan(count);
    in = in.subspan(count);
  };
  if (at < 0) {
    add_still(std::min(in.size(), static_cast<std::size_t>(-at) * 2), fade.from);
    at = 0;
  }
  const auto left = fade.is_over(at) ? 0 : fade.length - at;
  if (const auto moving = std::min(in.size(), static_cast<std::size_t>(left) * 2); moving > 0) {
    add_moving(sum.data(), in.data(), static_cast<int>(moving), fade, at);
    sum = sum.subspan(moving);
    in = in.subspan(moving);
  }
  add_still(in.size(), fade.to);
}

}  // namespace

void add_faded(std::span<float> sum, std::span<const std::int16_t> in, const Fade& fade,
               std::int64_t at) {
  add_faded_of(sum, in, fade, at);
}

void add_faded(std::span<float> sum, std::span<const float> in, const Fade& fade, std::int64_t at) {
  add_faded_of(sum, in, fade, at);
}

void to_pcm(std::span<const float> sum, std::span<std::int16_t> out) {
  assert(sum.size() == out.size());
  round(sum.data(), out.data(), static_cast<int>(out.size()));
}

}  // namespace infinara::sound

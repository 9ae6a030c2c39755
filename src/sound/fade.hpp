// SPDX-License-Identifier: Apache-2.0
// Fades: the shape of a gain over time, and the kernels that apply it to 16-bit stereo and sum the
// result with one rounding.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace infinara::sound {

/// How a gain moves from 0 to 1 over t = 0…1.
enum class Curve {
  kSmoothstep,  // 3t²-2t³ on amplitude; two fades that cross sum to 1, so equal tracks never clip
  kEqualPower,  // sin(πt/2); two unrelated tracks keep their loudness, equal ones peak 3 dB higher
  kLinear       // t
};

/// What people call it, such as "equal-power".
const char* name_of(Curve curve);
/// Nothing, if no curve has this name.
std::optional<Curve> curve_of(std::string_view name);

/// The longest fade in samples: below it every index is exact in a float (2^23, 174 s).
inline constexpr std::int64_t kLongestFade = 1 << 23;

/// A gain that goes from `from` to `to` over `length` samples and stays there; a length of 0 is
/// there already. Sample i of the fade has t = (i + 0.5) / length; before it, at negative places,
/// the gain is `from`.
struct Fade {
  Curve curve = Curve::kSmoothstep;
  float from = 1;
  float to = 1;
  std::int64_t length = 0;  // samples, at most kLongestFade

  bool is_over(std::int64_t at) const { return at >= length; }
  friend bool operator==(const Fade&, const Fade&) = default;
  /// The gain of sample `at`, in double precision: the reference of the kernels.
  double gain(std::int64_t at) const;
};

/// sum[k] += in[k] * gain of sample (at + k/2). Spans are interleaved stereo of equal size. What is
/// computed for a sample depends on its index alone, so any split into calls gives the same bits.
void add_faded(std::span<float> sum, std::span<const std::int16_t> in, const Fade& fade,
               std::int64_t at);
void add_faded(std::span<float> sum, std::span<const float> in, const Fade& fade, std::int64_t at);

/// out[k] = sum[k] rounded to nearest (ties to even), saturated to 16 bit.
void to_pcm(std::span<const float> sum, std::span<std::int16_t> out);

}  // namespace infinara::sound

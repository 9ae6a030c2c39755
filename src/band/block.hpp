// SPDX-License-Identifier: Apache-2.0
// The unit in which the band renders: 64 stereo samples. Notes begin at its borders (1.3 ms).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "sound/frame.hpp"

namespace infinara::band {

inline constexpr int kBlock = 64;
inline constexpr float kRateF = sound::kRate;
using Mono = std::array<float, kBlock>;

struct Stereo {
  Mono left{}, right{};

  void clear() { *this = Stereo{}; }
  void add(const Stereo& other, float gain) {
    for (std::size_t i = 0; i < kBlock; ++i) {
      left[i] += other.left[i] * gain;
      right[i] += other.right[i] * gain;
    }
  }
};

inline float from_db(double db) {
  return static_cast<float>(std::pow(10.0, db / 20));
}

/// A soft ceiling, as of tape and valves: odd, slope 1 at 0, never beyond -1 … 1.
inline float soft_clip(float x) {
  const float y = std::clamp(x, -3.0F, 3.0F);
  return y * (27 + y * y) / (27 + 9 * y * y);
}

/// Denormal numbers are a hundred times slower than others: none while this lives.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  std::uint64_t before_;
};

}  // namespace infinara::band

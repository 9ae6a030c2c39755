// SPDX-License-Identifier: Apache-2.0
// Steps that hard starts and ends would make, taken back sample by sample, so that nothing clicks.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sound/frame.hpp"

namespace infinara::sound {

class Ramps {
 public:
  /// The sum jumps by minus `height` at the next sample: that much is added there, and less and
  /// less over kRamp samples. What is below half a step of 16 bits is let be.
  void add(const std::array<float, kChannels>& height);
  /// Adds what is due to the next samples, interleaved stereo.
  void add_to(std::span<float> sum);

  bool empty() const { return ramps_.empty(); }
  void clear() { ramps_.clear(); }

 private:
  struct Ramp {
    std::array<float, kChannels> height;
    std::int64_t at = 0;
  };
  std::vector<Ramp> ramps_;
};

}  // namespace infinara::sound

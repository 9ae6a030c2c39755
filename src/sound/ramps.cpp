// SPDX-License-Identifier: Apache-2.0
#include "sound/ramps.hpp"

#include <algorithm>
#include <cmath>

#include "sound/fade.hpp"
#include "sound/join.hpp"

namespace infinara::sound {

void Ramps::add(const std::array<float, kChannels>& height) {
  if (std::ranges::any_of(height, [](float x) { return std::abs(x) >= 0.5F; }))
    ramps_.push_back({height});
}

void Ramps::add_to(std::span<float> sum) {
  const Fade fall{Curve::kSmoothstep, 1, 0, kRamp};
  for (Ramp& ramp : ramps_)
    for (std::size_t k = 0; k < sum.size() && ramp.at < kRamp; k += kChannels, ++ramp.at)
      for (std::size_t c = 0; c < kChannels; ++c)
        sum[k + c] += static_cast<float>(fall.gain(ramp.at)) * ramp.height[c];
  std::erase_if(ramps_, [](const Ramp& ramp) { return ramp.at >= kRamp; });
}

}  // namespace infinara::sound

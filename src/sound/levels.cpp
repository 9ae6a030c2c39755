// SPDX-License-Identifier: Apache-2.0
#include "sound/levels.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sound/frame.hpp"

namespace infinara::sound {

static_assert(kBandStep == kFrame);

BandPowers powers_of(BandSplit& bands, const Fifo& fifo, std::int64_t from) {
  constexpr BandPowers kWeights = {0.8, 1.0, 2.0};  // about those of ITU-R BS.1770
  std::array<std::int16_t, kFrameValues> samples;
  bands.next(fifo, from);
  fifo.peek(from, samples);
  auto powers = bands.powers(samples);
  for (std::size_t band = 0; band < 3; ++band) powers[band] *= kWeights[band];
  return powers;
}

std::vector<double> levels_of(std::span<const double> powers) {
  constexpr std::size_t kWindow = 20;  // steps in 400 ms
  std::vector<double> levels;
  for (std::size_t at = 0; at + kWindow <= powers.size(); at += kBetweenWindows) {
    const auto window = powers.subspan(at, kWindow);
    const double power = std::accumulate(window.begin(), window.end(), 0.0) / kWindow;
    levels.push_back(10 * std::log10(std::max(power, 1.0)));
  }
  return levels;
}

double middle_of(std::vector<double> all) {
  const auto middle = all.begin() + std::ssize(all) / 2;
  std::ranges::nth_element(all, middle);
  return *middle;
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/join_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "sound/beats.hpp"
#include "sound/k_weighting.hpp"
#include "sound/levels.hpp"

namespace infinara::sound {
namespace {

constexpr std::int64_t kTenth = kRate / 10;
constexpr double kBeatIsThere = 0.2;  // confidence

/// LUFS of windows of 400 ms, ten a second.
std::vector<double> loudness_over(std::span<const std::int16_t> samples) {
  std::array<KWeighting, kChannels> filters;
  std::vector<double> tenths;
  double sum = 0;
  for (std::size_t k = 0; k + 1 < samples.size(); k += 2) {
    for (std::size_t c = 0; c < 2; ++c) {
      const double x = filters[c].process(samples[k + c] / 32768.0);
      sum += x * x;
    }
    if ((k / 2 + 1) % static_cast<std::size_t>(kTenth) == 0) {
      tenths.push_back(sum / kTenth);
      sum = 0;
    }
  }
  std::vector<double> all;
  for (std::size_t i = 0; i + 4 <= tenths.size(); ++i)
    all.push_back(
        -0.691 +
        10 * std::log10((tenths[i] + tenths[i + 1] + tenths[i + 2] + tenths[i + 3]) / 4 + 1e-7));
  return all;
}

/// The beats of a side that begins at `from`: near those that are planned, if they are heard there.
std::optional<Grid> beats_of(std::span<const std::int16_t> side, std::int64_t from,
                             const Grid& planned) {
  BeatFinder finder;
  finder.listen(side);
  if (planned.beat > 0) {
    const double first = planned.first_downbeat - static_cast<double>(from);
    if (const auto late = finder.lateness(first, planned.beat))
      return Grid{planned.first_downbeat + *late, planned.beat};
  }
  const auto found = finder.head();
  if (!found || found->confidence < kBeatIsThere) return std::nullopt;
  auto grid = found->grid;
  grid.first_downbeat += static_cast<double>(from);
  return grid;
}

}  // namespace

JoinFigures figures_of_join(std::span<const std::int16_t> programme, std::int64_t begin,
                            std::int64_t end, double beat) {
  const auto part = [&](std::int64_t from, std::int64_t to) {
    const auto size = static_cast<std::int64_t>(programme.size()) / kChannels;
    from = std::clamp<std::int64_t>(from, 0, size);
    to = std::clamp(to, from, size);
    return programme.subspan(static_cast<std::size_t>(from) * kChannels,
                             static_cast<std::size_t>(to - from) * kChannels);
  };
  const auto from = std::max<std::int64_t>(begin - kSideOfJoin, 0);
  const auto before = part(from, begin), after = part(end, end + kSideOfJoin);
  const auto one = loudness_over(before), other = loudness_over(after);
  const auto within = loudness_over(part(begin, end));
  JoinFigures figures;
  if (!one.empty() && !other.empty() && !within.empty()) {
    const double a = middle_of(one), b = middle_of(other);
    figures.dip = *std::ranges::min_element(within) - std::min(a, b);
    figures.rise = *std::ranges::max_element(within) - std::max(a, b);
  }
  const Grid planned{static_cast<double>(end), beat};
  const auto out = beats_of(before, from, planned), in = beats_of(after, end, planned);
  if (out && in) {
    const double middle = static_cast<double>(begin + end) / 2;
    const auto nearest = [middle](const Grid& grid) {
      return grid.first_downbeat +
             std::round((middle - grid.first_downbeat) / grid.beat) * grid.beat;
    };
    // Which beats are heard as the half ones may differ: half a beat apart is none.
    const double half = std::min(out->beat, in->beat) / 2;
    const double apart = nearest(*out) - nearest(*in);
    figures.beats_apart = std::abs(apart - std::round(apart / half) * half) / kRate * 1000;
  }
  return figures;
}

}  // namespace infinara::sound

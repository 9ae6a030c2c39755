// SPDX-License-Identifier: Apache-2.0
#include "sound/handover.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include "sound/fade.hpp"

namespace infinara::sound {
namespace {

constexpr std::size_t kLoudWindow = 20;  // power steps in 400 ms
constexpr std::size_t kApart = 5;        // from one window to the next
constexpr double kLouder = 1.5;          // dB that a join may be above its tracks
constexpr double kAside = 0.02;          // cost of a bar line beside the middle
constexpr std::array kShares = {kOpenShare, 0.7, 0.6, 0.5, 0.9, 1.0};

double power_db(double power) {
  return 10 * std::log10(std::max(power, 1.0));
}

/// dB of windows of 400 ms.
std::vector<double> levels_of(std::span<const double> powers) {
  std::vector<double> levels;
  for (std::size_t at = 0; at + kLoudWindow <= powers.size(); at += kApart)
    levels.push_back(power_db(
        std::accumulate(powers.begin() + static_cast<std::ptrdiff_t>(at),
                        powers.begin() + static_cast<std::ptrdiff_t>(at + kLoudWindow), 0.0) /
        kLoudWindow));
  return levels;
}

double median_level(std::vector<double> all) {
  const auto middle = all.begin() + std::ssize(all) / 2;
  std::ranges::nth_element(all, middle);
  return *middle;
}

double gain_at(const GainMove& move, bool comes, std::int64_t at) {
  return Fade{move.curve, comes ? 0.0F : 1.0F, comes ? 1.0F : 0.0F, move.length}.gain(at -
                                                                                      move.delay);
}

std::vector<double> mixed(const Join& join, std::span<const BandPowers> leaving,
                          std::span<const BandPowers> entering) {
  std::vector<double> powers(std::min(leaving.size(), entering.size()));
  const auto add = [&](std::span<const BandPowers> track, const GainMove& mid,
                       const BandMoves& bands, bool comes) {
    for (std::size_t i = 0; i < powers.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i) * kBandStep + kBandStep / 2;
      const std::array<double, 3> gains = {gain_at(bands.low, comes, at), gain_at(mid, comes, at),
                                           gain_at(bands.high, comes, at)};
      for (std::size_t band = 0; band < 3; ++band)
        powers[i] += gains[band] * gains[band] * track[i][band];
    }
  };
  add(leaving, join.leaves, *join.leaving_bands, false);
  add(entering, join.enters, *join.entering_bands, true);
  return powers;
}

}  // namespace

Join with_handover(Join join, double bar, double line, double share) {
  const auto all = join.leaves.delay + join.leaves.length;
  const auto span = std::min(std::llround(bar), static_cast<long long>(all));
  const auto begin =
      std::clamp(std::llround((line - 0.5) * bar), 0LL, static_cast<long long>(all) - span);
  join = with_share(join, share);
  const auto moves = std::llround(kOpenShare * static_cast<double>(span));
  const auto curve = join.leaves.curve;
  join.leaving_bands = {{moves, curve, begin + span - moves}, join.leaves};
  join.entering_bands = {{moves, curve, begin}, join.enters};
  return join;
}

HandoverSearch::HandoverSearch(const Join& join, std::vector<BandPowers> leaving,
                               std::vector<BandPowers> entering)
    : join_(join),
      bar_(static_cast<double>(join.leaves.delay + join.leaves.length) / join.bars),
      leaving_(std::move(leaving)),
      entering_(std::move(entering)),
      best_(with_handover(join, bar_, join.bars > 1 ? join.bars / 2 : 0.5, kOpenShare)),
      least_(std::numeric_limits<double>::infinity()) {
  const auto own = [](std::span<const BandPowers> track) {
    std::vector<double> powers;
    for (const BandPowers& one : track) powers.push_back(one[0] + one[1] + one[2]);
    return levels_of(powers);
  };
  const auto out = own(leaving_), in = own(entering_);
  if (out.empty() || in.empty()) return;
  floor_ = std::min(median_level(out), median_level(in));
  top_ = std::max(*std::ranges::max_element(out), *std::ranges::max_element(in)) + kLouder;
  count_ = std::ssize(kShares) * std::max(join.bars - 1, 1U);
}

void HandoverSearch::try_next() {
  if (left() == 0) return;
  const auto line = tried_ / std::ssize(kShares) + 1;
  const double share = kShares.at(static_cast<std::size_t>(tried_++ % std::ssize(kShares)));
  const double middle = join_.bars / 2.0;
  const double place = join_.bars > 1 ? static_cast<double>(line) : middle;
  const Join tried = with_handover(join_, bar_, place, share);
  const double cost = kAside * std::abs(place - middle) + cost_of(tried);
  if (cost >= least_) return;
  least_ = cost;
  best_ = tried;
}

/// How far its loudness is from that of the tracks.
double HandoverSearch::cost_of(const Join& tried) const {
  double cost = 0;
  for (const double level : levels_of(mixed(tried, leaving_, entering_)))
    cost += std::pow(std::max(floor_ - level, 0.0), 2) + std::pow(std::max(level - top_, 0.0), 2);
  return cost;
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/handover.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "sound/fade.hpp"

namespace infinara::sound {
namespace {

constexpr double kLouder = 1.5;   // dB that a join may be above its tracks
constexpr double kLifted = 2;     // dB that it is to be above the quieter track, if it can
constexpr double kAside = 0.02;   // cost of a bar line beside the middle
constexpr double kOverlap = 0.2;  // cost of a share of 0 in place of 1
constexpr std::array kShares = {0.2, 0.35, 0.5, 0.6, 0.7, kOpenShare, 0.9, 1.0};

/// The power of both tracks together when their gains move so, `leaving` and `entering` being
/// theirs alone.
std::vector<double> mixed(const GainMove& leaves, std::span<const double> leaving,
                          const GainMove& enters, std::span<const double> entering) {
  const Fade out{leaves.curve, 1, 0, leaves.length}, in{enters.curve, 0, 1, enters.length};
  std::vector<double> powers(leaving.size());
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i) * kBandStep + kBandStep / 2;
    const double from = out.gain(at - leaves.delay), to = in.gain(at - enters.delay);
    powers[i] = from * from * leaving[i] + to * to * entering[i];
  }
  return powers;
}

}  // namespace

Join with_handover(Join join, double bar, double line, double share) {
  const auto all = join.leaves.delay + join.leaves.length;
  const auto span = std::min(std::llround(bar), static_cast<long long>(all));
  const auto begin =
      std::clamp(std::llround((line - 0.5) * bar), 0LL, static_cast<long long>(all) - span);
  join = with_share(join, share);
  // Where the other bands sum to 1, since more would be too high, so does this one.
  const auto moves = std::llround((share < 1 ? kOpenShare : 1) * static_cast<double>(span));
  const auto curve = join.leaves.curve;
  join.leaving_bands = {{moves, curve, begin + span - moves}, join.leaves};
  join.entering_bands = {{moves, curve, begin}, join.enters};
  return join;
}

HandoverSearch::HandoverSearch(const Join& join, const JoinPowers& powers)
    : join_(join), bar_(static_cast<double>(join.leaves.delay + join.leaves.length) / join.bars) {
  const auto steps = std::min(powers.leaving.size(), powers.entering.size());
  const auto apart = [steps](std::span<const BandPowers> track) {
    Powers apart;
    for (const BandPowers& one : track.first(steps)) {
      apart.low.push_back(one[0]);
      apart.rest.push_back(one[1] + one[2]);
    }
    return apart;
  };
  leaving_ = apart(powers.leaving);
  entering_ = apart(powers.entering);
  const auto own = [](std::span<const BandPowers> track) {
    std::vector<double> powers;
    for (const BandPowers& one : track) powers.push_back(one[0] + one[1] + one[2]);
    return levels_of(powers);
  };
  const auto out = own(powers.leaving), in = own(powers.entering);
  if (out.empty() || in.empty()) return;
  const auto [quieter, louder] = std::minmax({middle_of(out), middle_of(in)});
  floor_ = std::min(quieter + kLifted, louder);
  top_ = std::max(*std::ranges::max_element(out), *std::ranges::max_element(in)) + kLouder;
  count_ = std::ssize(kShares) * std::max(join.bars - 1, 1U);
}

void HandoverSearch::try_next() {
  if (left() == 0) return;
  const auto line = tried_ / std::ssize(kShares) + 1;
  const auto which = static_cast<std::size_t>(tried_++ % std::ssize(kShares));
  const double share = kShares.at(which);
  const double middle = join_.bars / 2.0;
  const double place = join_.bars > 1 ? static_cast<double>(line) : middle;
  const Join tried = with_handover(join_, bar_, place, share);
  // The mid and high gains depend on the share alone. The low ones depend on the bar line, and on
  // the share only where gains sum to 1.
  if (which == rest_.size())
    rest_.push_back(mixed(tried.leaves, leaving_.rest, tried.enters, entering_.rest));
  const std::pair low_moves(tried.leaving_bands->low, tried.entering_bands->low);
  if (low_.empty() || low_moves != low_moves_) {
    low_moves_ = low_moves;
    low_ = mixed(low_moves.first, leaving_.low, low_moves.second, entering_.low);
  }
  const double cost =
      kAside * std::abs(place - middle) + kOverlap * (1 - share) + cost_of(rest_[which]);
  if (which == best_.size())
    best_.push_back({share, tried, cost});
  else if (cost < best_[which].cost)
    best_[which] = {share, tried, cost};
}

std::vector<Join> HandoverSearch::ranked() const {
  std::vector<Join> joins;
  for (auto from = best_.begin(); from != best_.end();) {
    const auto best = std::ranges::min_element(from, best_.end(), {}, &Tried::cost);
    joins.push_back(best->join);
    from = best + 1;
  }
  if (joins.empty()) {
    const unsigned half = join_.bars / 2;
    joins.push_back(with_handover(join_, bar_, half > 0 ? half : 0.5, kOpenShare));
  }
  return joins;
}

/// How far its loudness is from that of the tracks: one deep dip is worse than many shallow ones.
double HandoverSearch::cost_of(std::span<const double> rest) const {
  std::vector<double> powers(low_);
  for (std::size_t i = 0; i < powers.size(); ++i) powers[i] += rest[i];
  double cost = 0;
  for (const double level : levels_of(powers))
    cost += std::pow(std::max({floor_ - level, level - top_, 0.0}), 4);
  return cost;
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// The details of a planned join, chosen from how loud both tracks are in each band: where the bass
// is handed over, and how far the other bands overlap.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "sound/join.hpp"
#include "sound/levels.hpp"

namespace infinara::sound {

/// The join with its low band handed over within one bar around this one of its bar lines, counted
/// from 0 at its begin. The other bands move over `share` of it each.
Join with_handover(Join join, double bar, double line, double share);

/// Looks for the join of `join.bars` bars whose loudness stays nearest to that of the tracks: over
/// all bar lines within it, and shares down to 1/5, where both are heard in full in the middle.
class HandoverSearch {
 public:
  HandoverSearch(const Join& join, const JoinPowers& powers);

  /// So many joins are still to be tried.
  std::int64_t left() const { return count_ - tried_; }
  /// Tries the next one, if one is left.
  void try_next();
  /// The best of those tried, then the best of those whose gains overlap less than these, and so
  /// on.
  std::vector<Join> ranked() const;

 private:
  /// Of one track, step by step.
  struct Powers {
    std::vector<double> low, rest;
  };
  double cost_of(std::span<const double> rest) const;

  struct Tried {
    double share = 1;
    Join join{};
    double cost = 0;
  };
  const Join join_;
  const double bar_;  // samples
  Powers leaving_, entering_;
  std::vector<std::vector<double>> rest_;  // both together, for each share
  std::vector<double> low_;                // both together, with these moves
  std::pair<GainMove, GainMove> low_moves_;
  std::vector<Tried> best_;     // of each share
  double floor_ = 0, top_ = 0;  // dB
  std::int64_t count_ = 0, tried_ = 0;
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/trial.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sound/frame.hpp"

namespace infinara::sound {
namespace {

/// Of a rehearsal, in a frame.
constexpr std::int64_t kLeastSteps = 8, kMostSteps = 128;

}  // namespace

/// The rehearsal of this join, a new one if another was tried before. Null if the join is not made
/// of bars, or the tracks are not in memory that far.
Rehearsal* Trial::find(const Voice& now, const Voice& next, Join planned, std::int64_t position) {
  const auto start = std::exchange(planned.start, 0);
  const auto all = planned.leaves.delay + planned.leaves.length;
  if (planned.bars == 0 || now.fifo.size() < start + all || next.fifo.size() < all) return nullptr;
  const auto at = position + start;
  if (!state_ || state_->from != now.id || state_->to != next.id || state_->at != at ||
      state_->planned != planned)
    state_.emplace(now.id, next.id, at, planned);
  return &state_->rehearsal;
}

void Trial::go_on(const Voice& now, const Voice& next, const Join& planned, std::int64_t position) {
  Rehearsal* rehearsal = find(now, next, planned, position);
  if (rehearsal == nullptr) return;
  // Ready a while before: a join that is too high is tried again with other gains.
  const auto steps =
      std::clamp(3 * rehearsal->steps_left() * kFrame / planned.start, kLeastSteps, kMostSteps);
  rehearsal->go_on(now.fifo, next.fifo, planned.start, steps);
}

Join Trial::take(const Voice& now, const Voice& next, const Join& planned, std::int64_t position,
                 bool patient) {
  if (planned.bars == 0) return planned;
  Join join = with_share(planned, 1);
  if (Rehearsal* rehearsal = find(now, next, planned, position)) {
    if (patient) rehearsal->go_on(now.fifo, next.fifo, 0, std::numeric_limits<std::int64_t>::max());
    join = rehearsal->join();
  }
  reset();
  return join;
}

}  // namespace infinara::sound

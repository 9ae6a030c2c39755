// SPDX-License-Identifier: Apache-2.0
#include "sound/trial.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sound/frame.hpp"

namespace infinara::sound {
namespace {

/// Of a search or a rehearsal, in a frame.
constexpr std::int64_t kLeastSteps = 8, kMostSteps = 128;

/// Steps to take in this frame so that `left` are done in a third of `samples`. A join that is too
/// high is tried again with other gains.
std::int64_t steps_now(std::int64_t left, std::int64_t samples) {
  return std::clamp(3 * left * kFrame / std::max<std::int64_t>(samples, 1), kLeastSteps,
                    kMostSteps);
}

}  // namespace

Cut Trial::choose(const Voice& now, const Voice& next, const JoinSettings& settings,
                  const Memory& memory, bool patient) {
  auto outgoing = outgoing_of(now);
  const auto remaining = std::exchange(outgoing.remaining, 0);
  // Of a track that is longer the end may be known or not.
  auto incoming = incoming_of(next);
  incoming.total = std::min(incoming.total.value_or(memory.entering), memory.entering);
  if (!choice_ || choice_->from != now.id || choice_->to != next.id ||
      choice_->outgoing != outgoing || choice_->incoming != incoming ||
      choice_->settings != settings) {
    auto from = outgoing;
    from.remaining = remaining;
    CueSearch search(from, incoming, settings, memory.leaving, memory.entering);
    const bool is_late = remaining < search.wanted();
    choice_.emplace(
        Choice{now.id, next.id, outgoing, incoming, settings, std::move(search), is_late});
  }
  CueSearch& search = choice_->search;
  if (choice_->is_late) return {};
  if (search.steps_left() == 0) return search.cut();
  const auto time = remaining - search.latest();
  if (time <= 0) {
    choice_->is_late = true;
    return {};
  }
  search.go_on(
      now.fifo, next.fifo,
      patient ? std::numeric_limits<std::int64_t>::max() : steps_now(search.steps_left(), time));
  return search.steps_left() == 0 ? search.cut() : Cut{};
}

bool Trial::is_choosing(const Voice& now, const Voice& next) const {
  return choice_ && choice_->from == now.id && choice_->to == next.id && !choice_->is_late &&
         choice_->search.steps_left() > 0 && now.fifo.size() > choice_->search.latest();
}

void Trial::forget(VoiceId id) {
  if (state_ && (state_->from == id || state_->to == id)) state_.reset();
  if (choice_ && (choice_->from == id || choice_->to == id)) choice_.reset();
}

/// The rehearsal of this join, a new one if another was tried before. Null if the join is not made
/// of bars, or the tracks are not in memory that far.
Rehearsal* Trial::find(const Voice& now, const Voice& next, Join planned, std::int64_t position) {
  const auto start = std::exchange(planned.start, 0);
  const auto all = planned.leaves.delay + planned.leaves.length;
  if (planned.bars == 0 || now.fifo.size() < start + all || next.fifo.size() < planned.late + all)
    return nullptr;
  const auto at = position + start;
  if (!state_ || state_->from != now.id || state_->to != next.id || state_->at != at ||
      state_->planned != planned) {
    std::optional<JoinPowers> powers;
    if (choice_ && choice_->from == now.id && choice_->to == next.id)
      powers = choice_->search.powers_of(planned, outgoing_of(now).remaining - start);
    state_.emplace(now.id, next.id, at, planned, std::move(powers));
  }
  return &state_->rehearsal;
}

void Trial::go_on(const Voice& now, const Voice& next, const Join& planned, std::int64_t position) {
  Rehearsal* rehearsal = find(now, next, planned, position);
  if (rehearsal == nullptr) return;
  rehearsal->go_on(now.fifo, next.fifo, planned.start,
                   steps_now(rehearsal->steps_left(), planned.start));
}

Trial::Taken Trial::take(const Voice& now, const Voice& next, const Join& planned,
                         std::int64_t position, bool patient) {
  if (planned.bars == 0) return {planned};
  Taken taken{with_share(planned, 1)};
  if (Rehearsal* rehearsal = find(now, next, planned, position)) {
    if (patient) rehearsal->go_on(now.fifo, next.fifo, 0, std::numeric_limits<std::int64_t>::max());
    taken = {rehearsal->join(), rehearsal->take_sound()};
  }
  reset();
  return taken;
}

}  // namespace infinara::sound

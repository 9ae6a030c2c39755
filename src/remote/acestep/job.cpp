// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/job.hpp"

#include <algorithm>

namespace infinara::remote {
namespace {

using Phase = TaskState::Phase;

constexpr Seconds kConfirm = 2;         // between two polls that agree on a loss
constexpr Seconds kShortestLife = 60;   // no deadline is sooner
constexpr Seconds kUnknownSpeed = 600;  // deadline of a first task: slow cards exist
constexpr Seconds kStandstill = 120;
constexpr Seconds kLongestLife = 3600;  // then its server calls it failed
constexpr Seconds kDoubt = 25;          // of standstill, where the usual pauses are known
constexpr Seconds kDoubtOfFirst = 45;

}  // namespace

Job::Job(Seconds now, Estimate estimate) : submitted_(now), estimate_(estimate), changed_(now) {
  const Seconds run = estimate.run ? std::max(kShortestLife, 6 * *estimate.run) : kUnknownSpeed;
  deadline_ = now + run + estimate.queue + estimate.extra;
  next_poll_ = now + std::clamp(estimate.run.value_or(2) / 2, 0.5, 4.0);
}

Job::Outcome Job::tick(Seconds now) const {
  return now >= late_at() ? Outcome::kLate : Outcome::kWait;
}

Seconds Job::late_at() const {
  if (!changes_ || phase_ != Phase::kRunning) return deadline_;
  return std::max(deadline_, std::min(changed_ + patience(), submitted_ + kLongestLife));
}

// A task that took long so far may well stand longer.
Seconds Job::patience() const {
  return std::max({kStandstill, 4 * estimate_.usual_gap, (changed_ - submitted_) / 2}) +
         estimate_.extra;
}

std::optional<Seconds> Job::standstill(Seconds now) const {
  if (phase_ != Phase::kRunning || estimate_.extra > 0 || stage_ == "running") return {};
  // A dialect that tells no progress says so of a waiting task too: only time tells.
  const Seconds still = changes_ ? now - changed_ : now - submitted_ - estimate_.queue;
  const Seconds usual = !estimate_.run ? kDoubtOfFirst
                        : changes_     ? std::max(kDoubt, 3 * estimate_.usual_gap)
                                       : std::max(kDoubt, 3 * *estimate_.run);
  return still > usual ? std::optional(still) : std::nullopt;
}

void Job::was_silent(Seconds gap) {
  deadline_ += gap;
  changed_ += gap;
}

void Job::server_died() {
  orphaned_ = true;
  frozen_polls_ = 0;
  alive_polls_ = 0;
}

void Job::server_load(bool idle, std::int64_t running) {
  running_there_ = running;
  idle_reports_ = idle ? idle_reports_ + 1 : 0;
}

Job::Outcome Job::heard(Seconds now, const TaskState& state) {
  switch (state.phase) {
    case Phase::kSucceeded:
      return std::ranges::any_of(state.songs, [](const Song& x) { return !x.file.empty(); })
                 ? Outcome::kSucceeded
                 : Outcome::kSilent;
    case Phase::kFailed:
      return Outcome::kFailed;
    case Phase::kUnknown:
      if (unknown_since_ && now - *unknown_since_ >= kConfirm) return Outcome::kLost;
      if (!unknown_since_) unknown_since_ = now;
      next_poll_ = *unknown_since_ + kConfirm;
      return tick(now);
    default:
      unknown_since_.reset();
      return waiting(now, state);
  }
}

Job::Outcome Job::waiting(Seconds now, const TaskState& state) {
  const bool changed =
      state.phase != phase_ || state.progress != progress_ || state.stage != stage_;
  // One of several workers has it in hand and waits with it for the one card.
  const bool is_held = state.phase == Phase::kRunning && state.stage == "running";
  const bool waits = state.phase == Phase::kQueued || is_held;
  if (changed) {
    if (!waits && seen_waiting_ && !started_) started_ = now;
    if (state.phase == Phase::kRunning && phase_ == Phase::kRunning && stage_ != "running")
      longest_gap_ = std::max(longest_gap_, now - changed_);
    changed_ = now;
    changes_ = changes_ || state.progress.has_value();
    frozen_polls_ = 0;
    // The first change may date from before the server died; a second one is life.
    if (orphaned_ && ++alive_polls_ >= 2) orphaned_ = false;
  } else {
    ++frozen_polls_;
  }
  phase_ = state.phase;
  progress_ = state.progress;
  stage_ = state.stage;
  seen_waiting_ = seen_waiting_ || waits;

  // Near its expected end more often, so that a finished track does not lie about.
  const Seconds left = estimate_.run ? submitted_ + estimate_.queue + *estimate_.run - now
                                     : (progress_ ? 8 * (1 - *progress_) : 8);
  next_poll_ = now + std::clamp(left / 4, 1.0, 4.0);

  if (orphaned_ && frozen_polls_ >= 2) return Outcome::kLost;
  if (idle_reports_ >= 2) return Outcome::kLost;
  if (phase_ == Phase::kRunning && changes_ && !(is_held && running_there_ > 1) &&
      now - changed_ > patience())
    return Outcome::kStuck;
  return tick(now);
}

}  // namespace infinara::remote

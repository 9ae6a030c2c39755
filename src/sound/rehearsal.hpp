// SPDX-License-Identifier: Apache-2.0
// A planned join tried on both tracks before it is heard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sound/fifo.hpp"
#include "sound/handover.hpp"
#include "sound/join.hpp"
#include "sound/levels.hpp"

namespace infinara::sound {

class Preview;

/// A skip that brings in the next track as quickly as the ceiling of -1 dBTP allows, at best at
/// once: `leaving` goes over `leaves`, and gains that move alike sum to 1. Both FIFOs begin with
/// it.
Join with_quick_entry(Join skip, const Fifo& leaving, const Fifo& entering);

/// Chooses what can be chosen when both tracks are in memory: where the bass is handed over, and
/// how far the gains overlap. Where the two tracks together would pass -1.7 dBTP, a limiter brings
/// their sum down by 2.2 dB at most. Where that is not enough, gains overlap less.
///
/// What it tried is what is heard: the mix plays those samples rather than make them again.
///
/// It is some 10 ms of work, which the mixer's thread does in pieces while the join comes nearer.
/// What is chosen depends on the join, the samples and the powers alone.
class Rehearsal {
 public:
  /// With `powers` of the join, those of the samples are not measured.
  explicit Rehearsal(const Join& join, std::optional<JoinPowers> powers = {});
  ~Rehearsal();
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  /// Goes on by so many steps; one is about the work of mixing a frame of the join. The join begins
  /// `start` samples behind the first that `leaving` holds, and `join.late` behind the first of
  /// `entering`. Both hold all of it, the same samples at each call.
  void go_on(const Fifo& leaving, const Fifo& entering, std::int64_t start, std::int64_t steps);

  /// So many are left, if the first join that is tried can be brought down to the ceiling. 0: it is
  /// done.
  std::int64_t steps_left() const;
  /// The join as it was chosen. Before it is done: with gains that sum to 1, which lift no peak.
  const Join& join() const { return join_; }
  /// What is heard from the begin of that join to its end, interleaved. Empty before it is done,
  /// and after the first call.
  std::vector<std::int16_t> take_sound() { return std::exchange(sound_, {}); }

 private:
  struct Weighing;
  void weigh(const Fifo& leaving, const Fifo& entering, std::int64_t start);
  void search();
  void check(const Fifo& leaving, const Fifo& entering, std::int64_t start);
  void try_candidate();

  const Join planned_;
  const std::int64_t all_;  // samples
  Join join_;
  std::vector<std::int16_t> sound_;
  Join tried_;
  std::vector<Join> candidates_;        // the next one last
  std::unique_ptr<Weighing> weighing_;  // one of these three is there until it is done
  std::optional<HandoverSearch> search_;
  std::unique_ptr<Preview> preview_;  // of the join that is tried
};

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// Which bars of two tracks are joined: where one is left and the other entered, chosen by how loud
// both are there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sound/fifo.hpp"
#include "sound/frame.hpp"
#include "sound/join.hpp"
#include "sound/levels.hpp"

namespace infinara::sound {

/// Samples that may be left out at either end of a track, and no more than a quarter of it; of the
/// one that comes in, of what is in memory. No more than a third of a track is left out in all.
inline constexpr std::int64_t kMostLeftOut = 14 * kRate;

/// Looks for the bar lines between which a planned join is as loud as its tracks. Up to 14 s of the
/// end of one and of the begin of the other may be left out, its pickup included. A join may become
/// half as long or a quarter, so that the outgoing track is still loud where the other one rests.
/// Where a rest would be heard as a hole, of both tracks or of the one that is alone, other bars
/// are taken; where all are alike, the last of one and the first of the other. Phrases of four bars
/// stay side by side where that costs little.
///
/// The mixer's thread does this in pieces before the first of these bars comes. What is chosen
/// depends on the arguments and the samples alone.
class CueSearch {
 public:
  /// `leaving` and `entering`: so many samples of each track's end and begin are in memory.
  CueSearch(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings,
            std::int64_t leaving, std::int64_t entering);

  /// Samples of the outgoing track that must be left when the search begins, and those that must be
  /// when it ends: else one of the joins that it looks at would have begun.
  std::int64_t wanted() const { return before_; }
  std::int64_t latest() const { return earliest_; }

  /// Goes on by so many steps; one is about the work of mixing a frame of a join. `leaving` holds
  /// what is left of the outgoing track, all of it.
  void go_on(const Fifo& leaving, const Fifo& entering, std::int64_t steps);

  /// So many are left. 0: it is done.
  std::int64_t steps_left() const;
  /// The powers of both tracks over a join that begins `begin` samples before the outgoing track's
  /// end, their steps up to 10 ms beside its begin. Nothing before both tracks are weighed, or
  /// beyond.
  std::optional<JoinPowers> powers_of(const Join& join, std::int64_t begin) const;

  /// The best that was found so far.
  const Cut& cut() const { return best_; }

 private:
  struct Candidate {
    Cut cut{};
    std::int64_t begin = 0;   // samples before the outgoing track's end
    std::int64_t late = 0;    // samples of the incoming track
    std::int64_t length = 0;  // samples
  };
  struct Weighed {
    BandMeter meter{};
    std::vector<BandPowers> bands{};
    std::vector<double> powers{};  // their sums
    std::int64_t steps = 0;        // that there will be
    bool is_whole() const { return std::ssize(powers) >= steps; }
  };
  static void weigh(Weighed& track, const Fifo& fifo, std::int64_t from);
  void compare();
  double cost_of(const Candidate& candidate, double share, double floor) const;

  std::vector<Candidate> candidates_;  // the next one last
  Weighed leaving_, entering_;
  std::int64_t before_ = 0;    // samples
  std::int64_t earliest_ = 0;  // samples
  unsigned usual_bars_ = 0;
  std::optional<double> floor_{};  // dB, once both are weighed
  Cut best_{};
  double least_ = 0;  // its cost
};

}  // namespace infinara::sound

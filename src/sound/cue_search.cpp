// SPDX-License-Identifier: Apache-2.0
#include "sound/cue_search.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "sound/fade.hpp"
#include "sound/frame.hpp"

namespace infinara::sound {
namespace {

constexpr unsigned kMostBarsLeftOut = 8;
constexpr unsigned kShortened = 4;               // a join may be so many times shorter
constexpr std::int64_t kAroundJoin = 2 * kRate;  // before and after a join, that is looked at too
constexpr std::int64_t kStepsToCompare = 8;      // a candidate is so much work
constexpr double kShare = 0.3;                   // of a join in which each gain moves, here
constexpr double kClosed = 3.2;   // dB that gains which sum to 1 take from unlike tracks, and a bit
constexpr double kRarely = 0.05;  // how much gains that sum to 1 count: few joins have to have them
constexpr double kPerBar = 0.1;   // cost of a bar left out
constexpr double kHalved = 30;    // cost of half the bars: about that of 2 dB for a window
constexpr double kAskew = 2;      // cost of phrases that are not side by side

/// How far phrases of four bars move against those of the other track.
double askew(const Cut& cut) {
  const auto off = (cut.early + cut.late) % 4;
  return off == 0 ? 0 : off == 2 ? kAskew / 2 : kAskew;
}

}  // namespace

CueSearch::CueSearch(const Outgoing& outgoing, const Incoming& incoming,
                     const JoinSettings& settings, std::int64_t leaving, std::int64_t entering) {
  // More of the incoming track is not looked at: whether its end is known must not count.
  const auto seen = std::min(incoming.total.value_or(entering), entering);
  const Incoming coming{seen, incoming.cues};
  const Join usual = plan_join(outgoing, coming, settings);
  if (usual.bars == 0) return;
  usual_bars_ = usual.bars;
  const auto& grid = outgoing.cues.last ? outgoing.cues.last : outgoing.cues.grid;
  const auto& next = coming.cues.grid;
  const auto bars_in = [](std::int64_t samples, const Grid& of) {
    const auto bars = static_cast<double>(std::max<std::int64_t>(samples, 0)) / of.bar();
    return static_cast<unsigned>(std::min(bars, double{kMostBarsLeftOut}));
  };
  // A third in all: what was left out of its begin is left out for good.
  const auto whole = outgoing.total + outgoing.cut;
  const auto room = std::min({kMostLeftOut, whole / 4, whole / 3 - outgoing.cut});
  const auto room_next = std::min(kMostLeftOut, seen / 4);
  const auto usual_begin = outgoing.remaining - usual.start;
  const auto length = usual.leaves.delay + usual.leaves.length;
  const auto most_early = bars_in(
      std::min(room, leaving - usual_begin - kAroundJoin - kBandStep - BandMeter::kBefore), *grid);
  const auto behind_join = entering - length - kAroundJoin - kBandStep - BandMeter::kAhead;
  // A pickup is left out with the first bar.
  const auto most_late =
      next ? bars_in(std::min(room_next, behind_join) - std::llround(first_line_of(*next)), *next)
           : 0U;
  for (auto bars = usual.bars; bars > 0 && bars * kShortened >= usual.bars; bars /= 2) {
    for (unsigned early = 0; early <= most_early; ++early)
      for (unsigned late = 0; late <= most_late; ++late) {
        const Cut cut{early, late, bars};
        const Join join = plan_join(outgoing, coming, settings, cut);
        if (join.bars != bars || join.fit != usual.fit || join.start == 0) continue;
        candidates_.push_back({cut, outgoing.remaining - join.start, join.late,
                               join.leaves.delay + join.leaves.length});
      }
  }
  std::ranges::reverse(candidates_);
  std::int64_t behind = 0;  // of the incoming track
  for (const Candidate& one : candidates_) {
    earliest_ = std::max(earliest_, one.begin);
    behind = std::max(behind, one.late + one.length);
  }
  const auto steps = [](std::int64_t samples) { return (samples + kBandStep - 1) / kBandStep; };
  leaving_.steps = steps(earliest_ + kAroundJoin);
  entering_.steps = steps(behind + kAroundJoin);
  before_ = leaving_.steps * kBandStep + BandMeter::kBefore;
  least_ = std::numeric_limits<double>::infinity();
}

std::int64_t CueSearch::steps_left() const {
  if (candidates_.empty()) return 0;
  return leaving_.steps + entering_.steps - std::ssize(leaving_.powers) -
         std::ssize(entering_.powers) + kStepsToCompare * std::ssize(candidates_);
}

void CueSearch::weigh(Weighed& track, const Fifo& fifo, std::int64_t from) {
  const auto powers = track.meter.next(fifo, from + std::ssize(track.powers) * kBandStep);
  track.bands.push_back(powers);
  track.powers.push_back(powers[0] + powers[1] + powers[2]);
}

std::optional<JoinPowers> CueSearch::powers_of(const Join& join, std::int64_t begin) const {
  if (!leaving_.is_whole() || !entering_.is_whole()) return {};
  const auto count = (join.leaves.delay + join.leaves.length) / kBandStep;
  const auto nearest = [](std::int64_t samples) { return (samples + kBandStep / 2) / kBandStep; };
  const auto part = [&](const Weighed& track, std::int64_t from) -> std::vector<BandPowers> {
    if (from < 0 || from + count > std::ssize(track.bands)) return {};
    const auto first = track.bands.begin() + from;
    return {first, first + count};
  };
  JoinPowers powers{part(leaving_, leaving_.steps - nearest(begin)),
                    part(entering_, nearest(join.late))};
  if (powers.leaving.empty() || powers.entering.empty()) return {};
  return powers;
}

void CueSearch::go_on(const Fifo& leaving, const Fifo& entering, std::int64_t steps) {
  while (steps > 0 && !candidates_.empty()) {
    if (!leaving_.is_whole()) {
      weigh(leaving_, leaving, leaving.size() - leaving_.steps * kBandStep);
      --steps;
    } else if (!entering_.is_whole()) {
      weigh(entering_, entering, 0);
      --steps;
    } else {
      compare();
      steps -= kStepsToCompare;
    }
  }
}

void CueSearch::compare() {
  if (!floor_) {
    // A track that rests at its begin for long is as loud as it is after that.
    const auto half = std::span(entering_.powers).subspan(entering_.powers.size() / 2);
    floor_ = std::min(middle_of(levels_of(leaving_.powers)), middle_of(levels_of(half)));
  }
  const Candidate candidate = candidates_.back();
  candidates_.pop_back();
  // Two loud tracks may have to be joined with gains that sum to 1, and lie 3 dB lower then.
  const double cost = cost_of(candidate, kShare, *floor_) +
                      kRarely * cost_of(candidate, 1, *floor_ - kClosed) + askew(candidate.cut) +
                      kPerBar * (candidate.cut.early + candidate.cut.late) +
                      kHalved * std::log2(static_cast<double>(usual_bars_) / candidate.cut.bars);
  if (cost >= least_) return;
  least_ = cost;
  best_ = candidate.cut;
}

/// How far its loudness falls below the quieter track's: one deep dip is worse than many shallow
/// ones.
double CueSearch::cost_of(const Candidate& candidate, double share, double floor) const {
  const auto moves = std::llround(share * static_cast<double>(candidate.length));
  const Fade away{Curve::kSmoothstep, 1, 0, moves}, in{Curve::kSmoothstep, 0, 1, moves};
  const auto steps = (candidate.length + 2 * kAroundJoin) / kBandStep;
  const auto from = leaving_.steps - (candidate.begin + kAroundJoin) / kBandStep;
  const auto next = (candidate.late - kAroundJoin) / kBandStep;
  std::vector<double> powers(static_cast<std::size_t>(steps));
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto at = i * kBandStep + kBandStep / 2 - kAroundJoin;
    const auto add = [&](const Weighed& track, std::int64_t step, double gain) {
      if (step >= 0 && step < std::ssize(track.powers))
        powers[static_cast<std::size_t>(i)] +=
            gain * gain * track.powers[static_cast<std::size_t>(step)];
    };
    add(leaving_, from + i, away.gain(at - (candidate.length - moves)));
    if (at >= 0) add(entering_, next + i, in.gain(at));
  }
  double cost = 0;
  for (const double level : levels_of(powers)) cost += std::pow(std::max(floor - level, 0.0), 4);
  return cost;
}

}  // namespace infinara::sound

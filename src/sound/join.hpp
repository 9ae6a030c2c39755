// SPDX-License-Identifier: Apache-2.0
// How one track follows another: where the next one begins, how long both are heard, and how their
// gains move. Pure arithmetic on lengths, all in samples.
#pragma once

#include <cstdint>
#include <optional>

#include "sound/fade.hpp"

namespace infinara::sound {

/// A fade shorter than this would click (8 ms): instead of it the tracks are joined end to start,
/// and the step between them is smoothed by a ramp of this length.
inline constexpr std::int64_t kRamp = 384;

/// What a plan knows of the track that plays.
struct Outgoing {
  std::int64_t remaining = 0;  // samples that are to be played
  std::int64_t total = 0;      // samples in all
};

/// What a plan knows of the track that comes.
struct Incoming {
  std::optional<std::int64_t> total;  // samples; nullopt if its end is not known yet
};

struct JoinSettings {
  std::int64_t crossfade = 0;  // samples
  Curve curve = Curve::kSmoothstep;
};

/// A gain on its way from 0 to 1 or back: all at once if the length is 0.
struct GainMove {
  std::int64_t length = 0;  // samples
  Curve curve = Curve::kSmoothstep;
  friend bool operator==(const GainMove&, const GainMove&) = default;
};

/// The incoming track's first sample is heard `start` samples from now, where both gains begin to
/// move.
struct Join {
  std::int64_t start = 0;
  GainMove leaves;  // of the outgoing track, down
  GainMove enters;  // of the incoming track, up
  friend bool operator==(const Join&, const Join&) = default;
};

/// The join at the natural end of a track. It is as long as the crossfade that is set, but takes no
/// more than half of either track. A join that should have begun already (the next track came late,
/// the crossfade grew) begins now, over what remains.
Join plan_join(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings);

/// The length of the fade that a skip makes now: as wanted, but no longer than what remains of the
/// track (nullopt: its end is not known yet) or than half of the next one, and never a click.
/// 0: the track is so near its end that it may as well end by itself.
std::int64_t plan_skip(std::int64_t wanted, std::optional<std::int64_t> remaining,
                       std::optional<std::int64_t> next_total);

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
// When a crossfade starts and how long it lasts: pure arithmetic on lengths, all in samples.
#pragma once

#include <cstdint>
#include <optional>

namespace infinara::sound {

/// A fade shorter than this would click (8 ms): instead of it the tracks are joined end to start,
/// and the step between them is smoothed by a ramp of this length.
inline constexpr std::int64_t kRamp = 384;

/// A crossfade that starts in `start` samples and lasts `length`; no fade at all if that is 0.
struct Plan {
  std::int64_t start = 0;
  std::int64_t length = 0;
  friend bool operator==(const Plan&, const Plan&) = default;
};

/// The crossfade at the natural end of a track of `total` samples of which `remaining` are to be
/// played. It is as long as `wanted` but takes no more than half of either track; the length of
/// the next one is nullopt if its end is not known yet. A fade that should have begun already (the
/// next track came late, the wish grew) begins now, over what remains.
Plan plan_crossfade(std::int64_t wanted, std::int64_t remaining, std::int64_t total,
                    std::optional<std::int64_t> next_total);

/// The length of the fade that a skip makes now: as wanted, but no longer than what remains of the
/// track (nullopt: its end is not known yet) or than half of the next one, and never a click.
/// 0: the track is so near its end that it may as well end by itself.
std::int64_t plan_skip(std::int64_t wanted, std::optional<std::int64_t> remaining,
                       std::optional<std::int64_t> next_total);

}  // namespace infinara::sound

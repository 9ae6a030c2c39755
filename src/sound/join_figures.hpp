// SPDX-License-Identifier: Apache-2.0
// What a join turned out to be, measured in the programme that went out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sound/frame.hpp"

namespace infinara::sound {

struct JoinFigures {
  double dip = 0;   // dB: the quietest 400 ms of it against the quieter side's median; below: < 0
  double rise = 0;  // dB: the loudest 400 ms of it against the louder side's median
  std::optional<double> beats_apart{};  // ms, in the middle of it; nothing where a side has no beat
  friend bool operator==(const JoinFigures&, const JoinFigures&) = default;
};

/// So much of either side is listened to.
inline constexpr std::int64_t kSideOfJoin = 12 * kRate;

/// `programme`: interleaved stereo that holds the join from its sample `begin` to `end`, and its
/// sides. Loudness is weighed as ITU-R BS.1770 does. Costs some 30 ms of CPU.
///
/// `beat`: samples from one beat to the next if bars run side by side in the join, one of them at
/// its end; the beats of both sides are then looked for near these first. 0: they do not.
JoinFigures figures_of_join(std::span<const std::int16_t> programme, std::int64_t begin,
                            std::int64_t end, double beat = 0);

}  // namespace infinara::sound

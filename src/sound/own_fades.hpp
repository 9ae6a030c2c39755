// SPDX-License-Identifier: Apache-2.0
// Where a track that fades in or out by itself is joined to its neighbours. A crossfade over the
// track's own fade would be a dip; it belongs where the track still has its level.
#pragma once

#include <span>

namespace infinara::sound {

/// Seconds of a track's own fades that are left out, besides the silence at its ends.
struct OwnFades {
  double head = 0;
  double tail = 0;
};

/// `levels`: dBFS RMS of each 100 ms, from the first to the last that can be heard. A fade is what
/// rises to, or falls from, 6 dB below the track's level in 1 to 15 s, from or to 16 dB below it,
/// and in each quarter; a quiet intro, or a last chord that stops, is none.
OwnFades own_fades_of(std::span<const float> levels);

}  // namespace infinara::sound

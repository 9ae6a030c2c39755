// SPDX-License-Identifier: Apache-2.0
// A planned join tried on both tracks before it is heard.
#pragma once

#include "sound/fifo.hpp"
#include "sound/join.hpp"

namespace infinara::sound {

/// The join with what can be chosen when both tracks are in memory: where the bass is handed over,
/// and how far the gains overlap. Both FIFOs begin where the join begins. Where the two tracks
/// together would pass -1 dBTP, gains sum to less. If a FIFO does not hold all of the join (its
/// source is slow), nothing is known of the rest, and the gains sum to 1.
Join rehearsed(const Join& join, const Fifo& leaving, const Fifo& entering);

}  // namespace infinara::sound

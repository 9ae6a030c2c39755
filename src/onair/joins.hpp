// SPDX-License-Identifier: Apache-2.0
// Between what is known of tracks and the joins that the mixer makes of them.
#pragma once

#include <string>

#include "music/track.hpp"
#include "sound/edit.hpp"
#include "sound/join.hpp"

namespace infinara::onair {

/// What a join can be planned on.
sound::Cues cues_of(const music::Track& track);

/// For people: "8 bars at 118 bpm, A minor to C major". `edit` says that `from` leaves. Empty for a
/// plain join.
std::string words_of(const sound::Edit& edit, const music::Track& from, const music::Track& to);

}  // namespace infinara::onair

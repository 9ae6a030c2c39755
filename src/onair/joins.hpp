// SPDX-License-Identifier: Apache-2.0
// Between what is known of tracks and the joins that the mixer makes of them.
#pragma once

#include <string>

#include "music/track.hpp"
#include "onair/message.hpp"
#include "sound/edit.hpp"
#include "sound/join.hpp"

namespace infinara::onair {

/// What a join can be planned on.
sound::Cues cues_of(const music::Track& track);

/// How far the keys lie apart on the circle of fifths, 0 … 6, a minor key where its relative is; -1
/// if one is not known.
int fifths_between(const music::Track& from, const music::Track& to);

/// For people: "8 bars at 118 bpm, A minor to C major". `edit` says that `from` leaves. Empty for a
/// plain join.
std::string words_of(const sound::Edit& edit, const music::Track& from, const music::Track& to);

/// For people: "loudness -1.9 to +1.2 dB, basses together 0.9 s, beats 3 ms apart, keys 1 fifth
/// apart".
std::string words_of(const Join& join);

}  // namespace infinara::onair

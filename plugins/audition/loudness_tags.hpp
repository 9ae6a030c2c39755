// SPDX-License-Identifier: Apache-2.0
// What an audition found, as tags: ReplayGain for any player, and our own for the deck.
#pragma once

#include <gst/gst.h>

#include "audition.hpp"
#include "sound/presentation.hpp"

namespace infinara {

inline constexpr const char* kTagStationGain = "infinara-station-gain";  // dB to our loudness
inline constexpr const char* kTagPlayFrom = "infinara-play-from";        // seconds
inline constexpr const char* kTagPlayUntil = "infinara-play-until";      // seconds
// Positive where a fade of the track's own was left out: there it begins and ends softly.
inline constexpr const char* kTagFadeIn = "infinara-fade-in";    // seconds
inline constexpr const char* kTagFadeOut = "infinara-fade-out";  // seconds

/// Makes the names known to GStreamer; once, before any use.
void register_loudness_tags();

void add_loudness(GstTagList* tags, const AuditionReport& report);

/// How a track with these tags is to be played. Without ours, ReplayGain is used; without any, the
/// track is played as it is.
sound::Presentation presentation_of(const GstTagList* tags);

}  // namespace infinara

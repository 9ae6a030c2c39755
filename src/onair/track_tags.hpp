// SPDX-License-Identifier: Apache-2.0
// The record of a track as tags: standard ones where there are any, so that elements of other
// people say and understand what they know. Writer and reader are this one file.
//
//   title, artist, genre, comment (the caption), beats-per-minute, musical-key,
//   replaygain-track-gain, duration, location (the link)
//   infinara-seed, infinara-first-downbeat, infinara-beat, infinara-beats-per-bar,
//   infinara-cue-in, infinara-cue-out             places and lengths in samples at 48 kHz
#pragma once

#include <gst/gst.h>

#include <string>

#include "gstpp/ref.hpp"
#include "music/track.hpp"

namespace infinara::onair {

/// Makes the names known to GStreamer, as is done before the first use in any case. Any thread.
void register_track_tags();

/// What was made, as far as it is known; nothing of the order. Texts become valid UTF-8, and
/// numbers that are none are left out.
gstpp::Ref<GstTagList> to_tags(const music::Track& track);

/// Takes over what `tags` say (null says nothing). What they do not say, or say without sense,
/// stays as it is.
void read_tags(const GstTagList* tags, music::Track& track);

/// Several values are joined as GStreamer does; empty if there is none or no list at all.
std::string text_of(const GstTagList* tags, const char* tag);

}  // namespace infinara::onair

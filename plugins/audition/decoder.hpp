// SPDX-License-Identifier: Apache-2.0
// The decoders that untrusted bytes may reach: MP3, FLAC, WAV, and Vorbis or Opus in Ogg, each
// by a fixed chain. What is anything else is refused; no element is ever chosen by what the bytes
// say.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <span>
#include <string>

#include "gstpp/ref.hpp"

namespace infinara {

/// What is behind an ID3v2 tag, if the bytes begin with one; else the bytes.
std::span<const std::byte> without_id3(std::span<const std::byte> bytes);

/// All kinds that are allowed, as caps.
inline constexpr const char* kAllowedCaps =
    "audio/mpeg, mpegversion=(int)1; audio/x-flac; audio/x-wav; application/ogg; audio/ogg";

/// The caps of a file of an allowed kind, from its first bytes; null for any other.
gstpp::Ref<GstCaps> allowed_caps(std::span<const std::byte> bytes);
bool is_allowed(const GstCaps* caps);

/// A bin `sink` -> decoder -> audioconvert -> `src` for such caps, floating as any new element.
/// Null for other caps, or if GStreamer lacks a plugin; `missing` names the element then.
GstElement* make_decoder(const GstCaps* caps, std::string* missing);

}  // namespace infinara

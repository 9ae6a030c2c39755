// SPDX-License-Identifier: Apache-2.0
// The one format in which Infinara hears (sound/frame.hpp), as GStreamer says it.
#pragma once

namespace infinara {

inline constexpr const char* kPcmCaps =
    "audio/x-raw, format=(string)S16LE, rate=(int)48000, channels=(int)2, "
    "layout=(string)interleaved, channel-mask=(bitmask)0x3";

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// Native FLAC (RFC 9639) for listeners who join in mid-stream: the metadata blocks that a decoder
// needs first, and which pieces of the stream are frames.
#pragma once

#include <string>
#include <string_view>

#include "cast/mp3_frames.hpp"

namespace infinara::cast {

/// `fLaC` and the metadata blocks for a listener, made of an encoder's stream headers: of a file's
/// (`fLaC`, then the blocks) or of the Ogg mapping's (0x7F `FLAC` first). STREAMINFO no longer
/// says how many samples follow, nor their MD5 sum, since both are other for each listener; seek
/// tables, cue sheets and padding are left out. Empty if `headers` has no STREAMINFO.
std::string native_flac_head(std::string_view headers);

/// True if `bytes` begin with the sync code of a frame.
bool is_flac_frame(Bytes bytes);

}  // namespace infinara::cast

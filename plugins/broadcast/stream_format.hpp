// SPDX-License-Identifier: Apache-2.0
// What httpbroadcastsink does with each kind of caps: how it sends the stream, or why it cannot.
#pragma once

#include <gst/gst.h>

#include <string>

namespace infinara {

struct StreamFormat {
  /// Into which packets the stream is cut. A listener starts at one.
  enum class Cut { kBuffers, kMp3Frames, kFlacFrames, kTsPackets, kWavBlocks, kMp4Fragments };
  /// Whether a listener needs the caps' field `streamheader` first.
  enum class Headers {
    kIfAny,      // sent where there are some
    kNeeded,     // refused without
    kNeededSoon  // the same, but the muxer tells them with caps of their own before the first data
  };

  /// True if the first data decides whether the stream is served. Listeners get no response before.
  bool is_known_late() const {
    return headers == Headers::kNeededSoon || cut == Cut::kWavBlocks || cut == Cut::kMp4Fragments;
  }

  Cut cut = Cut::kBuffers;
  Headers headers = Headers::kIfAny;
  std::string type{};     // MIME type for listeners
  std::string refusal{};  // a sentence for a user; empty: the stream is served
  std::string remedy{};  // a sentence for a user when the data or its headers turn out to be no use
};

/// Looks `caps`, which are fixed, up in the table of formats.
StreamFormat format_of(const GstCaps* caps);

}  // namespace infinara

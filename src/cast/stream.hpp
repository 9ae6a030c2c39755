// SPDX-License-Identifier: Apache-2.0
// The last part of a stream: its packets, and the titles and headers that hold from some position
// on. One thread owns it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cast/burst_ring.hpp"
#include "cast/icy_titles.hpp"
#include "cast/timeline.hpp"

namespace infinara::cast {

/// What a decoder needs before the packet that a listener starts at.
struct Preamble {
  std::string bytes;                   // the headers, and for MP3 the bit-reservoir priming frames
  std::chrono::nanoseconds silence{};  // that a decoder puts out before that packet's own sound
};

class Stream {
 public:
  /// Keeps at least `kept` of the stream.
  explicit Stream(std::chrono::nanoseconds kept) : ring_(kept) {}

  void append(Bytes packet, std::chrono::nanoseconds duration, bool random_access, Pts pts = {}) {
    ring_.append(packet, duration, random_access, pts);
  }
  /// Title and headers hold for the packets that follow. Headers that change are also part of the
  /// stream that present listeners get.
  void set_title(std::string_view title) { titles_.set(ring_.end(), title); }
  void set_headers(std::string text);
  /// Drops titles and headers that hold for nothing in the ring.
  void forget_old();

  const BurstRing& ring() const { return ring_; }
  const Titles& titles() const { return titles_; }
  Preamble preamble(Position start, bool is_mp3) const;

 private:
  BurstRing ring_;
  Titles titles_;
  Timeline<std::string> headers_;
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// What has been cast lately: the sound, and which title and which headers hold where in it. One
// thread owns it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cast/burst_ring.hpp"
#include "cast/icy.hpp"
#include "cast/since.hpp"

namespace infinara::cast {

class Stream {
 public:
  /// Keeps at least `kept` of the sound.
  explicit Stream(std::chrono::nanoseconds kept) : ring_(kept) {}

  void append(Bytes unit, std::chrono::nanoseconds duration, bool sync) {
    ring_.append(unit, duration, sync);
  }
  /// Both hold for what is appended from now on. New headers also go to those who are in the middle
  /// of the stream.
  void set_title(std::string_view title) { titles_.set(ring_.end(), title); }
  void set_headers(std::string text);
  /// Drops the titles and headers of what is no longer in the ring.
  void forget_old();

  const BurstRing& ring() const { return ring_; }
  const Titles& titles() const { return titles_; }
  /// What a decoder needs before it gets the unit at `start`: the headers, and for MP3 the carriers
  /// of what that frame borrows from those before it.
  std::string lead_in(Position start, bool is_mp3) const;

 private:
  BurstRing ring_;
  Titles titles_;
  Since<std::string> headers_;
};

}  // namespace infinara::cast

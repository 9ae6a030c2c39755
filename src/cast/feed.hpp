// SPDX-License-Identifier: Apache-2.0
// Where one listener is in all that it is to be sent: its lead-in, the sound, the title blocks
// between. Pure bookkeeping; whoever sends asks for pieces and says how many bytes went.
#pragma once

#include <cstddef>
#include <string>

#include "cast/burst_ring.hpp"
#include "cast/icy.hpp"

namespace infinara::cast {

class Feed {
 public:
  Feed() = default;
  /// Sends `lead_in` (stream headers, carriers), then the ring's bytes from `start` on, with a
  /// title block after every kMetaint bytes of both if `icy`.
  Feed(std::string lead_in, Position start, bool icy);

  /// The next bytes that lie together; none when the listener is at the ring's end, or has lost its
  /// place because the ring has moved on. They live until the ring or the titles change, or the
  /// feed advances.
  Bytes next(const BurstRing& ring, const Titles& titles) const;
  /// `sent` bytes of what next() gave have gone.
  void advance(const BurstRing& ring, const Titles& titles, std::size_t sent);

  /// The next byte of the ring.
  Position position() const { return position_; }
  /// True when the bytes it still needs are no longer in the ring.
  bool is_lost(const BurstRing& ring) const { return position_ < ring.begin(); }

 private:
  bool at_block() const { return icy_ && to_block_ == 0; }
  std::string_view block(const Titles& titles) const;

  Titles::Block lead_in_;  // nullptr once it has gone
  std::size_t lead_in_sent_ = 0;
  Position position_ = 0;
  bool icy_ = false;
  std::size_t to_block_ = kMetaint;  // bytes of sound before the next title block
  std::size_t block_sent_ = 0;
  Titles::Block told_;  // the title that the listener has been told
};

}  // namespace infinara::cast

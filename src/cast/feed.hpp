// SPDX-License-Identifier: Apache-2.0
// One listener's place in what it is sent: its preamble, the sound, and the title blocks between.
// Pure bookkeeping: the caller asks for the next piece, sends some of it and reports how much.
#pragma once

#include <cstddef>
#include <string>

#include "cast/burst_ring.hpp"
#include "cast/icy_titles.hpp"

namespace infinara::cast {

class Feed {
 public:
  Feed() = default;
  /// First `preamble` (stream headers, priming frames), then the ring's bytes from `start` on. With
  /// `icy`, a title block follows after every kMetaint bytes of both.
  Feed(std::string preamble, Position start, bool icy);

  /// The next bytes that lie together in memory, valid until the ring, the titles or the feed
  /// change. Empty if the listener is at the ring's end, or if is_lost().
  Bytes next(const BurstRing& ring, const Titles& titles) const;
  /// Moves on by `sent` bytes of what next() returned.
  void advance(const BurstRing& ring, const Titles& titles, std::size_t sent);

  /// Of the ring's next byte.
  Position position() const { return position_; }
  /// True if the ring no longer holds the listener's next byte.
  bool is_lost(const BurstRing& ring) const { return position_ < ring.begin(); }

 private:
  bool at_block() const { return icy_ && to_block_ == 0; }
  std::string_view block(const Titles& titles) const;

  Titles::Block preamble_;  // nullptr once all of it is sent
  std::size_t preamble_sent_ = 0;
  Position position_ = 0;
  bool icy_ = false;
  std::size_t to_block_ = kMetaint;  // bytes of sound before the next title block
  std::size_t block_sent_ = 0;
  Titles::Block sent_title_;  // the last one that the listener got
};

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "cast/feed.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace infinara::cast {

Feed::Feed(std::string preamble, Position start, bool icy) : position_(start), icy_(icy) {
  if (!preamble.empty()) preamble_ = std::make_shared<const std::string>(std::move(preamble));
}

/// At the ring's end the title of the next block can still change. Once the block's first byte is
/// sent, sent_title_ is its title. The position does not move while a block is sent.
std::string_view Feed::block(const Titles& titles) const {
  if (block_sent_ > 0) return *sent_title_;
  const Titles::Block now = titles.at(position_);
  if (now == nullptr || now == sent_title_) return kNoChange;
  return *now;
}

Bytes Feed::next(const BurstRing& ring, const Titles& titles) const {
  // A block is sent with the sound that follows it: a title that arrives with that sound would
  // otherwise be late by kMetaint bytes.
  const bool has_sound = preamble_ || position_ < ring.end();
  if (at_block() && has_sound) return bytes_of(block(titles).substr(block_sent_));
  Bytes piece = preamble_ ? bytes_of(*preamble_).subspan(preamble_sent_) : ring.read(position_);
  if (icy_) piece = piece.first(std::min(piece.size(), to_block_));
  return piece;
}

void Feed::advance(const BurstRing& ring, const Titles& titles, std::size_t sent) {
  while (sent > 0) {
    const std::size_t step = std::min(sent, next(ring, titles).size());
    if (step == 0) return;
    sent -= step;
    if (at_block()) {
      const std::string_view whole = block(titles);
      if (whole.size() > 1 && block_sent_ == 0) sent_title_ = titles.at(position_);
      block_sent_ += step;
      if (block_sent_ < whole.size()) continue;
      block_sent_ = 0;
      to_block_ = kMetaint;
      continue;
    }
    if (icy_) to_block_ -= step;
    if (preamble_) {
      preamble_sent_ += step;
      if (preamble_sent_ == preamble_->size()) preamble_.reset();
    } else {
      position_ += step;
    }
  }
}

}  // namespace infinara::cast

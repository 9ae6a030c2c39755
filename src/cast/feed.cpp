// SPDX-License-Identifier: Apache-2.0
#include "cast/feed.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace infinara::cast {

Feed::Feed(std::string lead_in, Position start, bool icy) : position_(start), icy_(icy) {
  if (!lead_in.empty()) lead_in_ = std::make_shared<const std::string>(std::move(lead_in));
}

/// The position does not move while a block is sent, and titles are only ever added at the ring's
/// end, where the block of a listener who is there may still change: told_ decides once its first
/// byte has gone.
std::string_view Feed::block(const Titles& titles) const {
  if (block_sent_ > 0) return *told_;
  const Titles::Block now = titles.at(position_);
  if (now == nullptr || now == told_) return kNoChange;
  return *now;
}

Bytes Feed::next(const BurstRing& ring, const Titles& titles) const {
  // A block waits for the sound that follows it, so that a title which arrives with that sound is
  // not late by a whole metaint.
  const bool has_sound = lead_in_ || position_ < ring.end();
  if (at_block() && has_sound) return bytes_of(block(titles).substr(block_sent_));
  Bytes piece = lead_in_ ? bytes_of(*lead_in_).subspan(lead_in_sent_) : ring.read(position_);
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
      if (whole.size() > 1 && block_sent_ == 0) told_ = titles.at(position_);
      block_sent_ += step;
      if (block_sent_ < whole.size()) continue;
      block_sent_ = 0;
      to_block_ = kMetaint;
      continue;
    }
    if (icy_) to_block_ -= step;
    if (lead_in_) {
      lead_in_sent_ += step;
      if (lead_in_sent_ == lead_in_->size()) lead_in_.reset();
    } else {
      position_ += step;
    }
  }
}

}  // namespace infinara::cast

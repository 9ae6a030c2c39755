// SPDX-License-Identifier: Apache-2.0
// Samples that wait to be played: written in pieces of any size, read in place. Memory follows what
// is held, in blocks of 160 ms; nothing is ever moved.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <span>

#include "sound/frame.hpp"

namespace infinara::sound {

class Fifo {
 public:
  /// Samples a channel that are held.
  std::int64_t size() const { return size_; }

  /// Appends interleaved stereo.
  void write(std::span<const std::int16_t> samples) {
    while (!samples.empty()) {
      if (end_ == kBlockValues || blocks_.empty()) {
        blocks_.push_back(spare_ ? std::move(spare_) : std::make_unique_for_overwrite<Block>());
        end_ = 0;
      }
      const auto count = std::min(samples.size(), kBlockValues - end_);
      std::memcpy(blocks_.back()->data() + end_, samples.data(), count * sizeof(std::int16_t));
      end_ += count;
      size_ += static_cast<std::int64_t>(count) / kChannels;
      samples = samples.subspan(count);
    }
  }

  /// The oldest samples, as far as they lie in one piece: empty only if the FIFO is.
  std::span<const std::int16_t> front() const {
    if (size_ == 0) return {};
    const auto stop = blocks_.size() == 1 ? end_ : kBlockValues;
    return {blocks_.front()->data() + begin_, stop - begin_};
  }

  /// Forgets the oldest `samples`; no more than front() shows.
  void drop(std::int64_t samples) {
    begin_ += static_cast<std::size_t>(samples) * kChannels;
    size_ -= samples;
    if (begin_ == kBlockValues || size_ == 0) {
      spare_ = std::move(blocks_.front());
      blocks_.pop_front();
      begin_ = 0;
    }
  }

  void clear() { *this = Fifo(); }

 private:
  static constexpr std::size_t kBlockValues = 8 * kFrameValues;
  using Block = std::array<std::int16_t, kBlockValues>;

  std::deque<std::unique_ptr<Block>> blocks_;
  std::unique_ptr<Block> spare_;  // the block last emptied, so that a steady flow allocates nothing
  std::size_t begin_ = 0;         // first value held in the first block
  std::size_t end_ = 0;           // first free value in the last block
  std::int64_t size_ = 0;
};

}  // namespace infinara::sound

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
#include <utility>
#include <vector>

#include "sound/frame.hpp"

namespace infinara::sound {

/// Blocks that were emptied, kept for whoever writes next: a steady flow asks the system for
/// nothing.
class Blocks {
 public:
  static constexpr std::size_t kValues = 8 * kFrameValues;
  using Block = std::array<std::int16_t, kValues>;
  using Owner = std::unique_ptr<Block>;

  Owner take() {
    if (spare_.empty()) return std::make_unique_for_overwrite<Block>();
    auto block = std::move(spare_.back());
    spare_.pop_back();
    return block;
  }
  void give(Owner block) {
    if (spare_.size() < most_) spare_.push_back(std::move(block));
  }

  /// How much is kept, in samples: as much as will be wanted again at one time.
  void keep(std::int64_t samples) {
    most_ = static_cast<std::size_t>(samples) * kChannels / kValues;
    if (spare_.size() > most_) spare_.resize(most_);
  }

 private:
  std::size_t most_ = 0;
  std::vector<Owner> spare_;
};

class Fifo {
 public:
  /// The blocks must outlive the FIFO.
  explicit Fifo(Blocks& blocks) : source_(blocks) {}

  /// Samples a channel that are held.
  std::int64_t size() const { return size_; }

  /// Appends interleaved stereo.
  void write(std::span<const std::int16_t> samples) {
    while (!samples.empty()) {
      if (end_ == Blocks::kValues || blocks_.empty()) {
        blocks_.push_back(source_.take());
        end_ = 0;
      }
      const auto count = std::min(samples.size(), Blocks::kValues - end_);
      std::memcpy(blocks_.back()->data() + end_, samples.data(), count * sizeof(std::int16_t));
      end_ += count;
      size_ += static_cast<std::int64_t>(count) / kChannels;
      samples = samples.subspan(count);
    }
  }

  /// The oldest samples, as far as they lie in one piece: empty only if the FIFO is.
  std::span<const std::int16_t> front() const {
    if (size_ == 0) return {};
    const auto stop = blocks_.size() == 1 ? end_ : Blocks::kValues;
    return {blocks_.front()->data() + begin_, stop - begin_};
  }

  /// Copies samples from so many behind the oldest one. A negative number is before it: the
  /// last 160 ms that were dropped are seen. What was never written, or is forgotten, is silence.
  void peek(std::int64_t from, std::span<std::int16_t> out) const {
    constexpr auto kBlock = static_cast<std::int64_t>(Blocks::kValues);
    auto place = static_cast<std::int64_t>(begin_) + from * kChannels;
    const auto stop = static_cast<std::int64_t>(begin_) + size_ * kChannels;
    for (std::size_t done = 0; done < out.size();) {
      const auto block = place >= 0 ? place / kBlock : -1;  // -1: the one before
      const auto within = place - block * kBlock;
      auto count = std::min(static_cast<std::int64_t>(out.size() - done),
                            within >= 0 ? kBlock - within : -within);
      const std::int16_t* values = nullptr;
      if (block < 0) {
        if (past_ && within >= 0) values = past_->data() + within;
      } else if (place < stop) {
        count = std::min(count, stop - place);
        values = blocks_[static_cast<std::size_t>(block)]->data() + within;
      }
      const auto size = static_cast<std::size_t>(count) * sizeof(std::int16_t);
      if (values != nullptr)
        std::memcpy(out.data() + done, values, size);
      else
        std::memset(out.data() + done, 0, size);
      place += count;
      done += static_cast<std::size_t>(count);
    }
  }

  /// Forgets the oldest `samples`; no more than front() shows.
  void drop(std::int64_t samples) {
    begin_ += static_cast<std::size_t>(samples) * kChannels;
    size_ -= samples;
    if (begin_ == Blocks::kValues || size_ == 0) {
      const bool is_full = begin_ == Blocks::kValues;
      if (past_) source_.give(std::move(past_));
      if (is_full)
        past_ = std::move(blocks_.front());
      else
        source_.give(std::move(blocks_.front()));
      blocks_.pop_front();
      begin_ = 0;
    }
  }

  void clear() {
    while (size_ > 0) drop(static_cast<std::int64_t>(front().size()) / kChannels);
    if (past_) source_.give(std::move(past_));
  }

 private:
  Blocks& source_;
  Blocks::Owner past_;  // the last block that was emptied
  std::deque<Blocks::Owner> blocks_;
  std::size_t begin_ = 0;  // first value held in the first block
  std::size_t end_ = 0;    // first free value in the last block
  std::int64_t size_ = 0;
};

}  // namespace infinara::sound

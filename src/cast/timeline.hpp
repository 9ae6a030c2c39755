// SPDX-License-Identifier: Apache-2.0
// Values that each hold from a position in the stream on, until the next one's position.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <utility>

namespace infinara::cast {

template <class T>
class Timeline {
 public:
  /// `position` must not be before the newest value's; at the same position `value` replaces it.
  void set(std::uint64_t position, T value) {
    if (!entries_.empty() && entries_.back().first == position) entries_.pop_back();
    entries_.emplace_back(position, std::move(value));
  }
  /// The value that holds at `position`; nullptr before the first one.
  const T* at(std::uint64_t position) const {
    const auto after = std::upper_bound(
        entries_.begin(), entries_.end(), position,
        [](std::uint64_t p, const std::pair<std::uint64_t, T>& entry) { return p < entry.first; });
    return after == entries_.begin() ? nullptr : &std::prev(after)->second;
  }
  const T* newest() const { return entries_.empty() ? nullptr : &entries_.back().second; }
  /// Drops the values that hold at no position from `oldest` on.
  void forget_before(std::uint64_t oldest) {
    while (entries_.size() > 1 && entries_[1].first <= oldest) entries_.pop_front();
  }

 private:
  std::deque<std::pair<std::uint64_t, T>> entries_;
};

}  // namespace infinara::cast

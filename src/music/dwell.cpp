// SPDX-License-Identifier: Apache-2.0
#include "music/dwell.hpp"

#include <algorithm>

namespace infinara::music {

void Dwell::begin(Time now, double low, double high, Random& random) {
  begin_ = now;
  length_ = time_from_seconds(low + random.uniform() * std::max(0.0, high - low));
}

void Dwell::fit(double low, double high) {
  if (length_)
    length_ = std::clamp(*length_, time_from_seconds(low), time_from_seconds(std::max(low, high)));
}

std::optional<Time> Dwell::end() const {
  return length_ ? std::optional(begin_ + *length_) : std::nullopt;
}

Time Dwell::remaining(Time now) const {
  return length_ && begin_ + *length_ > now ? begin_ + *length_ - now : 0;
}

}  // namespace infinara::music

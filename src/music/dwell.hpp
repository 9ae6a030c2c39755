// SPDX-License-Identifier: Apache-2.0
// How long the DJ stays in a genre. Lengths that a person types are seconds.
#pragma once

#include <optional>

#include "music/random.hpp"
#include "music/time.hpp"

namespace infinara::music {

class Dwell {
 public:
  /// Stays from `now` for a time drawn from [low, high] seconds; `high` below `low` counts as
  /// `low`.
  void begin(Time now, double low, double high, Random& random);
  /// Stays until told otherwise.
  void stop() { length_.reset(); }
  /// Brings a stay that has begun within new bounds; its begin remains.
  void fit(double low, double high);

  bool is_running() const { return length_.has_value(); }
  /// When the stay ends; nothing if it does not by itself.
  std::optional<Time> end() const;
  /// Nanoseconds left; 0 once over, and 0 if it does not end by itself.
  Time remaining(Time now) const;

 private:
  Time begin_ = 0;
  std::optional<Time> length_;
};

}  // namespace infinara::music

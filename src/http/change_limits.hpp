// SPDX-License-Identifier: Apache-2.0
// How often the programme may be changed: by one address, and by all together.
#pragma once

#include <deque>
#include <map>

#include "door/address.hpp"

namespace infinara::http {

/// Time is handed in, in seconds of a clock that only moves forward.
class ChangeLimits {
 public:
  struct Settings {
    double skip_seconds = 0;  // from one skip of the station to the next; 0: no limit
    int per_minute = 0;       // changes of one address; 0: no limit
  };

  explicit ChangeLimits(Settings settings) : settings_(settings) {}

  /// Counts the change and returns 0, or returns how many seconds it comes too early. An IPv6
  /// network of 64 bits counts as one address.
  double admit(const door::Address& from, bool is_skip, double now);

 private:
  void forget(double now);

  const Settings settings_;
  std::map<door::Address, std::deque<double>> changes_;  // of the last minute, by network
  double next_skip_ = 0;
};

}  // namespace infinara::http

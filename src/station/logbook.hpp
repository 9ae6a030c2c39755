// SPDX-License-Identifier: Apache-2.0
// The log lines of a playing station: a line for an event that an operator should see, empty for
// the others.
#pragma once

#include <cstdint>
#include <string>

#include "onair/message.hpp"

namespace infinara::station {

/// Not thread-safe.
class Logbook {
 public:
  std::string line_of(const onair::Message& message);

  struct ListenerCounts {
    unsigned listeners = 0;  // in all
    unsigned webrtc = 0;     // of those
    unsigned dropped = 0;    // since it is on air
    unsigned refused = 0;    // since the last call
  };
  /// Empty if nothing has changed.
  std::string line_of(const ListenerCounts& now);

 private:
  std::string player_;       // generator of the last track on air
  std::uint64_t track_ = 0;  // on air
  std::string title_;        // of that
  onair::Position told_at_ = 0;
  std::string remark_;  // a generator's last one, until a generator's state is logged
  unsigned listeners_ = 0;
  unsigned dropped_ = 0;
};

}  // namespace infinara::station

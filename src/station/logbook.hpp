// SPDX-License-Identifier: Apache-2.0
// What the operator reads of a radio that plays: a line for what is worth one, empty for the rest.
#pragma once

#include <cstdint>
#include <string>

#include "onair/bulletin.hpp"

namespace infinara::station {

/// Not thread-safe.
class Logbook {
 public:
  std::string line_of(const onair::Bulletin& bulletin);

  struct Crowd {
    unsigned listeners = 0;  // in all
    unsigned webrtc = 0;     // of those
    unsigned dropped = 0;    // since it is on air
    unsigned refused = 0;    // since the last crowd
  };
  /// Empty if nothing has changed.
  std::string line_of(const Crowd& crowd);

 private:
  std::string player_;       // the generator heard last
  std::uint64_t track_ = 0;  // on air
  std::string title_;        // of that
  onair::Position told_at_ = 0;
  std::string remark_;  // the last one of a generator's, until the state of one is told
  unsigned listeners_ = 0;
  unsigned dropped_ = 0;
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// The time that passes in a programme.
#pragma once

#include <cstdint>

namespace infinara::music {

/// Programme time: nanoseconds of output since its first sample.
using Time = std::uint64_t;

constexpr Time time_from_seconds(double seconds) {
  return seconds > 0 ? static_cast<Time>(seconds * 1e9) : 0;
}

}  // namespace infinara::music

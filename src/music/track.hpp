// SPDX-License-Identifier: Apache-2.0
// One track as it is asked for.
#pragma once

#include <cstdint>
#include <string>

namespace infinara::music {

/// What a source is told. `id` counts from 1 within one programme and names the track everywhere.
struct Order {
  std::uint64_t id = 0;
  std::string genre;  // a name of kGenres
  std::string title;
  std::string caption;  // words for a generator that reads
  double duration = 0;  // seconds
  std::uint32_t seed = 0;

  bool operator==(const Order&) const = default;
};

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// Composes a track: a style sheet and a request in, a score out.
#pragma once

#include <cstdint>
#include <vector>

#include "band/order.hpp"
#include "band/score.hpp"

namespace infinara::band {

/// What the composer is asked for. 0 and nullptr leave the choice to the composer.
struct ComposeRequest {
  std::uint32_t seed = 0;
  double duration = 90;  // seconds
  double bpm = 0;
  int bpm_low = 60, bpm_high = 180;  // what the genre allows
  const Key* key = nullptr;
  double tolerance = kLengthTolerance;
  double energy = kOwnEnergy;  // 0 … 1
  std::vector<Tag> form{};     // sections in their order; empty: drawn
};

/// Composes a track. Pure: the same request and sheet give the same score. Throws OrderError if the
/// form that is asked for has more sections than the track has bars.
Score compose(const Sheet& sheet, const ComposeRequest& request);

}  // namespace infinara::band

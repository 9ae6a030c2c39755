// SPDX-License-Identifier: Apache-2.0
#include "sound/crossfade.hpp"

#include <algorithm>

namespace infinara::sound {

Plan plan_crossfade(std::int64_t wanted, std::int64_t remaining, std::int64_t total,
                    std::optional<std::int64_t> next_total) {
  auto length = std::min(wanted, total / 2);
  if (next_total) length = std::min(length, *next_total / 2);
  const Plan plan{std::max<std::int64_t>(remaining - length, 0), std::min(length, remaining)};
  return plan.length < kRamp ? Plan{remaining, 0} : plan;
}

std::int64_t plan_skip(std::int64_t wanted, std::optional<std::int64_t> remaining,
                       std::optional<std::int64_t> next_total) {
  auto length = wanted;
  if (next_total) length = std::min(length, *next_total / 2);
  length = std::max(length, kRamp);
  if (remaining) length = std::min(length, *remaining);
  return length < kRamp ? 0 : length;
}

}  // namespace infinara::sound

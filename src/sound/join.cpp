// SPDX-License-Identifier: Apache-2.0
#include "sound/join.hpp"

#include <algorithm>

namespace infinara::sound {

Join plan_join(const Outgoing& outgoing, const Incoming& incoming, const JoinSettings& settings) {
  auto length = std::min(settings.crossfade, outgoing.total / 2);
  if (incoming.total) length = std::min(length, *incoming.total / 2);
  const auto start = std::max<std::int64_t>(outgoing.remaining - length, 0);
  length = std::min(length, outgoing.remaining);
  if (length < kRamp) return {outgoing.remaining, {0, settings.curve}, {0, settings.curve}};
  return {start, {length, settings.curve}, {length, settings.curve}};
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

// SPDX-License-Identifier: Apache-2.0
// What the drummer plays over a score that has its sections.
#pragma once

#include <cstdint>

#include "band/score.hpp"

namespace infinara::band {

/// Fills score.hits from the sheet's rows and fills.
void play_drums(Score& score, std::uint32_t seed);

}  // namespace infinara::band

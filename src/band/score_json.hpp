// SPDX-License-Identifier: Apache-2.0
// A score as JSON, for tools that judge or draw what the band composes.
#pragma once

#include <cstdint>
#include <string>

#include "band/score.hpp"

namespace infinara::band {

/// One line of JSON, without a line feed. docs/score-json.md documents the form, which is stable:
/// fields are added, never renamed or removed. `seed` is printed as given.
std::string to_json(const Score& score, std::uint32_t seed);

}  // namespace infinara::band

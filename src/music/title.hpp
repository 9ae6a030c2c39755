// SPDX-License-Identifier: Apache-2.0
// A track's name, always the same for the same genre and seed.
#pragma once

#include <cstdint>
#include <string>

#include "music/genre.hpp"

namespace infinara::music {

/// Two to six words in the genre's own vocabulary, over ten thousand different ones a genre.
std::string title_of(const Genre& genre, std::uint32_t seed);

}  // namespace infinara::music

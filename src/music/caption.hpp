// SPDX-License-Identifier: Apache-2.0
// Words for a generator that reads: 15 to 25 about instruments, mood and sound, never tempo or key.
#pragma once

#include <span>
#include <string_view>

#include "music/dice.hpp"
#include "music/genre.hpp"

namespace infinara::music {

/// All captions of a genre.
std::span<const std::string_view> captions_of(const Genre& genre);

/// Draws a caption that is not among `avoid`. If that leaves none, the first of them may come
/// again, then the second, and so on.
std::string_view draw_caption(const Genre& genre, std::span<const std::string_view> avoid,
                              Dice& dice);

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// Words for a generator that reads: 15 to 25 about instruments, mood and sound, never tempo or key.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "music/dice.hpp"
#include "music/genre.hpp"

namespace infinara::music {

/// All captions of a genre.
std::span<const std::string_view> captions_of(const Genre& genre);

/// Draws captions; within a genre never the same twice running.
class Captions {
 public:
  std::string_view next(const Genre& genre, Dice& dice);

 private:
  std::array<std::optional<std::size_t>, kGenreCount> last_;
};

}  // namespace infinara::music

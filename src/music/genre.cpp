// SPDX-License-Identifier: Apache-2.0
#include "music/genre.hpp"

#include <algorithm>

namespace infinara::music {

const Genre* find_genre(std::string_view name) {
  const auto* found = std::ranges::find(kGenres, name, &Genre::name);
  return found == kGenres.end() ? nullptr : found;
}

std::string genre_names() {
  std::string names;
  for (const Genre& genre : kGenres) names += (names.empty() ? "" : ", ") + std::string(genre.name);
  return names;
}

}  // namespace infinara::music

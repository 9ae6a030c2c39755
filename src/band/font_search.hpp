// SPDX-License-Identifier: Apache-2.0
// Finds the sound font that the band plays when an order names none.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace infinara::band {

/// Folders in which Debian and others install soundfonts.
std::vector<std::string> usual_font_folders();
/// The best font in these folders: the known ones in order of quality, else the first of any others
/// by path. nullopt if there is none.
std::optional<std::string> find_font(const std::vector<std::string>& folders);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/font_search.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace infinara::band {

std::vector<std::string> usual_font_folders() {
  return {"/usr/share/sounds/sf2",       "/usr/share/soundfonts", "/usr/local/share/soundfonts",
          "/usr/local/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/infinara",
          "/usr/local/share/infinara"};
}

std::optional<std::string> find_font(const std::vector<std::string>& folders) {
  // infinara.sf3: what tools/soundfont_subset.py makes of FluidR3_GM.sf2
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"MuseScore_General_Full.sf2", "MuseScore_General.sf2", "FluidR3_GM.sf2", "FluidR3_GM2-2.sf2",
       "infinara.sf3", "GeneralUser-GS.sf2", "GeneralUser GS.sf2", "TimGM6mb.sf2",
       "FluidR3Mono_GM.sf3", "MuseScore_General_Lite.sf3"});
  std::error_code error;
  for (const auto name : kKnown)
    for (const auto& folder : folders)
      if (const auto path = std::filesystem::path(folder) / name;
          std::filesystem::is_regular_file(path, error))
        return path.string();
  std::vector<std::string> others;  // any, in the order of their names
  for (const auto& folder : folders)
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      if (entry.path().extension() == ".sf2" && entry.is_regular_file(error))
        others.push_back(entry.path().string());
  if (others.empty()) return std::nullopt;
  return *std::ranges::min_element(others);
}

}  // namespace infinara::band

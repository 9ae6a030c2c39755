// SPDX-License-Identifier: Apache-2.0
#include "band/font_search.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace infinara::band {

std::vector<std::string> usual_font_folders() {
  return {"/usr/share/sounds/sf2",       "/usr/share/soundfonts", "/usr/local/share/soundfonts",
          "/usr/local/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/infinara",
          "/usr/local/share/infinara"};
}

namespace {

struct Known {
  int kit;
  std::string_view name;
  double gain;
};
constexpr auto kDrumFonts =
    std::to_array<Known>({{0, "Black_Pearl_4_LV2.sf2", -3.0}, {16, "Red_Zeppelin_4_LV2.sf2", 2.7}});

std::optional<std::string> find_named(const std::vector<std::string>& folders,
                                      std::string_view name) {
  std::error_code error;
  for (const auto& folder : folders)
    if (const auto path = std::filesystem::path(folder) / name;
        std::filesystem::is_regular_file(path, error))
      return path.string();
  return std::nullopt;
}

}  // namespace

std::optional<DrumFont> find_drum_font(const std::vector<std::string>& folders, int kit) {
  const auto* known = std::ranges::find(kDrumFonts, kit, &Known::kit);
  if (known == kDrumFonts.end()) return std::nullopt;
  auto path = find_named(folders, known->name);
  if (!path) return std::nullopt;
  return DrumFont{kit, std::move(*path), known->gain};
}

std::optional<std::string> find_font(const std::vector<std::string>& folders) {
  // infinara.sf3: what tools/soundfont_subset.py makes of FluidR3_GM.sf2
  constexpr auto kKnown = std::to_array<std::string_view>(
      {"MuseScore_General_Full.sf2", "MuseScore_General.sf2", "FluidR3_GM.sf2", "FluidR3_GM2-2.sf2",
       "infinara.sf3", "GeneralUser-GS.sf2", "GeneralUser GS.sf2", "TimGM6mb.sf2",
       "FluidR3Mono_GM.sf3", "MuseScore_General_Lite.sf3"});
  for (const auto name : kKnown)
    if (auto path = find_named(folders, name)) return path;
  std::error_code error;
  std::vector<std::string> others;  // any that may have all instruments
  for (const auto& folder : folders)
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      if (entry.path().extension() == ".sf2" && entry.is_regular_file(error) &&
          std::ranges::find(kDrumFonts, entry.path().filename().string(), &Known::name) ==
              kDrumFonts.end())
        others.push_back(entry.path().string());
  if (others.empty()) return std::nullopt;
  return *std::ranges::min_element(others);
}

}  // namespace infinara::band

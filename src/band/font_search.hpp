// SPDX-License-Identifier: Apache-2.0
// Finds the sound font that the band plays when an order names none.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace infinara::band {

/// Folders in which Debian and others install soundfonts.
std::vector<std::string> usual_font_folders();
/// Recorded drums, five strokes of each by velocity.
struct DrumFont {
  int kit;           // of General MIDI, in whose place they come: 0 standard, 16 power
  std::string path;  // its only preset is 0 of bank 0
  double gain;       // dB that make it as loud as FluidR3's kit
};
/// Debian's avldrums.lv2-soundfont where it is in these folders and has such a kit.
std::optional<DrumFont> find_drum_font(const std::vector<std::string>& folders, int kit);
/// The best font in these folders: the known ones in order of quality, else the first of any others
/// by path. nullopt if there is none.
std::optional<std::string> find_font(const std::vector<std::string>& folders);

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// Our own drums: each sound is computed when it is first struck and played from memory. Drums that
// hands play have three takes of each, drum machines one.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "band/block.hpp"
#include "band/presets.hpp"
#include "band/sheet.hpp"
#include "music/random.hpp"

namespace infinara::band {

class DrumKit {
 public:
  DrumKit(std::string_view kit, std::uint64_t seed);
  void strike(Drum drum, int velocity);
  /// Adds the next block.
  void render(Stereo& out);

 private:
  struct Ringing {
    const std::vector<float>* sound = nullptr;
    std::size_t at = 0;
    float bright = 1, low = 0;  // a soft stroke is a darker one: a one-pole low-pass
    float left = 0, right = 0, level = 1, fade = 1;  // a choked hat fades
    Drum drum = Drum::kKick;
  };
  /// What a drum has: its pitch in this kit, how often it was struck, its takes.
  struct Sounds {
    double tune = 0;
    std::uint32_t strokes = 0;
    std::array<std::vector<float>, 3> takes;
  };
  const std::vector<float>& sound_of(Drum drum);

  Kit kit_;
  music::Random random_;
  std::array<Sounds, kDrumNames.size()> sounds_;
  std::array<Ringing, 24> ringing_{};
  std::size_t next_ = 0;
};

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// Our own drums: each sound is computed once when it is first struck and played from memory.
#pragma once

#include <array>
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
    float left = 0, right = 0, level = 1, fade = 1;  // a choked hat fades
    Drum drum = Drum::kKick;
  };
  const std::vector<float>& sound_of(Drum drum);

  Kit kit_;
  music::Random random_;
  std::array<std::vector<float>, kDrumNames.size()> sounds_;
  std::array<Ringing, 24> ringing_{};
  std::size_t next_ = 0;
};

}  // namespace infinara::band

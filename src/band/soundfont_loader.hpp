// SPDX-License-Identifier: Apache-2.0
// Lets FluidSynth play a SoundFont without a copy. FluidSynth's own loader keeps 12 MB of tables
// for each synth and copies whole samples.
#pragma once

#include <fluidsynth.h>

#include <cstdint>

namespace infinara::band {

/// How a note differs from what the font says.
struct Nuance {
  float cents = 0;         // of its pitch
  float bright = 0;        // cents of its filter
  std::uint32_t skip = 0;  // frames of the sample that are left out at its begin
};

/// Makes `synth` read SoundFont 2 files by SoundFont; other files go to FluidSynth's own loader.
/// Each note has `nuance` as it is then; it must outlive the synth.
void use_mapped_fonts(fluid_synth_t* synth, const Nuance& nuance);

}  // namespace infinara::band

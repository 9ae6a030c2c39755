// SPDX-License-Identifier: Apache-2.0
// Lets FluidSynth play a SoundFont without a copy. FluidSynth's own loader keeps 12 MB of tables
// for each synth and copies whole samples.
#pragma once

#include <fluidsynth.h>

namespace infinara::band {

/// Makes `synth` read SoundFont 2 files by SoundFont; other files go to FluidSynth's own loader.
void use_mapped_fonts(fluid_synth_t* synth);

}  // namespace infinara::band

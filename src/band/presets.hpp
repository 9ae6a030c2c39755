// SPDX-License-Identifier: Apache-2.0
// Our own voices and drum kits by name, as numbers that the synthesiser reads.
#pragma once

#include <optional>
#include <string_view>

#include "music/random.hpp"

namespace infinara::band {

enum class Wave { kSine, kTriangle, kSquare, kSaw, kFm, kPluck, kOrgan, kNoise };

/// Times in seconds, filter in Hz, amounts in octaves or 0 … 1.
struct Preset {
  std::string_view name;
  Wave wave = Wave::kSaw;
  int unison = 1;     // oscillators a voice, spread over `detune` and the stereo field
  double detune = 0;  // cents between the outermost two
  double sub = 0;     // a sine an octave below
  double attack = 0.005, decay = 0.2, sustain = 0.7, release = 0.2;
  double cutoff = 18000;  // low-pass at A4; moves with the key by `track`
  double track = 0.3;
  // Octaves that the filter opens, and how fast it closes. Noise below 0: it opens over the attack.
  double env = 0, env_decay = 0.2;
  double resonance = 0.1;                          // 0 … 0.9
  double ratio = 1, index = 0, index_decay = 0.5;  // FM
  double tune = 0;                                 // cents
  double vibrato = 0;                              // cents, at 5 Hz, coming in after 0.3 s
  double rise = 0;   // octaves that pitch and filter climb over the attack
  double swell = 1;  // the power of the attack's rise: 1 is straight, more comes late
  double drive = 0;  // 0 … 1
  double gain = 0;   // dB that make all presets alike loud
};

const Preset* find_preset(std::string_view name);
/// The preset as one player has set it: filter, detuning, envelope and tuning differ by `spread`.
Preset varied(const Preset& preset, double spread, music::Random random);

/// The drum kits of our own.
enum class Kit { kStudio, kLofi, k808, k909, kBreak };
std::optional<Kit> find_kit(std::string_view name);

/// The own voice that stands in for a GM program when there is no soundfont.
const Preset& stand_in(int gm_program);

}  // namespace infinara::band

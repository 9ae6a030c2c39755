// SPDX-License-Identifier: Apache-2.0
#include "band/presets.hpp"

#include <algorithm>
#include <array>

namespace infinara::band {

namespace {

constexpr auto kPresets = std::to_array<Preset>({
    // pads
    {.name = "warm", .wave = Wave::kSaw, .unison = 3, .detune = 16, .attack = 0.35, .decay = 1.5, .sustain = 0.8, .release = 1.0, .cutoff = 1100, .track = 0.4, .env = 0.8, .env_decay = 1.8, .gain = -4},
    {.name = "strings", .wave = Wave::kSaw, .unison = 4, .detune = 20, .attack = 0.16, .decay = 0.5, .sustain = 0.9, .release = 0.55, .cutoff = 2600, .track = 0.5, .vibrato = 5, .gain = -6},
    {.name = "glass", .wave = Wave::kFm, .unison = 2, .detune = 9, .attack = 0.25, .decay = 2.5, .sustain = 0.55, .release = 1.4, .cutoff = 6000, .ratio = 2, .index = 0.9, .index_decay = 2.5, .gain = -6},
    {.name = "choir", .wave = Wave::kTriangle, .unison = 4, .detune = 22, .attack = 0.4, .decay = 1, .sustain = 0.9, .release = 0.9, .cutoff = 1700, .track = 0.5, .vibrato = 9, .gain = -3},
    {.name = "haze", .wave = Wave::kSquare, .unison = 2, .detune = 14, .attack = 0.5, .decay = 2, .sustain = 0.8, .release = 1.4, .cutoff = 850, .track = 0.3, .env = 0.6, .env_decay = 2.5, .gain = -5},
    // basses
    {.name = "sub", .wave = Wave::kSine, .attack = 0.006, .decay = 0.4, .sustain = 0.85, .release = 0.08, .drive = 0.35, .gain = 0},
    {.name = "synthbass", .wave = Wave::kSaw, .unison = 2, .detune = 8, .sub = 0.6, .attack = 0.003, .decay = 0.25, .sustain = 0.6, .release = 0.07, .cutoff = 750, .track = 0.4, .env = 2, .env_decay = 0.14, .resonance = 0.3, .drive = 0.3, .gain = -3},
    {.name = "reese", .wave = Wave::kSaw, .unison = 2, .detune = 26, .sub = 0.9, .attack = 0.01, .decay = 0.5, .sustain = 0.9, .release = 0.08, .cutoff = 600, .track = 0.3, .env = 0.7, .env_decay = 0.6, .resonance = 0.2, .drive = 0.5, .gain = -3},
    {.name = "roundbass", .wave = Wave::kTriangle, .sub = 0.4, .attack = 0.004, .decay = 0.5, .sustain = 0.5, .release = 0.09, .cutoff = 900, .track = 0.4, .env = 1.4, .env_decay = 0.1, .drive = 0.15, .gain = 0},
    // keys, plucks, bells
    {.name = "epiano", .wave = Wave::kFm, .unison = 2, .detune = 5, .attack = 0.002, .decay = 1.3, .sustain = 0.12, .release = 0.22, .cutoff = 5000, .ratio = 1, .index = 1.3, .index_decay = 0.5, .gain = 0},
    {.name = "bell", .wave = Wave::kFm, .unison = 2, .detune = 6, .attack = 0.002, .decay = 1.6, .sustain = 0, .release = 1.2, .ratio = 3.5, .index = 1.4, .index_decay = 0.6, .gain = -1},
    {.name = "marimba", .wave = Wave::kFm, .attack = 0.001, .decay = 0.35, .sustain = 0, .release = 0.2, .ratio = 4, .index = 0.8, .index_decay = 0.06, .gain = 2},
    {.name = "string", .wave = Wave::kPluck, .attack = 0.001, .decay = 3, .sustain = 0.6, .release = 0.18, .cutoff = 5200, .track = 0.3, .gain = 2},
    {.name = "pluck", .wave = Wave::kSaw, .unison = 2, .detune = 10, .attack = 0.002, .decay = 0.28, .sustain = 0.05, .release = 0.18, .cutoff = 900, .track = 0.5, .env = 2.6, .env_decay = 0.12, .resonance = 0.2, .gain = 0},
    {.name = "organ", .wave = Wave::kOrgan, .attack = 0.008, .decay = 0.1, .sustain = 1, .release = 0.08, .vibrato = 5, .gain = -6},
    // leads
    {.name = "sawlead", .wave = Wave::kSaw, .unison = 2, .detune = 11, .attack = 0.012, .decay = 0.4, .sustain = 0.75, .release = 0.22, .cutoff = 2600, .track = 0.5, .env = 0.9, .env_decay = 0.4, .resonance = 0.15, .vibrato = 9, .gain = -4},
    {.name = "squarelead", .wave = Wave::kSquare, .attack = 0.01, .decay = 0.4, .sustain = 0.7, .release = 0.2, .cutoff = 2200, .track = 0.5, .vibrato = 9, .gain = -5},
    {.name = "softlead", .wave = Wave::kTriangle, .unison = 2, .detune = 7, .attack = 0.03, .decay = 0.6, .sustain = 0.75, .release = 0.3, .cutoff = 3000, .track = 0.5, .vibrato = 12, .gain = 0},
    {.name = "flute", .wave = Wave::kFm, .attack = 0.045, .decay = 0.3, .sustain = 0.85, .release = 0.16, .cutoff = 4000, .ratio = 2, .index = 0.25, .index_decay = 8, .vibrato = 14, .gain = -1},
    {.name = "brass", .wave = Wave::kSaw, .unison = 3, .detune = 10, .attack = 0.035, .decay = 0.3, .sustain = 0.8, .release = 0.14, .cutoff = 1300, .track = 0.5, .env = 1.2, .env_decay = 0.25, .vibrato = 4, .gain = -5},
    {.name = "supersaw", .wave = Wave::kSaw, .unison = 6, .detune = 34, .attack = 0.008, .decay = 0.5, .sustain = 0.8, .release = 0.35, .cutoff = 5200, .track = 0.4, .env = 0.5, .env_decay = 0.5, .gain = -7},
    {.name = "stab", .wave = Wave::kSaw, .unison = 4, .detune = 22, .attack = 0.002, .decay = 0.22, .sustain = 0.1, .release = 0.16, .cutoff = 1600, .track = 0.4, .env = 2, .env_decay = 0.16, .resonance = 0.2, .gain = -3},
    {.name = "crunch", .wave = Wave::kSaw, .unison = 2, .detune = 9, .attack = 0.003, .decay = 0.6, .sustain = 0.7, .release = 0.1, .cutoff = 1900, .track = 0.2, .env = 0.8, .env_decay = 0.3, .drive = 0.8, .gain = -6},
    // effects
    {.name = "riser", .wave = Wave::kNoise, .attack = 3.5, .decay = 0.1, .sustain = 1, .release = 0.12, .cutoff = 1400, .track = 0, .env = -1, .resonance = 0.5, .gain = -8},
    {.name = "boom", .wave = Wave::kSine, .attack = 0.004, .decay = 1.6, .sustain = 0, .release = 0.8, .env = 1.6, .env_decay = 0.07, .drive = 0.4, .gain = 2},
});

constexpr std::array<std::string_view, 5> kKits{"studio", "lofi", "808", "909", "break"};

}  // namespace

const Preset* find_preset(std::string_view name) {
  const auto* found = std::ranges::find(kPresets, name, &Preset::name);
  return found == kPresets.end() ? nullptr : found;
}

bool is_kit(std::string_view name) {
  return std::ranges::find(kKits, name) != kKits.end();
}

const Preset& stand_in(int program) {
  struct Family {
    int last;
    std::string_view name;
  };
  constexpr auto kFamilies = std::to_array<Family>({
      {3, "epiano"},   {5, "epiano"},   {7, "string"},   {11, "bell"},    {13, "marimba"},
      {15, "bell"},    {23, "organ"},   {26, "string"},  {28, "pluck"},   {30, "crunch"},
      {31, "string"},  {37, "roundbass"}, {39, "synthbass"}, {41, "softlead"}, {44, "strings"},
      {46, "string"},  {47, "boom"},    {51, "strings"}, {54, "choir"},   {55, "stab"},
      {63, "brass"},   {67, "squarelead"}, {71, "softlead"}, {79, "flute"}, {87, "sawlead"},
      {95, "warm"},    {103, "glass"},  {107, "string"}, {127, "pluck"},
  });
  const auto* found =
      std::ranges::find_if(kFamilies, [&](const Family& f) { return program <= f.last; });
  return *find_preset(found == kFamilies.end() ? "pluck" : found->name);
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// Our own synthesiser: a player with a preset, sixteen voices at most.
#pragma once

#include <array>
#include <vector>

#include "band/block.hpp"
#include "band/presets.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// Two-pole low-pass, state variable with trapezoidal integration (Zavalishin, "The Art of VA
/// Filter Design", 2018, chapter 4); stable while its cutoff moves.
class LowPass {
 public:
  void set(float cutoff_hz, float resonance);
  float process(float x) {
    const float v3 = x - z2_;
    const float v1 = a1_ * z1_ + a2_ * v3;
    const float v2 = z2_ + a2_ * z1_ + a3_ * v3;
    z1_ = 2 * v1 - z1_;
    z2_ = 2 * v2 - z2_;
    return v2;
  }
  void process(Mono& block) {
    for (float& x : block) x = process(x);
  }
  /// Two blocks at once, each through its own filter: the processor does both in the time of one.
  static void process(LowPass& a, Mono& block_a, LowPass& b, Mono& block_b) {
    LowPass first = a, second = b;
    for (std::size_t i = 0; i < kBlock; ++i) {
      block_a[i] = first.process(block_a[i]);
      block_b[i] = second.process(block_b[i]);
    }
    a = first;
    b = second;
  }

 private:
  float a1_ = 0, a2_ = 0, a3_ = 0, z1_ = 0, z2_ = 0;
};

class Synth {
 public:
  Synth(const Preset& preset, std::uint64_t seed)
      : preset_(preset),
        random_(seed, ""),
        gain_(from_db(preset.gain - 15)),
        cutoff_(preset.cutoff) {}

  void note_on(int pitch, int velocity);
  void note_off(int pitch);
  /// Moves the filter's cutoff by `octaves`, and with it the FM index, from the next block on. From
  /// then on the cutoff starts at 1800 Hz at most, so that a bright preset is swept audibly, too.
  void shift_cutoff(double octaves) {
    cutoff_shift_ = octaves;
    cutoff_ = std::min(preset_.cutoff, kMostSweptHz);
  }
  /// Adds the next block.
  void render(Stereo& out);

 private:
  struct Voice {
    bool sounding = false, held = false;
    int pitch = 0;
    float level = 0;
    double hz = 0, bright = 0;  // octaves of its filter
    int age = 0;                // blocks
    float amp = 0;
    int stage = 0;                         // 0 attack, 1 decay, 2 release
    std::array<std::uint32_t, 6> phase{};  // a cycle is 2^32
    std::array<float, 6> spread{}, pan{};
    std::uint32_t modulator = 0, sub = 0;
    LowPass left, right;
    std::vector<float> string;  // Karplus-Strong
    std::size_t at = 0;
    float string_last = 0;
  };

  void render(Voice& voice, Stereo& out);
  void oscillate(Voice& voice, float hz, Mono& left, Mono& right);
  void pluck(Voice& voice);

  Preset preset_;
  music::Random random_;
  float gain_;
  int notes_ = 0;
  static constexpr double kMostSweptHz = 1800;
  double cutoff_;            // Hz
  double cutoff_shift_ = 0;  // octaves
  std::array<Voice, 16> voices_;
};

}  // namespace infinara::band

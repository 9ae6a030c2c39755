// SPDX-License-Identifier: Apache-2.0
// General MIDI instruments: FluidSynth with a sound font renders one stereo stem for each player.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "band/block.hpp"

namespace infinara::band {

/// A synth with `presets.size()` players. One thread at a time.
class FluidSynth {
 public:
  struct Preset {
    int bank, program;
    double release = 1;     // times what the font says
    std::string font = {};  // the file it is in; empty: that of the synth
  };
  /// Throws std::runtime_error if a font cannot be loaded.
  FluidSynth(const std::string& font, std::span<const Preset> presets);
  ~FluidSynth();

  void note_on(int player, int pitch, int velocity);
  void note_off(int player, int pitch);
  /// Renders the next block of all players; read by stem().
  void render();
  /// What the last block cost: FluidSynth's voices, two for each note of a stereo instrument.
  int voices() const;
  const Stereo& stem(int player) const { return stems_[static_cast<std::size_t>(player)]; }

 private:
  struct Engine;
  struct Player {
    bool percussion, layered;  // several samples by velocity
    double release;
    std::uint32_t strokes = 0;  // notes so far
    bool sounding = false;      // holds a note
  };
  struct Tail {
    unsigned voice;
    std::int64_t since;  // the block in which it was first found released
  };
  void end_covered_tails();

  std::unique_ptr<Engine> engine_;
  std::vector<Stereo> stems_;
  std::vector<Player> players_;
  std::vector<Tail> tails_;
  std::int64_t block_ = 0;
};

}  // namespace infinara::band

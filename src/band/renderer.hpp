// SPDX-License-Identifier: Apache-2.0
// Renders a track: instruments, effects, loudness controller and limiter, block by block.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "band/amplifier.hpp"
#include "band/balance_control.hpp"
#include "band/band.hpp"
#include "band/drum_kit.hpp"
#include "band/effects.hpp"
#include "band/fluid_synth.hpp"
#include "band/humanize.hpp"
#include "band/loudness_control.hpp"
#include "band/synth.hpp"
#include "sound/limiter.hpp"

namespace infinara::band {

/// One track while it plays.
class Renderer {
 public:
  Renderer(const Score& score, const BandOrder& order, std::int64_t length);
  void next(std::span<float, 2 * kBlock> out);  // a block after limiter, interleaved
  /// Samples a channel of silence before the first of the track: the limiter's look-ahead.
  std::size_t delay() const { return limiter_.delay(); }

 private:
  struct Channel {
    const PartSheet* sheet;
    int player = -1;  // of fluid_synth_, or
    std::unique_ptr<Synth> synth;
    Tone tone;
    float left, right;
    bool heard;
    std::unique_ptr<Amplifier> amplifier;
    std::unique_ptr<Sweep> sweep;
  };

  void add_instruments(const Score& score, const BandOrder& order);
  void mix(Stereo& out);
  float now_of(const std::vector<float>& hops) const;
  void add_players();
  void add_drums();
  void add_effects();
  void dispatch();
  void strike(Drum drum, int velocity);
  void send(Stereo& stem, double reverb, double delay, double chorus);

  const Sheet& sheet_;
  std::vector<Event> events_;
  std::size_t next_event_ = 0;
  std::uint32_t block_ = 0;
  std::unique_ptr<FluidSynth> fluid_synth_;
  std::vector<Channel> channels_;
  std::unique_ptr<DrumKit> kit_;  // none when the drums are a GM kit
  int drum_player_ = -1;          // of fluid_synth_: a GM kit
  int recorded_player_ = -1;      // and recorded drums, which lack a few
  bool drums_heard_;
  Tone drum_tone_;
  float drum_gain_, recorded_gain_ = 1;
  Reverb reverb_;
  Echo echo_;
  EchoDucking echo_ducking_;
  Chorus chorus_;
  bool chorus_sent_;  // a part sends to it
  Ducking ducking_;
  LofiEffects lofi_;
  BalanceController balance_;
  Stereo dry_, to_reverb_, to_echo_, to_chorus_;
  float trim_;
  bool level_;
  double db_per_energy_;
  std::vector<float> liveliness_;  // of each hop: the energy of its section
  std::vector<float> energy_;      // of each hop: that with peaks and fade, as loud as it is played
  float swell_ = 1;                // how loud the section is played

  std::vector<Stereo> ahead_;
  std::size_t ahead_at_ = 0;
  LoudnessMeter meter_;
  LoudnessController controller_;
  sound::Limiter limiter_{sound::kRate, sound::kChannels};
  std::uint32_t left_blocks_ = 0;
  float gain_ = 0, gain_step_ = 0;
};

}  // namespace infinara::band

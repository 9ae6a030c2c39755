// SPDX-License-Identifier: Apache-2.0
// The effects between players and loudness controller: reverb, echo, chorus, ducking, lo-fi.
#pragma once

#include <array>
#include <vector>

#include "band/block.hpp"
#include "band/sheet.hpp"
#include "band/synth.hpp"
#include "music/random.hpp"

namespace infinara::band {

/// A line of samples read at fractions.
class DelayLine {
 public:
  explicit DelayLine(double seconds)
      : line_(static_cast<std::size_t>(seconds * sound::kRate) + 4) {}
  void push(float x) {
    at_ = at_ + 1 == line_.size() ? 0 : at_ + 1;
    line_[at_] = x;
  }
  float at(std::size_t delay) const {
    return line_[at_ >= delay ? at_ - delay : at_ + line_.size() - delay];
  }
  float at(float delay) const {
    const auto whole = static_cast<std::size_t>(delay);
    const float rest = delay - static_cast<float>(whole);
    return at(whole) + (at(whole + 1) - at(whole)) * rest;
  }

 private:
  std::vector<float> line_;
  std::size_t at_ = 0;
};

/// A room: six early reflections to each ear, then a feedback delay network (Jot) of eight lines
/// and a Hadamard matrix. Four all-passes in series (Schroeder) before the network make the tail
/// dense from its begin.
class Reverb {
 public:
  /// `seconds`: the decay by 60 dB; a longer one also has longer delays. `tone_hz`: the cutoff of
  /// the damping. `early`: 0 … 1, the level of the early reflections.
  Reverb(double seconds, double tone_hz, double early);
  void process(const Stereo& in, Stereo& out);

 private:
  static constexpr std::size_t kTaps = 6, kDiffusers = 4;
  struct AllPass {
    DelayLine line;
    std::size_t length;
    float process(float x) {
      constexpr float kGain = 0.6F;
      const float old = line.at(length - 1);
      const float in = x - kGain * old;
      line.push(in);
      return old + kGain * in;
    }
  };

  std::vector<DelayLine> lines_;
  std::array<std::size_t, 8> length_{};
  std::array<float, 8> feedback_{}, damped_{};
  DelayLine before_left_{0.1}, before_right_{0.1};
  std::vector<AllPass> diffusers_;  // of the left, then of the right
  std::array<std::size_t, kTaps> tap_left_{}, tap_right_{};
  std::array<float, kTaps> tap_gain_{};
  std::size_t pre_delay_;
  float damping_, early_damping_, early_left_ = 0, early_right_ = 0;
};

/// Echoes that go left and right by turns.
class Echo {
 public:
  Echo(double seconds, double feedback, double tone_hz);
  void process(const Stereo& in, Stereo& out);

 private:
  DelayLine left_, right_;
  std::size_t delay_;
  float feedback_, tone_, low_left_ = 0, low_right_ = 0;
};

class Chorus {
 public:
  void process(const Stereo& in, Stereo& out);

 private:
  DelayLine left_{0.05}, right_{0.05};
  double phase_ = 0;
};

/// One-pole high- and low-pass of a player; 0 Hz passes all.
class Tone {
 public:
  Tone(double lowpass_hz, double highpass_hz);
  void process(Stereo& block);

 private:
  float low_ = 0, high_ = 0;
  std::array<float, 2> a_{}, b_{}, c_{};
};

/// A slow filter sweep. It moves the cutoff of one of our own voices, or filters the sound of a
/// soundfont's player by a low-pass.
class Sweep {
 public:
  /// `octaves` it moves over; `period`: seconds from open to open; `phase`: 0 … 1, where it begins.
  Sweep(double octaves, double period, double phase);
  /// Goes on by a block. `energy`: 0 … 1, of the section that plays; lively music opens it further.
  void next(float energy);
  double open() const { return open_; }  // 0 … 1
  /// Octaves, for Synth::shift_cutoff().
  double cutoff_shift() const { return octaves_ * (open_ - 0.5); }
  void process(Stereo& block);

 private:
  double octaves_, step_, phase_, open_ = 0;
  float energy_ = -1;
  LowPass left_, right_;
};

/// Ducks echoes while their source is loud, so that they are heard in its rests.
class EchoDucking {
 public:
  explicit EchoDucking(double depth) : depth_(static_cast<float>(depth)) {}
  /// `source`: what was sent to the echo.
  void process(const Stereo& source, Stereo& echoes);

 private:
  float depth_, level_ = 0;
};

/// Pulls players down when the kick sounds, as a compressor keyed by it does.
class Ducking {
 public:
  void kick() { hold_ = 1; }
  /// How far to pull, 0 … 1, for each sample of the block.
  void next(Mono& amount);

 private:
  float hold_ = 0, level_ = 0;
};

/// Lo-fi effects on the whole mix, as of tape and vinyl: slow pitch drift, saturation, crackle,
/// hiss, wind.
class LofiEffects {
 public:
  LofiEffects(const EffectSheet& sheet, std::uint64_t seed);
  void process(Stereo& block);

 private:
  float noise();
  void drift(Stereo& block);
  void saturate(Stereo& block) const;
  void crackle(Stereo& block);
  void hiss(Stereo& block);
  void blow(Stereo& block);
  void widen(Stereo& block) const;

  EffectSheet sheet_;
  music::Random random_;
  DelayLine left_{0.03}, right_{0.03};
  double phase_ = 0, flutter_ = 0;
  float pop_ = 0, pop_left_ = 0, pop_right_ = 0, pop_low_ = 0, air_ = 0, air_goal_ = 0.5F;
  float drive_, lowpass_hz_;
  LowPass low_left_, low_right_, air_left_, air_right_, hiss_left_, hiss_right_;
  Tone high_;
};

}  // namespace infinara::band

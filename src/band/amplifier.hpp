// SPDX-License-Identifier: Apache-2.0
// A guitar amplifier and the cabinet in front of which a microphone stands.
#pragma once

#include <array>

#include "band/block.hpp"
#include "band/equaliser.hpp"
#include "band/synth.hpp"

namespace infinara::band {

/// Twice the rate around a curve that bends samples, so that what it adds above hearing does not
/// fold back into it: a half-band filter of 31 taps, Blackman's window.
class TwiceTheRate {
 public:
  TwiceTheRate();
  /// The samples between those of the block, and those of the block as late as these.
  void up(const Mono& in, Mono& early, Mono& late);
  /// Back to one.
  void down(const Mono& early, const Mono& late, Mono& out);

 private:
  static constexpr std::size_t kTaps = 16;  // of the half that is not zero
  static void filter(const std::array<float, kTaps>& taps, std::array<float, kTaps + kBlock>& line,
                     const Mono& in, Mono& out);
  std::array<float, kTaps> taps_{};
  std::array<float, kTaps + kBlock> up_{}, down_{};
  std::array<float, kTaps / 2> early_{}, held_{};
};

/// Hears the middle of its part and plays it mono, as one loudspeaker does.
class Amplifier {
 public:
  /// `drive`: 0 clean … 1 as far as it goes.
  explicit Amplifier(double drive);
  void process(Stereo& block);

 private:
  float drive_, level_;
  float low_ = 0, heard_ = 0, bias_ = 0;
  TwiceTheRate rate_;
  Equaliser body_, scoop_, presence_;
  LowPass top_, steeper_;
  float bottom_ = 0, lower_ = 0;
};

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/amplifier.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace infinara::band {

namespace {

float pole_at(double hz) {
  return static_cast<float>(1 - std::exp(-2 * std::numbers::pi * hz / sound::kRate));
}

}  // namespace

TwiceTheRate::TwiceTheRate() {
  double sum = 0;
  for (std::size_t i = 0; i < kTaps; ++i) {
    const double x = static_cast<double>(i) - kTaps / 2.0 + 0.5;  // samples from the middle
    const double turn = 2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / kTaps;
    const double window = 0.42 - 0.5 * std::cos(turn) + 0.08 * std::cos(2 * turn);
    taps_[i] = static_cast<float>(std::sin(std::numbers::pi * x) / (std::numbers::pi * x) * window);
    sum += static_cast<double>(taps_[i]);
  }
  for (float& tap : taps_) tap = static_cast<float>(static_cast<double>(tap) / sum);
}

void TwiceTheRate::filter(const std::array<float, kTaps>& taps,
                          std::array<float, kTaps + kBlock>& line, const Mono& in, Mono& out) {
  std::copy(line.end() - kTaps, line.end(), line.begin());
  std::ranges::copy(in, line.begin() + kTaps);
  out.fill(0);
  for (std::size_t k = 0; k < kTaps; ++k)
    for (std::size_t i = 0; i < kBlock; ++i) out[i] += taps[k] * line[i + k + 1];
}

void TwiceTheRate::up(const Mono& in, Mono& early, Mono& late) {
  // The filter's middle lies between the samples 8 and 9 from its end.
  constexpr std::size_t kBack = kTaps / 2;
  std::ranges::copy(early_, early.begin());
  std::copy(in.begin(), in.end() - kBack, early.begin() + kBack);
  std::copy(in.end() - kBack, in.end(), early_.begin());
  filter(taps_, up_, in, late);
}

void TwiceTheRate::down(const Mono& early, const Mono& late, Mono& out) {
  constexpr std::size_t kBack = kTaps / 2;
  Mono between;
  filter(taps_, down_, late, between);
  for (std::size_t i = 0; i < kBlock; ++i)
    out[i] = 0.5F * (between[i] + (i < kBack - 1 ? held_[i + 1] : early[i - kBack + 1]));
  std::copy(early.end() - kBack, early.end(), held_.begin());
}

/// Its gain is for a string of the soundfont's clean guitar, which reaches 0.1 or so.
Amplifier::Amplifier(double drive)
    : drive_(from_db(20 + 32 * drive)),
      level_(from_db(-16 - 3 * drive)),
      body_(Equaliser::Shape::kBell, 120, 1.2),
      scoop_(Equaliser::Shape::kBell, 480, 1.4),
      presence_(Equaliser::Shape::kBell, 2300, 1.3) {
  body_.set(3.5);
  scoop_.set(-3);
  presence_.set(5);
  // A loudspeaker of twelve inches hardly plays above 4.3 kHz: Butterworth's of the fourth order.
  top_.set(4300, 0.08F);
  steeper_.set(4300, 0.65F);
}

void Amplifier::process(Stereo& block) {
  static const float tight = pole_at(130), gate_up = pole_at(60), gate_down = pole_at(4),
                     rumble = pole_at(75), slow = pole_at(12);
  Mono mono, early, late;
  for (std::size_t i = 0; i < kBlock; ++i) {
    float x = 0.5F * (block.left[i] + block.right[i]);
    low_ += tight * (x - low_);
    x -= 0.8F * low_;  // what makes chords muddy once they are driven
    const float loud = std::abs(x);
    heard_ += (loud > heard_ ? gate_up : gate_down) * (loud - heard_);
    constexpr float kHum = 0.0003F;  // below it a gate closes
    mono[i] = x * drive_ * std::min(1.0F, heard_ / kHum);
  }
  rate_.up(mono, early, late);
  constexpr float kBias = 0.12F;  // a valve bends one side more
  const float rest = soft_clip(kBias);
  for (auto* half : {&early, &late})
    for (float& x : *half) {
      x = soft_clip(1.6F * (soft_clip(0.8F * x + kBias) - rest));
    }
  rate_.down(early, late, mono);
  for (float& x : mono) {
    bias_ += slow * (x - bias_);
    x -= bias_;
    bottom_ += rumble * (x - bottom_);
    lower_ += rumble * (x - bottom_ - lower_);
    x = (x - bottom_ - lower_) * level_;
  }
  Stereo out{mono, mono};
  body_.process(out);
  scoop_.process(out);
  presence_.process(out);
  top_.process(out.left);
  steeper_.process(out.left);
  out.right = out.left;
  block = out;
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/drum_kit.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "band/synth.hpp"

namespace infinara::band {

namespace {

/// How one drum of one kit is made: a tone that falls, and noise through a band, each dying away.
struct Recipe {
  double seconds;
  double tone, hz, fall, fall_time, tone_decay;        // level, Hz, Hz added at first, s, s
  double noise, low, high, noise_decay, noise_attack;  // level, band in Hz, s
  double drive;
  double click = 0;
};

Recipe recipe(Kit kit, Drum drum) {
  switch (drum) {
    case Drum::kKick:
      switch (kit) {
        case Kit::k808:
          return {0.9, 1.15, 46, 110, 0.03, 0.34, 0, 0, 0, 1, 0, 0.5, 0.15};
        case Kit::k909:
          return {0.45, 1.2, 51, 210, 0.028, 0.15, 0.12, 1500, 7000, 0.008, 0, 0.7, 0.45};
        case Kit::kLofi:
          return {0.4, 1.0, 52, 90, 0.03, 0.13, 0.05, 200, 1800, 0.02, 0, 0.4, 0.1};
        case Kit::kBreak:
          return {0.35, 1.0, 58, 150, 0.02, 0.10, 0.14, 400, 4500, 0.03, 0, 0.6, 0.35};
        default:
          return {0.4, 1.05, 54, 120, 0.022, 0.12, 0.10, 900, 4500, 0.012, 0, 0.3, 0.3};
      }
    case Drum::kSnare:
      switch (kit) {
        case Kit::k808:
          return {0.35, 0.4, 178, 60, 0.02, 0.08, 0.5, 900, 8500, 0.11, 0, 0.1};
        case Kit::k909:
          return {0.35, 0.5, 190, 90, 0.02, 0.07, 0.75, 700, 11000, 0.13, 0, 0.3, 0.2};
        case Kit::kLofi:
          return {0.3, 0.5, 182, 50, 0.02, 0.07, 0.6, 500, 5200, 0.09, 0, 0.3, 0.05};
        case Kit::kBreak:
          return {0.3, 0.55, 206, 80, 0.015, 0.06, 0.85, 900, 9500, 0.10, 0, 0.5, 0.3};
        default:
          return {0.35, 0.5, 194, 60, 0.02, 0.08, 0.7, 800, 9500, 0.12, 0, 0.2, 0.15};
      }
    case Drum::kRim:
      return {0.1, 0.7, 820, 400, 0.003, 0.016, 0.25, 1500, 6000, 0.012, 0, 0.3, 0.2};
    case Drum::kClap:
      return {0.35, 0, 0, 0, 1, 1, 1.1, 850, kit == Kit::kLofi ? 3500.0 : 6500.0, 0.09, -1, 0.2};
    case Drum::kHat:
      return {0.12,
              0,
              0,
              0,
              1,
              1,
              0.5,
              kit == Kit::kLofi ? 5000.0 : 7000.0,
              kit == Kit::kLofi ? 9000.0 : 15000.0,
              kit == Kit::k808 ? 0.020 : 0.026,
              0,
              0};
    case Drum::kOpen:
      return {0.6,
              0,
              0,
              0,
              1,
              1,
              0.45,
              kit == Kit::kLofi ? 4500.0 : 6500.0,
              kit == Kit::kLofi ? 8500.0 : 14000.0,
              0.14,
              0,
              0};
    case Drum::kRide:
      return {1.6, 0.05, 3150, 0, 1, 0.5, 0.22, 5200, 12000, 0.38, 0, 0};
    case Drum::kCrash:
      return {2.4, 0, 0, 0, 1, 1, 0.55, 2800, 13000, 0.6, 0, 0.1};
    case Drum::kTomLow:
      return {0.6, 0.9, 88, 60, 0.05, 0.17, 0.08, 300, 3000, 0.03, 0, 0.2};
    case Drum::kTomMid:
      return {0.5, 0.9, 122, 70, 0.05, 0.14, 0.08, 300, 3500, 0.03, 0, 0.2};
    case Drum::kTomHigh:
      return {0.4, 0.9, 168, 80, 0.05, 0.12, 0.08, 300, 4000, 0.03, 0, 0.2};
    case Drum::kShaker:
      return {0.12, 0, 0, 0, 1, 1, 0.34, 5500, 12000, 0.028, 0.012, 0};
    case Drum::kTambourine:
      return {0.25, 0.05, 7100, 0, 1, 0.06, 0.36, 6500, 14000, 0.06, 0.003, 0};
    case Drum::kCowbell:
      return {0.3, 0.45, 562, 0, 1, 0.06, 0.02, 2000, 6000, 0.02, 0, 0.5};
    case Drum::kCongaLow:
      return {0.35, 0.8, 196, 40, 0.01, 0.09, 0.1, 800, 4000, 0.015, 0, 0.1};
    case Drum::kCongaHigh:
      return {0.3, 0.8, 288, 60, 0.01, 0.07, 0.12, 900, 5000, 0.015, 0, 0.1};
    case Drum::kBrush:
      return {0.3, 0, 0, 0, 1, 1, 0.32, 900, 6500, 0.09, 0.02, 0};
  }
  return {};
}

std::vector<float> make(const Recipe& r, double tune, music::Random random) {
  std::vector<float> sound(static_cast<std::size_t>(r.seconds * sound::kRate));
  LowPass top, bottom;
  top.set(static_cast<float>(r.high > 0 ? r.high : 1000), 0.1F);
  bottom.set(static_cast<float>(r.low > 0 ? r.low : 100), 0.1F);
  double phase = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / sound::kRate;
    double x = 0;
    if (r.tone > 0) {
      phase += (r.hz + r.fall * std::exp(-t / r.fall_time)) * tune / sound::kRate;
      x = r.tone * std::sin(2 * std::numbers::pi * phase) * std::exp(-t / r.tone_decay);
    }
    if (r.noise > 0) {
      const float white = static_cast<float>(random.uniform32()) * 2 - 1;
      float band = top.process(white);
      band -= bottom.process(band);
      double shape = std::exp(-t / r.noise_decay);
      if (r.noise_attack > 0) shape *= std::min(1.0, t / r.noise_attack);
      if (r.noise_attack < 0) {  // a clap: three hands, then the room
        const double hands = t < 0.033 ? std::exp(-std::fmod(t, 0.011) / 0.004)
                                       : std::exp(-(t - 0.033) / r.noise_decay);
        shape = hands;
      }
      x += r.noise * 1.6 * band * shape;
    }
    x += r.click * std::exp(-t / 0.0012) * (1 - std::exp(-t / 0.0002));
    if (r.drive > 0) x = std::tanh(x * (1 + 2 * r.drive)) / std::tanh(1 + 2 * r.drive);
    const double left = r.seconds - t;
    if (left < 0.02) x *= left / 0.02;
    sound[i] = static_cast<float>(x * std::min(1.0, t / 0.0004));
  }
  return sound;
}

constexpr std::array<float, kDrumNames.size()> kPan{0,      0,     0.1F,  0,      0.18F,  0.18F,
                                                    -0.25F, 0.2F,  0.3F,  0.05F,  -0.25F, -0.3F,
                                                    0.3F,   -0.2F, 0.25F, -0.15F, 0};

}  // namespace

DrumKit::DrumKit(std::string_view kit, std::uint64_t seed)
    : kit_(find_kit(kit).value_or(Kit::kStudio)), random_(seed, "kit") {}

const std::vector<float>& DrumKit::sound_of(Drum drum) {
  Sounds& sounds = sounds_[static_cast<std::size_t>(drum)];
  if (sounds.strokes == 0) sounds.tune = 0.94 + 0.12 * random_.uniform32();
  const bool is_machine = kit_ == Kit::k808 || kit_ == Kit::k909;
  const std::uint32_t takes = is_machine ? 1 : static_cast<std::uint32_t>(sounds.takes.size());
  const std::uint32_t take = sounds.strokes++ % takes;
  std::vector<float>& sound = sounds.takes[take];
  if (sound.empty()) {
    constexpr std::array<double, 3> kTune{1, 1.007, 0.995};
    sound = make(recipe(kit_, drum), sounds.tune * kTune[take],
                 music::Random(static_cast<std::uint64_t>(drum) * 7919 + 1 + 1000003 * take, ""));
  }
  return sound;
}

void DrumKit::strike(Drum drum, int velocity) {
  if (drum == Drum::kHat || drum == Drum::kOpen)
    for (auto& r : ringing_)
      if (r.drum == Drum::kOpen) r.fade = 0.996F;
  Ringing& r = ringing_[next_++ % ringing_.size()];
  const float loud = static_cast<float>(velocity) / 110;
  const float pan = kPan[static_cast<std::size_t>(drum)];
  const float gain = 0.42F * loud * loud;
  r = {&sound_of(drum),
       0,
       std::clamp(0.3F + 0.7F * loud, 0.3F, 1.0F),
       0,
       gain * std::min(1.0F, 1 - pan),
       gain * std::min(1.0F, 1 + pan),
       1,
       1,
       drum};
}

void DrumKit::render(Stereo& out) {
  for (auto& r : ringing_) {
    if (r.sound == nullptr) continue;
    const std::size_t count = std::min<std::size_t>(kBlock, r.sound->size() - r.at);
    const float* from = r.sound->data() + r.at;
    for (std::size_t i = 0; i < count; ++i) {
      r.level *= r.fade;
      r.low += r.bright * (from[i] - r.low);
      out.left[i] += r.low * r.left * r.level;
      out.right[i] += r.low * r.right * r.level;
    }
    r.at += count;
    if (r.at == r.sound->size()) r.sound = nullptr;
  }
}

}  // namespace infinara::band

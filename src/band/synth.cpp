// SPDX-License-Identifier: Apache-2.0
#include "band/synth.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace infinara::band {

namespace {

constexpr float kCycle = 4294967296.0F;

std::uint32_t step_of(float hz) {
  return static_cast<std::uint32_t>(std::min(hz / kRateF, 0.45F) * kCycle);
}

/// A phase as -1 … 1; the conversion wraps by itself.
float place(std::uint32_t phase) {
  return static_cast<float>(static_cast<std::int32_t>(phase)) * (1.0F / 2147483648.0F);
}

/// The sine of a phase, to 1e-5: folded to a quarter in integers, then a polynomial. No table and
/// no branch, so that loops over it vectorise.
float sine(std::uint32_t phase) {
  const std::uint32_t turned = phase + 0x40000000U;
  const auto sign = static_cast<std::uint32_t>(static_cast<std::int32_t>(turned) >> 31);
  const auto quarter = static_cast<std::int32_t>((turned ^ sign) - 0x40000000U);
  const float y = static_cast<float>(quarter) * (1.0F / 2147483648.0F);
  const float z = y * y;
  return y * (3.14159265F +
              z * (-5.16771278F + z * (2.55016404F + z * (-0.59926453F + z * 0.0821459F))));
}

/// A saw whose aliases are weak: the slope of its parabola (Valimaki, "Discrete-time synthesis of
/// the sawtooth waveform with reduced aliasing", 2005), without memory, so steps may change.
void saw(Mono& wave, std::uint32_t phase, std::uint32_t step, float gain) {
  const float scale = gain * kCycle / (4 * static_cast<float>(step));
  for (float& x : wave) {
    const float now = place(phase), before = place(phase - step);
    x += scale * (now * now - before * before);
    phase += step;
  }
}

}  // namespace

void LowPass::set(float cutoff, float resonance) {
  const float g =
      std::tan(std::numbers::pi_v<float> * std::clamp(cutoff, 20.0F, 0.45F * kRateF) / kRateF);
  const float k = 2 - 1.9F * std::clamp(resonance, 0.0F, 0.95F);
  a1_ = 1 / (1 + g * (g + k));
  a2_ = g * a1_;
  a3_ = g * a2_;
}

void Synth::note_on(int pitch, int velocity) {
  Voice* chosen = &voices_[0];
  for (Voice& v : voices_) {
    if (!v.sounding) {
      chosen = &v;
      break;
    }
    if (v.age > chosen->age) chosen = &v;
  }
  auto string = std::move(chosen->string);  // its memory is used again
  *chosen = Voice{};
  Voice& v = *chosen;
  v.string = std::move(string);
  v.sounding = v.held = true;
  v.pitch = pitch;
  const double turn = std::fmod(0.618034 * notes_++, 1.0) - 0.5;  // no two notes are quite alike
  v.hz = 440 * std::exp2((pitch - 69 + preset_.tune / 100 + 0.04 * turn) / 12.0);
  v.bright = 0.2 * std::fmod(3.5 * turn, 1.0);
  const float loud = static_cast<float>(velocity) / 100;
  v.level = gain_ * loud * loud;
  const int n = std::min(preset_.unison, 6);
  for (int u = 0; u < n; ++u) {
    const auto i = static_cast<std::size_t>(u);
    const float where = n == 1 ? 0 : 2.0F * static_cast<float>(u) / static_cast<float>(n - 1) - 1;
    v.phase[i] = n == 1 ? 0 : random_.next32();
    v.spread[i] = static_cast<float>(std::exp2(where * preset_.detune / 2400));
    v.pan[i] = where * 0.7F * (u % 2 == 0 ? 1.0F : -1.0F);
  }
  if (preset_.wave == Wave::kPluck) pluck(v);
}

void Synth::pluck(Voice& v) {
  const auto size = static_cast<std::size_t>(std::max(8.0, kRateF / v.hz - 0.5));
  v.string.resize(size);
  float soft = 0;  // a softer stroke is a duller one
  const float brightness = std::clamp(0.25F + v.level / gain_ * 0.5F, 0.2F, 0.9F);
  for (float& x : v.string) {
    soft += brightness * (static_cast<float>(random_.uniform32()) * 2 - 1 - soft);
    x = soft * 1.6F;
  }
}

void Synth::note_off(int pitch) {
  for (Voice& v : voices_)
    if (v.sounding && v.held && v.pitch == pitch) {
      v.held = false;
      v.stage = 2;
      return;
    }
}

void Synth::render(Stereo& out) {
  for (Voice& v : voices_)
    if (v.sounding) render(v, out);
}

void Synth::oscillate(Voice& v, float hz, Mono& left, Mono& right) {
  const float seconds = static_cast<float>(v.age) * kBlock / kRateF;
  const int n = std::min(preset_.unison, 6);
  const float share = 1 / std::sqrt(static_cast<float>(n));
  for (int u = 0; u < n; ++u) {
    const auto i = static_cast<std::size_t>(u);
    const std::uint32_t step = std::max(1U, step_of(hz * v.spread[i]));
    std::uint32_t phase = v.phase[i];
    v.phase[i] += step * kBlock;
    Mono wave{};
    switch (preset_.wave) {
      case Wave::kSaw:
        saw(wave, phase, step, 1);
        break;
      case Wave::kSquare:
        saw(wave, phase, step, 1);
        saw(wave, phase + 0x80000000U, step, -1);
        break;
      case Wave::kTriangle:
        for (float& x : wave) {
          x = 2.8F * std::abs(place(phase)) - 1.4F;
          phase += step;
        }
        break;
      case Wave::kSine:
        for (float& x : wave) {
          x = 1.4F * sine(phase);
          phase += step;
        }
        break;
      case Wave::kOrgan:
        for (float& x : wave) {
          x = sine(phase) + 0.7F * sine(2 * phase) + 0.5F * sine(3 * phase) +
              0.3F * sine(4 * phase) + 0.15F * sine(8 * phase);
          phase += step;
        }
        break;
      case Wave::kFm: {
        const float loud = 0.6F + 0.4F * v.level / gain_;  // a harder stroke is a brighter one
        const auto index =
            static_cast<float>(preset_.index * std::exp2(0.75 * cutoff_shift_) *
                               (0.25 + 0.75 * std::exp(-seconds / preset_.index_decay)));
        const float depth =
            std::min(0.9F, index * loud / std::numbers::pi_v<float>) * 2147483648.0F;
        const std::uint32_t m_step = step_of(hz * v.spread[i] * static_cast<float>(preset_.ratio));
        std::uint32_t m = v.modulator + static_cast<std::uint32_t>(u) * 0x1999999AU;
        for (float& x : wave) {
          const auto bend_by = static_cast<std::int32_t>(depth * sine(m));
          x = 1.4F * sine(phase + static_cast<std::uint32_t>(bend_by));
          phase += step;
          m += m_step;
        }
        if (u + 1 == n) v.modulator += m_step * kBlock;
        break;
      }
      case Wave::kNoise:
        for (float& x : wave) x = static_cast<float>(random_.next32()) * (2 / kCycle) - 1;
        break;
      case Wave::kPluck: {
        const std::size_t size = v.string.size();
        for (float& x : wave) {
          x = v.string[v.at];
          v.string[v.at] = 0.4985F * (x + v.string_last);
          v.string_last = x;
          if (++v.at == size) v.at = 0;
        }
        break;
      }
    }
    const float l = share * std::min(1.0F, 1 - v.pan[i]), r = share * std::min(1.0F, 1 + v.pan[i]);
    for (std::size_t k = 0; k < kBlock; ++k) {
      left[k] += wave[k] * l;
      right[k] += wave[k] * r;
    }
  }
  if (preset_.sub <= 0) return;
  const auto amount = static_cast<float>(preset_.sub);
  const std::uint32_t step = step_of(hz);  // a sine that fills the fundamental
  std::uint32_t phase = v.sub;
  v.sub += step * kBlock;
  for (std::size_t k = 0; k < kBlock; ++k) {
    const float x = amount * sine(phase);
    phase += step;
    left[k] += x;
    right[k] += x;
  }
}

void Synth::render(Voice& v, Stereo& out) {
  const double seconds = static_cast<double>(v.age) * kBlock / sound::kRate;
  double hz = v.hz;
  if (preset_.vibrato > 0 && seconds > 0.25)
    hz *= std::exp2(preset_.vibrato / 1200 * std::min(1.0, (seconds - 0.25) * 2) *
                    std::sin(seconds * 32.0));
  const double risen = std::min(1.0, seconds / preset_.attack);
  if (preset_.rise > 0) hz *= std::exp2(preset_.rise * risen);
  if (preset_.wave == Wave::kSine && preset_.env > 0)
    hz *= std::exp2(preset_.env * std::exp(-seconds / preset_.env_decay));
  Mono left{}, right{};
  oscillate(v, static_cast<float>(hz), left, right);

  if (cutoff_ < 17000) {
    const double open = preset_.env * std::exp(-seconds / preset_.env_decay) +
                        preset_.track * (v.pitch - 69) / 12.0 + 0.6 * (v.level / gain_ - 0.7) +
                        2 * preset_.rise * risen + cutoff_shift_ + v.bright;
    double cutoff = cutoff_ * std::exp2(open);
    if (preset_.wave == Wave::kNoise && preset_.env < 0) cutoff = 500 * std::exp2(4.5 * risen);
    v.left.set(static_cast<float>(cutoff), static_cast<float>(preset_.resonance));
    v.right.set(static_cast<float>(cutoff), static_cast<float>(preset_.resonance));
    LowPass::process(v.left, left, v.right, right);
  }
  if (preset_.drive > 0) {
    const auto push = static_cast<float>(1 + 3 * preset_.drive);
    const float back = 1 / std::sqrt(push);
    for (std::size_t i = 0; i < kBlock; ++i) {
      left[i] = soft_clip(left[i] * push) * back;
      right[i] = soft_clip(right[i] * push) * back;
    }
  }
  // Envelope: up, then towards its sustain, then towards nothing; straight in a block.
  const auto loudness = [this](float amp) {
    return preset_.swell == 1 ? amp : std::pow(amp, static_cast<float>(preset_.swell));
  };
  const float from = loudness(v.amp);
  const auto left_after = [](double seconds) {
    return static_cast<float>(std::exp(-kBlock / (seconds * sound::kRate)));
  };
  if (v.stage == 0) {
    v.amp += static_cast<float>(kBlock / (std::max(0.001, preset_.attack) * sound::kRate));
    if (v.amp >= 1) v.amp = 1, v.stage = 1;
  } else if (v.stage == 1) {
    const auto sustain = static_cast<float>(preset_.sustain);
    v.amp = sustain + (v.amp - sustain) * left_after(preset_.decay * 0.4);
  } else {
    v.amp *= left_after(preset_.release * 0.3);
  }
  const float base = from * v.level, slope = (loudness(v.amp) - from) * v.level / kBlock;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float amp = base + slope * static_cast<float>(i);
    out.left[i] += left[i] * amp;
    out.right[i] += right[i] * amp;
  }
  ++v.age;
  if (v.stage > 0 && v.amp < 0.001F) v.sounding = false;
}

}  // namespace infinara::band

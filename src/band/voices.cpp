// SPDX-License-Identifier: Apache-2.0
#include "band/voices.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::band {

namespace {

constexpr float kTwoPi = 2 * std::numbers::pi_v<float>;

/// sin(2 pi x), from a table.
float sine(float x) {
  constexpr int kSize = 2048;
  static const auto table = [] {
    std::array<float, kSize + 1> t{};
    for (int i = 0; i <= kSize; ++i)
      t[static_cast<std::size_t>(i)] =
          static_cast<float>(std::sin(2 * std::numbers::pi * i / kSize));
    return t;
  }();
  x = (x - std::floor(x)) * kSize;
  const auto i = static_cast<std::size_t>(x);
  const std::size_t k = std::min<std::size_t>(i, kSize - 1);
  return table[k] + (table[k + 1] - table[k]) * (x - static_cast<float>(k));
}

/// Rounds the corner of a saw at its jump (polynomial band-limited step).
float corner(float phase, float step) {
  if (phase < step) {
    const float t = phase / step;
    return t + t - t * t - 1;
  }
  if (phase > 1 - step) {
    const float t = (phase - 1) / step;
    return t * t + t + t + 1;
  }
  return 0;
}

float bend(float x) {  // a soft ceiling, odd, slope 1 at 0
  x = std::clamp(x, -3.0F, 3.0F);
  return x * (27 + x * x) / (27 + 9 * x * x);
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
  v.hz = 440 * std::exp2((pitch - 69) / 12.0);
  const float loud = static_cast<float>(velocity) / 100;
  v.level = gain_ * loud * loud;
  const int n = std::min(preset_.unison, 6);
  for (int u = 0; u < n; ++u) {
    const auto i = static_cast<std::size_t>(u);
    const float place = n == 1 ? 0 : 2.0F * static_cast<float>(u) / static_cast<float>(n - 1) - 1;
    v.phase[i] = n == 1 ? 0 : static_cast<float>(dice_.unit());
    v.spread[i] = static_cast<float>(std::exp2(place * preset_.detune / 2400));
    v.pan[i] = place * 0.7F * (u % 2 == 0 ? 1.0F : -1.0F);
  }
  if (preset_.wave == Wave::kPluck) pluck(v);
}

void Synth::pluck(Voice& v) {
  const auto size = static_cast<std::size_t>(std::max(8.0, kRateF / v.hz - 0.5));
  v.string.resize(size);
  float soft = 0;  // a softer stroke is a duller one
  const float brightness = std::clamp(0.25F + v.level / gain_ * 0.5F, 0.2F, 0.9F);
  for (float& x : v.string) {
    soft += brightness * (static_cast<float>(dice_.unit()) * 2 - 1 - soft);
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
    const float step = std::min(0.45F, hz * v.spread[i] / kRateF);
    float phase = v.phase[i];
    Mono wave;
    const auto fill = [&](auto&& shape) {
      for (float& x : wave) {
        x = shape(phase);
        phase += step;
        if (phase >= 1) phase -= 1;
      }
    };
    switch (preset_.wave) {
      case Wave::kSaw:
        fill([&](float p) { return 2 * p - 1 - corner(p, step); });
        break;
      case Wave::kSquare:
        fill([&](float p) {
          const float half = p < 0.5F ? p + 0.5F : p - 0.5F;
          return (p < 0.5F ? 1.0F : -1.0F) + corner(p, step) - corner(half, step);
        });
        break;
      case Wave::kTriangle:
        fill([](float p) { return (4 * std::abs(p - 0.5F) - 1) * 1.4F; });
        break;
      case Wave::kSine:
        fill([](float p) { return 1.4F * sine(p); });
        break;
      case Wave::kOrgan:
        fill([](float p) {
          return sine(p) + 0.7F * sine(2 * p) + 0.5F * sine(3 * p) + 0.3F * sine(4 * p) +
                 0.15F * sine(8 * p);
        });
        break;
      case Wave::kFm: {
        const auto index = static_cast<float>(
            preset_.index * (0.25 + 0.75 * std::exp(-seconds / preset_.index_decay)));
        const auto ratio = static_cast<float>(preset_.ratio);
        float m = u == 0 ? v.modulator : v.modulator + 0.1F * static_cast<float>(u);
        const float m_step = std::min(0.45F, step * ratio);
        const float loud = 0.6F + 0.4F * v.level / gain_;  // a harder stroke is a brighter one
        fill([&](float p) {
          const float x = sine(p + index * loud * 0.159F * sine(m));
          m += m_step;
          if (m >= 1) m -= 1;
          return 1.4F * x;
        });
        if (u + 1 == n) v.modulator = m - 0.1F * static_cast<float>(u);
        break;
      }
      case Wave::kNoise:
        for (float& x : wave) x = static_cast<float>(dice_.unit()) * 2 - 1;
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
    v.phase[i] = phase;
    const float l = share * std::min(1.0F, 1 - v.pan[i]), r = share * std::min(1.0F, 1 + v.pan[i]);
    for (std::size_t k = 0; k < kBlock; ++k) {
      left[k] += wave[k] * l;
      right[k] += wave[k] * r;
    }
  }
  if (preset_.sub <= 0) return;
  const auto amount = static_cast<float>(preset_.sub);
  for (std::size_t k = 0; k < kBlock; ++k) {
    const float x = amount * sine(v.sub);
    v.sub +=
        hz / kRateF;  // the octave of the part's bass itself: a sine that fills its fundamental
    if (v.sub >= 1) v.sub -= 1;
    left[k] += x;
    right[k] += x;
  }
}

void Synth::render(Voice& v, Stereo& out) {
  const double seconds = static_cast<double>(v.age) * kBlock / sound::kRate;
  double hz = v.hz;
  if (preset_.vibrato > 0 && seconds > 0.25)
    hz *= std::exp2(preset_.vibrato / 1200 * std::min(1.0, (seconds - 0.25) * 2) *
                    sine(static_cast<float>(seconds * 5.1)));
  if (preset_.wave == Wave::kSine && preset_.env > 0)
    hz *= std::exp2(preset_.env * std::exp(-seconds / preset_.env_decay));
  Mono left{}, right{};
  oscillate(v, static_cast<float>(hz), left, right);

  if (preset_.cutoff < 17000) {
    const double open = preset_.env * std::exp(-seconds / preset_.env_decay) +
                        preset_.track * (v.pitch - 69) / 12.0 + 0.6 * (v.level / gain_ - 0.7);
    double cutoff = preset_.cutoff * std::exp2(open);
    if (preset_.wave == Wave::kNoise)
      cutoff = 500 * std::exp2(std::min(4.5, seconds * 4.5 / preset_.attack));
    v.left.set(static_cast<float>(cutoff), static_cast<float>(preset_.resonance));
    v.right.set(static_cast<float>(cutoff), static_cast<float>(preset_.resonance));
    v.left.process(left);
    v.right.process(right);
  }
  if (preset_.drive > 0) {
    const auto push = static_cast<float>(1 + 3 * preset_.drive);
    const float back = 1 / std::sqrt(push);
    for (std::size_t i = 0; i < kBlock; ++i) {
      left[i] = bend(left[i] * push) * back;
      right[i] = bend(right[i] * push) * back;
    }
  }
  // Envelope: straight up, then towards its sustain, then towards nothing.
  const auto up = static_cast<float>(1 / (std::max(0.001, preset_.attack) * sound::kRate));
  const auto down = static_cast<float>(1 - std::exp(-1 / (preset_.decay * 0.4 * sound::kRate)));
  const auto away = static_cast<float>(1 - std::exp(-1 / (preset_.release * 0.3 * sound::kRate)));
  const auto sustain = static_cast<float>(preset_.sustain);
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (v.stage == 0 && (v.amp += up) >= 1) v.amp = 1, v.stage = 1;
    if (v.stage == 1) v.amp += (sustain - v.amp) * down;
    if (v.stage == 2) v.amp -= v.amp * away;
    out.left[i] += left[i] * v.amp * v.level;
    out.right[i] += right[i] * v.amp * v.level;
  }
  ++v.age;
  if (v.stage > 0 && v.amp < 0.0004F) v.sounding = false;
}

}  // namespace infinara::band

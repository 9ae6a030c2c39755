// SPDX-License-Identifier: Apache-2.0
#include "support/damage.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace support {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

/// The same on every system, unlike the standard library's distributions.
class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  double uniform() { return static_cast<double>(bits_() >> 11) / (1ULL << 53); }
  double between(double low, double high) { return low + (high - low) * uniform(); }
  double normal() { return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(kTurn * uniform()); }

 private:
  std::mt19937_64 bits_;
};

/// A band-pass of second order.
class Bandpass {
 public:
  Bandpass(double hertz, double q, double rate) {
    const double w = kTurn * std::min(hertz, 0.45 * rate) / rate;
    const double alpha = std::sin(w) / (2 * q);
    b_ = alpha / (1 + alpha);
    a1_ = -2 * std::cos(w) / (1 + alpha);
    a2_ = (1 - alpha) / (1 + alpha);
  }
  double next(double x) {
    const double y = b_ * (x - x2_) - a1_ * y1_ - a2_ * y2_;
    x2_ = x1_, x1_ = x, y2_ = y1_, y1_ = y;
    return y;
  }

 private:
  double b_, a1_, a2_, x1_ = 0, x2_ = 0, y1_ = 0, y2_ = 0;
};

double rms_of(const Pcm& pcm) {
  double sum = 0;
  for (const float x : pcm.samples) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(pcm.samples.size(), 1)));
}

std::size_t frame_at(const Pcm& pcm, double seconds) {
  return std::min(pcm.frames(),
                  static_cast<std::size_t>(std::lround(std::max(0.0, seconds) * pcm.rate)));
}

}  // namespace

Pcm mapped(Pcm pcm, const std::function<double(double, double, int)>& f) {
  for (std::size_t i = 0; i < pcm.samples.size(); ++i) {
    const std::size_t frame = i / 2;
    pcm.samples[i] =
        static_cast<float>(f(static_cast<double>(pcm.samples[i]),
                             static_cast<double>(frame) / pcm.rate, static_cast<int>(i % 2)));
  }
  return pcm;
}

Pcm at_rms(Pcm pcm, double rms) {
  const double gain = rms / std::max(rms_of(pcm), 1e-9);
  return mapped(std::move(pcm), [=](double x, double, int) { return x * gain; });
}

Pcm mixed(Pcm a, const Pcm& b, double gain_of_b) {
  for (std::size_t i = 0; i < std::min(a.samples.size(), b.samples.size()); ++i)
    a.samples[i] += static_cast<float>(gain_of_b) * b.samples[i];
  return a;
}

Pcm replaced(Pcm pcm, double from, double to, const Pcm& with) {
  const std::size_t end = std::min(2 * frame_at(pcm, to), with.samples.size());
  for (std::size_t i = 2 * frame_at(pcm, from); i < end; ++i) pcm.samples[i] = with.samples[i];
  return pcm;
}

Pcm noise(Noise kind, double seconds, double rms, std::uint64_t seed) {
  Random random(seed);
  std::array<std::array<double, 7>, 2> pink{};
  std::array<double, 2> brown{};
  std::array<Bandpass, 2> band = {Bandpass(950, 0.35, 48000), Bandpass(950, 0.35, 48000)};
  return at_rms(mapped(make_silence(seconds),
                       [&](double, double, int c) {
                         const auto side = static_cast<std::size_t>(c);
                         const double white = random.normal();
                         switch (kind) {
                           case Noise::kPink: {  // Paul Kellet's filter
                             auto& b = pink[side];
                             b[0] = 0.99886 * b[0] + white * 0.0555179;
                             b[1] = 0.99332 * b[1] + white * 0.0750759;
                             b[2] = 0.96900 * b[2] + white * 0.1538520;
                             b[3] = 0.86650 * b[3] + white * 0.3104856;
                             b[4] = 0.55000 * b[4] + white * 0.5329522;
                             b[5] = -0.7616 * b[5] - white * 0.0168980;
                             const double out =
                                 b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + white * 0.5362;
                             b[6] = white * 0.115926;
                             return out;
                           }
                           case Noise::kBrown:
                             brown[side] = 0.998 * brown[side] + white;
                             return brown[side];
                           case Noise::kBand:
                             return band[side].next(white);
                           default:
                             return white;
                         }
                       }),
                rms);
}

Pcm garbled(const Pcm& music, int bands, std::uint64_t seed) {
  Random random(seed);
  Pcm out = make_silence(music.seconds());
  out.samples.resize(music.samples.size());
  for (int n = 0; n < bands; ++n) {
    const double hertz = 60 * std::pow(200.0, (n + 0.5) / bands);
    const double q = std::max(0.7, bands / std::log2(200.0));
    for (std::size_t c = 0; c < 2; ++c) {
      Bandpass ear(hertz, q, music.rate);
      Bandpass mouth(hertz, q, music.rate);
      double outline = 0;
      for (std::size_t i = c; i < music.samples.size(); i += 2) {
        const double x = ear.next(static_cast<double>(music.samples[i]));
        outline += (x * x - outline) * 0.001;  // 20 ms
        out.samples[i] += static_cast<float>(mouth.next(random.normal()) * std::sqrt(outline));
      }
    }
  }
  return at_rms(std::move(out), rms_of(music));
}

Pcm looped(Pcm pcm, double from, double to, double period) {
  const std::size_t length = std::max<std::size_t>(frame_at(pcm, period), 1);
  const std::size_t begin = std::max(frame_at(pcm, from), length);
  for (std::size_t i = begin; i < frame_at(pcm, to); ++i)
    for (std::size_t c = 0; c < 2; ++c) pcm.samples[2 * i + c] = pcm.samples[2 * (i - length) + c];
  return pcm;
}

Pcm tone(double seconds, double hertz, double level) {
  return mapped(make_silence(seconds),
                [=](double, double t, int) { return level * std::sin(kTurn * hertz * t); });
}

Pcm chord(double seconds, double level) {
  return mapped(make_silence(seconds), [=](double, double t, int) {
    double sum = 0;
    for (const double hertz : {220.0, 261.63, 329.63})
      for (int n = 1; n <= 4; ++n) sum += std::sin(kTurn * hertz * n * t) / n;
    return level * sum / 5;
  });
}

Pcm squeal(double seconds, double hertz, double level, std::uint64_t seed) {
  Random random(seed);
  double phase = 0;
  double bend = 0;
  return mapped(make_silence(seconds), [&](double, double, int c) {
    if (c == 0) {
      bend += (random.normal() * 2 - bend) * 0.0001;
      phase += kTurn * hertz * (1 + 0.05 * bend) / 48000;
    }
    return level * std::sin(phase);
  });
}

Pcm siren(double seconds, double low, double high, double period, double level) {
  double phase = 0;
  return mapped(make_silence(seconds), [&](double, double t, int c) {
    if (c == 0)
      phase += kTurn * (low + (high - low) * (0.5 - 0.5 * std::cos(kTurn * t / period))) / 48000;
    return level * std::sin(phase);
  });
}

Pcm dropouts(Pcm pcm, double every, double length, int channel) {
  return mapped(std::move(pcm), [=](double x, double t, int c) {
    const bool is_out = t > 0.3 && std::fmod(t, every) >= every - length;
    return is_out && (channel < 0 || channel == c) ? 0 : x;
  });
}

Pcm clicks(Pcm pcm, int count, double height, int width) {
  for (int n = 0; n < count; ++n) {
    const auto at = static_cast<std::size_t>((n + 0.5) / count * static_cast<double>(pcm.frames()));
    for (int i = 0; i < width; ++i)
      for (std::size_t c = 0; c < 2; ++c)
        if (2 * (at + static_cast<std::size_t>(i)) + c < pcm.samples.size())
          pcm.samples[2 * (at + static_cast<std::size_t>(i)) + c] =
              static_cast<float>(n % 2 == 0 ? height : -height);
  }
  return pcm;
}

Pcm stuck(Pcm pcm, double from, double length, double value) {
  return mapped(std::move(pcm), [=](double x, double t, int) {
    return t >= from && t < from + length ? value : x;
  });
}

Pcm clipped(Pcm pcm, double share, double peak) {
  std::vector<float> heights(pcm.samples);
  for (float& x : heights) x = std::abs(x);
  const auto nth = heights.begin() + static_cast<std::ptrdiff_t>(
                                         (1 - share) * static_cast<double>(heights.size() - 1));
  std::nth_element(heights.begin(), nth, heights.end());
  const auto limit = static_cast<double>(*nth);
  return mapped(std::move(pcm),
                [=](double x, double, int) { return std::clamp(x / limit, -1.0, 1.0) * peak; });
}

Pcm drone(double seconds, std::uint64_t seed) {
  Random random(seed);
  struct Voice {
    double hertz, level, slow, phase, slower, other, pan;
  };
  std::vector<Voice> voices;
  const double root = 40 * std::exp2(random.between(0, 1));
  constexpr std::array kRatios = {1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0};
  for (const double ratio : kRatios)
    for (int n = 0; n < 2; ++n)
      voices.push_back({root * ratio * (1 + random.between(-0.004, 0.004)), 1 / std::sqrt(ratio),
                        random.between(0.03, 0.12), random.uniform() * kTurn,
                        random.between(0.01, 0.04), random.uniform() * kTurn,
                        random.between(0.2, 0.8)});
  return at_rms(mapped(make_silence(seconds),
                       [&](double, double t, int c) {
                         double sum = 0;
                         for (const Voice& v : voices) {
                           const double swell =
                               0.3 + 0.35 * (1 + std::sin(kTurn * v.slow * t + v.phase)) *
                                         (1 + std::sin(kTurn * v.slower * t + v.other)) / 2;
                           sum += v.level * swell * (c == 0 ? v.pan : 1 - v.pan) *
                                  std::sin(kTurn * v.hertz * t + v.phase);
                         }
                         return sum;
                       }),
                0.12);
}

Pcm solo(int instrument, double seconds, std::uint64_t seed) {
  Random random(seed + 100 * static_cast<std::uint64_t>(instrument));
  Pcm pcm = make_silence(seconds);
  constexpr std::array kScale = {0, 2, 3, 5, 7, 8, 10, 12, 14, 15};
  // Notes a minute, root, harmonics, decay in seconds (0: held), vibrato.
  struct Kind {
    double pace, root;
    int harmonics;
    double decay, vibrato, rest;
  };
  constexpr std::array<Kind, 5> kKinds = {{{140, 523, 3, 0, 0.004, 0.1},
                                           {200, 196, 10, 0.7, 0, 0.1},
                                           {70, 220, 8, 1.6, 0, 0.35},
                                           {60, 131, 14, 0, 0.005, 0},
                                           {150, 330, 1, 0, 0.003, 0.1}}};
  const Kind& kind = kKinds[static_cast<std::size_t>(instrument)];
  const double beat = 60 / kind.pace;
  bool is_rest = true;
  for (double at = 0.05; at < seconds - beat; at += beat * random.between(0.97, 1.03)) {
    is_rest = !is_rest && random.uniform() < kind.rest;
    if (is_rest) continue;
    const double hertz =
        kind.root * std::exp2(kScale[static_cast<std::size_t>(random.uniform() * 10)] / 12.0);
    const double level = random.between(0.5, 1);
    const double length = kind.decay > 0 ? 4 * kind.decay : beat * random.between(0.85, 1.05);
    const std::size_t end = frame_at(pcm, at + length);
    for (std::size_t i = frame_at(pcm, at); i < end; ++i) {
      const double t = static_cast<double>(i) / 48000 - at;
      const double edge = std::min({1.0, t / (kind.decay > 0 ? 0.003 : 0.04), (length - t) / 0.06});
      const double fall = kind.decay > 0 ? std::exp(-t / kind.decay) : 1;
      double sum = 0;
      const double phase = kTurn * hertz * (t + kind.vibrato / 30 * std::sin(kTurn * 5 * t));
      for (int n = 1; n <= kind.harmonics; ++n)
        sum += std::sin(n * phase) / n * std::exp(-t * 0.6 * (n - 1) * (kind.decay > 0 ? 1 : 0));
      for (std::size_t c = 0; c < 2; ++c)
        pcm.samples[2 * i + c] +=
            static_cast<float>(level * edge * fall * sum * (c == 0 ? 0.55 : 0.45));
    }
  }
  return at_rms(std::move(pcm), 0.08);
}

Pcm riser(double seconds, double rms, std::uint64_t seed) {
  Random random(seed);
  std::array<double, 2> low{};
  return mapped(make_silence(seconds), [&](double, double t, int c) {
    const double part = t / seconds;
    double& y = low[static_cast<std::size_t>(c)];
    y += (random.normal() - y) * (0.02 + 0.7 * part * part);
    return rms * part * part * y * 1.3;
  });
}

Pcm vinyl(double seconds, std::uint64_t seed) {
  Random random(seed);
  double crackle = 0;
  return mapped(make_silence(seconds), [&](double, double, int c) {
    if (c == 0) {
      crackle *= -0.6;
      if (random.uniform() < 12.0 / 48000) crackle = random.between(-0.08, 0.08);
    }
    return crackle + 0.003 * random.normal();
  });
}

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
#include "support/hearing.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdlib>
#include <numbers>

namespace infinara::hearing {
namespace {

constexpr double kRate = 48000;
using Complex = std::complex<float>;

/// The radix-2 transform in place, and the Hann window before it.
class Spectrum {
 public:
  explicit Spectrum(std::size_t size)
      : turn_(size / 2), window_(size), line_(size), out_(size / 2) {
    for (std::size_t i = 0; i < size / 2; ++i)
      turn_[i] =
          std::polar(1.0F, static_cast<float>(-2 * std::numbers::pi * static_cast<double>(i) /
                                              static_cast<double>(size)));
    for (std::size_t i = 0; i < size; ++i)
      window_[i] =
          static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                                  static_cast<double>(size)));
  }

  /// Magnitudes of the lower half; valid until the next call.
  const std::vector<float>& of(const float* x) {
    const std::size_t size = line_.size();
    for (std::size_t i = 0, j = 0; i < size; ++i) {
      line_[j] = x[i] * window_[i];
      std::size_t bit = size / 2;
      for (; (j & bit) != 0; bit /= 2) j ^= bit;
      j ^= bit;
    }
    for (std::size_t half = 1; half < size; half *= 2)
      for (std::size_t at = 0; at < size; at += 2 * half)
        for (std::size_t i = 0; i < half; ++i) {
          Complex& a = line_[at + i];
          Complex& b = line_[at + i + half];
          const Complex t = turn_[i * (size / 2 / half)];
          const Complex turned(b.real() * t.real() - b.imag() * t.imag(),
                               b.real() * t.imag() + b.imag() * t.real());
          b = a - turned;
          a += turned;
        }
    for (std::size_t i = 0; i < size / 2; ++i)
      out_[i] = std::sqrt(line_[i].real() * line_[i].real() + line_[i].imag() * line_[i].imag());
    return out_;
  }

 private:
  std::vector<Complex> turn_;
  std::vector<float> window_;
  std::vector<Complex> line_;
  std::vector<float> out_;
};

std::vector<float> mono(Pcm pcm) {
  std::vector<float> out(pcm.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>(pcm[2 * i] + pcm[2 * i + 1]) / 65536;
  return out;
}

/// Every fourth sample of what is left below 2.5 kHz or so: the mean of runs, twice.
std::vector<float> quarter(const std::vector<float>& in) {
  const auto smooth = [](const std::vector<float>& x) {
    std::vector<float> y(x.size());
    float sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += x[i] - (i >= 6 ? x[i - 6] : 0);
      y[i] = sum / 6;
    }
    return y;
  };
  const auto soft = smooth(smooth(in));
  std::vector<float> out;
  for (std::size_t i = 0; i < soft.size(); i += 4) out.push_back(soft[i]);
  return out;
}

/// Where each of the bands of the ear ends, in bins of a spectrum of this size.
template <std::size_t kBands>
std::array<std::size_t, kBands + 1> bands(std::size_t size, double low, double high) {
  std::array<std::size_t, kBands + 1> edges{};
  for (std::size_t b = 0; b <= kBands; ++b)
    edges[b] =
        static_cast<std::size_t>(low * std::pow(high / low, static_cast<double>(b) / kBands) *
                                 static_cast<double>(size) / kRate);
  for (std::size_t b = 1; b <= kBands; ++b) edges[b] = std::max(edges[b], edges[b - 1] + 1);
  return edges;
}

}  // namespace

double db(double power) {
  return 10 * std::log10(std::max(power, 1e-12));
}

double power(Pcm pcm) {
  double sum = 0;
  for (const double x : pcm) sum += x * x;
  return pcm.empty() ? 0 : sum / static_cast<double>(pcm.size()) / (32768.0 * 32768.0);
}

double low_share(Pcm pcm) {
  constexpr std::size_t kSize = 8192;
  const auto x = mono(pcm);
  Spectrum spectrum(kSize);
  double low = 0, all = 0;
  for (std::size_t at = 0; at + kSize <= x.size(); at += kSize) {
    const auto& bins = spectrum.of(x.data() + at);
    for (std::size_t i = 0; i < bins.size(); ++i) {
      const double energy = double{bins[i]} * bins[i];
      all += energy;
      if (static_cast<double>(i) * kRate / kSize < 120) low += energy;
    }
  }
  return all > 0 ? low / all : 0;
}

Width width(Pcm pcm) {
  double ll = 0, rr = 0, lr = 0;
  for (std::size_t i = 0; i + 1 < pcm.size(); i += 2) {
    const double l = pcm[i], r = pcm[i + 1];
    ll += l * l;
    rr += r * r;
    lr += l * r;
  }
  if (ll <= 0 || rr <= 0) return {0, 99};
  return {lr / std::sqrt(ll * rr),
          10 * std::log10((ll + rr) / std::max(1.0, (ll + rr + 2 * lr) / 2))};
}

Chroma chroma(Pcm pcm) {
  constexpr std::size_t kSize = 8192, kHop = 2048;  // at 12 kHz
  constexpr double kBin = kRate / 4 / kSize;
  const auto x = quarter(mono(pcm));
  Spectrum spectrum(kSize);
  Chroma sum{};
  for (std::size_t at = 0; at + kSize <= x.size(); at += kHop) {
    const auto& bins = spectrum.of(x.data() + at);
    const float loudest = *std::max_element(bins.begin(), bins.end());
    Chroma here{};
    double all = 0;
    for (auto i = static_cast<std::size_t>(55 / kBin); i < static_cast<std::size_t>(1000 / kBin);
         ++i) {
      if (bins[i] <= bins[i - 1] || bins[i] < bins[i + 1] || bins[i] < loudest * 0.01F) continue;
      const double a = bins[i - 1], b = bins[i], c = bins[i + 1];
      const double where = static_cast<double>(i) + 0.5 * (a - c) / (a - 2 * b + c);
      const double note = 69 + 12 * std::log2(where * kBin / 440);
      const double weight = b * (1 - 2 * std::abs(note - std::round(note)));
      here[static_cast<std::size_t>(std::lround(note)) % 12] += weight;
      all += weight;
    }
    for (std::size_t p = 0; p < 12 && all > 0; ++p) sum[p] += here[p] / all;
  }
  double total = 0;
  for (const double s : sum) total += s;
  for (double& s : sum) s /= std::max(total, 1e-9);
  return sum;
}

int major_scale(const Chroma& chroma) {
  constexpr std::array<int, 7> kSteps{0, 2, 4, 5, 7, 9, 11};
  int best = 0;
  double most = -1;
  for (int tonic = 0; tonic < 12; ++tonic) {
    double inside = 0;
    for (const int step : kSteps) inside += chroma[static_cast<std::size_t>((tonic + step) % 12)];
    if (inside > most) most = inside, best = tonic;
  }
  return best;
}

int fifths_apart(int a, int b) {
  const int fifths = ((a - b) * 7 % 12 + 12) % 12;
  return std::min(fifths, 12 - fifths);
}

namespace {

constexpr std::size_t kOnsetHop = 480;  // 10 ms

}  // namespace

Pulse::Pulse(Pcm pcm) {
  constexpr std::size_t kSize = 1024, kBands = 24;
  static const auto kEdges = bands<kBands>(kSize, 40, 12000);
  const auto x = mono(pcm);
  Spectrum spectrum(kSize);
  std::vector<double> onsets;
  std::array<double, kBands> before{};
  for (std::size_t at = 0; at + kSize <= x.size(); at += kOnsetHop) {
    const auto& bins = spectrum.of(x.data() + at);
    double flux = 0;
    for (std::size_t b = 0; b < kBands; ++b) {
      double sum = 0;
      for (std::size_t i = kEdges[b]; i < kEdges[b + 1]; ++i) sum += bins[i];
      const double loud = std::log1p(20 * sum);
      flux += std::max(0.0, loud - before[b]);
      before[b] = loud;
    }
    onsets.push_back(flux);
  }
  // What stands out of the second around it, and nothing below.
  constexpr std::size_t kAround = 50;
  std::vector<double> sharp(onsets.size());
  for (std::size_t i = 0; i < onsets.size(); ++i) {
    const std::size_t from = i > kAround ? i - kAround : 0;
    const std::size_t to = std::min(onsets.size(), i + kAround);
    double mean = 0;
    for (std::size_t k = from; k < to; ++k) mean += onsets[k] / static_cast<double>(to - from);
    sharp[i] = onsets[i] - mean;
  }
  constexpr std::size_t kLags = 1300;  // 8 beats at 40 bpm and a little
  double self = 0;
  for (const double s : sharp) self += s * s;
  for (std::size_t lag = 0; lag < kLags && lag < sharp.size(); ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < sharp.size(); ++i) sum += sharp[i] * sharp[i - lag];
    correlation_.push_back(sum / std::max(self, 1e-9) * static_cast<double>(sharp.size()) /
                           static_cast<double>(sharp.size() - lag));
  }
}

double Pulse::strength(double bpm) const {
  const double beat = 60 / bpm * kRate / kOnsetHop;
  double sum = 0;
  int count = 0;
  for (int k = 1; k <= 8; ++k) {
    const double lag = k * beat;
    const auto whole = static_cast<std::size_t>(lag);
    if (whole + 1 >= correlation_.size()) break;
    const double rest = lag - static_cast<double>(whole);
    sum += correlation_[whole] + (correlation_[whole + 1] - correlation_[whole]) * rest;
    ++count;
  }
  return count == 0 ? 0 : sum / count;
}

double Pulse::strongest(double low, double high) const {
  double best = low, most = -1;
  for (double bpm = low; bpm <= high; bpm *= 1.001)
    if (const double s = strength(bpm); s > most) most = s, best = bpm;
  return best;
}

double repetition(Pcm pcm, double bar_seconds, int bars) {
  constexpr std::size_t kSize = 1024, kBands = 13, kSlots = 8;
  static const auto kEdges = bands<kBands>(kSize, 50, 14000);
  using Bar = std::array<double, kBands * kSlots>;
  const auto x = mono(pcm);
  Spectrum spectrum(kSize);
  std::vector<Bar> all;
  const double slot = bar_seconds * kRate / kSlots;
  for (std::size_t n = 0;
       static_cast<double>(n + 1) * kSlots * slot + kSize < static_cast<double>(x.size()); ++n) {
    Bar bar{};
    for (std::size_t s = 0; s < kSlots; ++s) {
      std::array<double, kBands> sum{};
      const double from = static_cast<double>(n * kSlots + s) * slot;
      for (double at = from; at < from + slot; at += kSize) {
        const auto& bins = spectrum.of(x.data() + static_cast<std::size_t>(at));
        for (std::size_t b = 0; b < kBands; ++b)
          for (std::size_t i = kEdges[b]; i < kEdges[b + 1]; ++i)
            sum[b] += double{bins[i]} * bins[i];
      }
      for (std::size_t b = 0; b < kBands; ++b) bar[s * kBands + b] = db(sum[b] * 1e-4);
    }
    all.push_back(bar);
  }
  if (all.size() <= static_cast<std::size_t>(bars)) return 0;
  // What is common to all bars tells nothing of this one.
  Bar mean{};
  for (const Bar& bar : all)
    for (std::size_t i = 0; i < bar.size(); ++i)
      mean[i] += bar[i] / static_cast<double>(all.size());
  double sum = 0;
  int count = 0;
  for (std::size_t n = 0; n + static_cast<std::size_t>(bars) < all.size(); ++n) {
    const Bar &a = all[n], &b = all[n + static_cast<std::size_t>(bars)];
    double aa = 0, bb = 0, ab = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      aa += (a[i] - mean[i]) * (a[i] - mean[i]);
      bb += (b[i] - mean[i]) * (b[i] - mean[i]);
      ab += (a[i] - mean[i]) * (b[i] - mean[i]);
    }
    sum += ab / std::sqrt(std::max(1e-9, aa * bb));
    ++count;
  }
  return sum / count;
}

}  // namespace infinara::hearing

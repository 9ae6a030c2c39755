// SPDX-License-Identifier: Apache-2.0
#include "sound/repetition.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace infinara::sound {
namespace {

constexpr double kShortestLag = 5;    // seconds
constexpr double kLongestLag = 10;    // seconds
constexpr double kLongest = 8;        // seconds that are compared
constexpr double kShortest = 4;       // of a track that has no more
constexpr double kAround = 1;         // seconds in which the loudest band sets the floor
constexpr float kReach = 40;          // dB below it: what is quieter does not count
constexpr float kSilence = -85;       // dB
constexpr double kLeastActive = 0.8;  // bands in each frame, in the mean
constexpr double kSearch = 0.03;      // seconds around the lag

constexpr std::size_t kBands = Spectrogram::kBands;

/// The bands of all frames in dB, and what counts as silence in each.
struct Bands {
  std::size_t frames = 0;
  std::vector<float> level;    // of each frame and band
  std::vector<float> between;  // half a frame later, as the mean of two
  std::vector<float> floor;    // of each frame
};

Bands bands_of(const Spectrogram& spectrogram) {
  Bands bands;
  const std::size_t frames = spectrogram.frames();
  bands.frames = frames;
  std::vector<float> power(frames * kBands);
  std::vector<float> loudest(frames);
  const auto db = [](float x) { return 10 * std::log10(x); };
  for (std::size_t t = 0; t < frames; ++t) {
    for (std::size_t b = 0; b < kBands; ++b) {
      float& p = power[t * kBands + b];
      for (std::size_t c = 0; c < spectrogram.channels(); ++c) p += spectrogram.cell(t, c, b).power;
      loudest[t] = std::max(loudest[t], p);
    }
    loudest[t] = db(loudest[t]);
  }
  bands.level.resize(power.size());
  bands.between.resize(power.size());
  for (std::size_t i = 0; i < power.size(); ++i) {
    bands.level[i] = db(power[i]);
    bands.between[i] = db((power[i] + power[std::min(i + kBands, power.size() - 1)]) / 2);
  }
  bands.floor.resize(frames);
  const auto reach = static_cast<std::size_t>(kAround / spectrogram.frame_seconds());
  for (std::size_t t = 0; t < frames; ++t) {
    const std::size_t from = t > reach ? t - reach : 0;
    const std::size_t to = std::min(frames, t + reach + 1);
    bands.floor[t] =
        std::max(kSilence, *std::max_element(loudest.begin() + static_cast<std::ptrdiff_t>(from),
                                             loudest.begin() + static_cast<std::ptrdiff_t>(to)) -
                               kReach);
  }
  return bands;
}

/// The samples around 2 kHz, at 12000 a second: bass does not outweigh the rest, and so little is
/// left near half the rate that what lies between two samples is known.
std::vector<float> leveled(const std::vector<float>& thin) {
  std::vector<float> x(thin.size());
  for (std::size_t i = 2; i + 2 < thin.size(); ++i)
    x[i] = thin[i + 2] + thin[i + 1] - thin[i - 1] - thin[i - 2];
  return x;
}

/// The highest value between the samples of `curve` around its sample `at`.
double peak_around(const std::vector<double>& curve, std::size_t at, double* where) {
  constexpr int kSide = 8;  // samples of a windowed sinc on each side
  constexpr int kSteps = 16;
  double best = curve[at];
  *where = 0;
  for (int step = -kSteps; step <= kSteps; ++step) {
    const double offset = static_cast<double>(step) / kSteps;
    double sum = 0;
    for (int k = -kSide; k <= kSide; ++k) {
      const auto i = static_cast<std::ptrdiff_t>(at) + k;
      if (i < 0 || i >= static_cast<std::ptrdiff_t>(curve.size())) continue;
      const double x = std::numbers::pi * (offset - k);
      const double window = 0.5 + 0.5 * std::cos(x / (kSide + 1));
      sum += curve[static_cast<std::size_t>(i)] * window * (x == 0 ? 1 : std::sin(x) / x);
    }
    if (sum <= best) continue;
    best = sum;
    *where = offset;
  }
  return best;
}

/// The correlation of the samples at the best lag near `where.lag`, which may lie between two of
/// them: a loop's length is no multiple of their distance.
double correlation_at(const Waveform& waveform, const Repetition& where, double* best_lag) {
  const std::vector<float> x = leveled(waveform.thin());
  const double rate = waveform.thin_rate();
  const auto from = static_cast<std::size_t>(where.at * rate);
  const auto count = static_cast<std::size_t>(where.length * rate);
  const auto first = static_cast<std::size_t>(std::max(0.0, where.lag - kSearch) * rate);
  const auto last = static_cast<std::size_t>((where.lag + kSearch) * rate);
  std::vector<double> curve;
  for (std::size_t lag = first; lag <= last && from + lag + count <= x.size(); ++lag) {
    double product = 0;
    double one = 1e-12;
    double other = 1e-12;
    // In pieces, whose sums a float can hold.
    for (std::size_t i = from; i < from + count; i += 1024) {
      const std::size_t end = std::min(i + 1024, from + count);
      float ab = 0;
      float aa = 0;
      float bb = 0;
      for (std::size_t k = i; k < end; ++k) {
        ab += x[k] * x[k + lag];
        aa += x[k] * x[k];
        bb += x[k + lag] * x[k + lag];
      }
      product += static_cast<double>(ab);
      one += static_cast<double>(aa);
      other += static_cast<double>(bb);
    }
    curve.push_back(product / std::sqrt(one * other));
  }
  if (curve.empty()) return 0;
  const auto at =
      static_cast<std::size_t>(std::max_element(curve.begin(), curve.end()) - curve.begin());
  double offset = 0;
  const double best = peak_around(curve, at, &offset);
  *best_lag = (static_cast<double>(first + at) + offset) / rate;
  return std::clamp(best, 0.0, 1.0);
}

}  // namespace

Repetition find_repetition(const Spectrogram& spectrogram, const Waveform& waveform) {
  Repetition best;
  const Bands bands = bands_of(spectrogram);
  const double frame = spectrogram.frame_seconds();
  const double seconds = static_cast<double>(bands.frames) * frame;
  best.length = std::clamp(seconds - kLongestLag - 0.2, kShortest, kLongest);
  const auto window = static_cast<std::size_t>(best.length / frame);
  std::vector<float> change(bands.frames);
  std::vector<float> active(bands.frames);
  // In half frames.
  for (auto half = static_cast<std::size_t>(2 * kShortestLag / frame);
       half <= static_cast<std::size_t>(2 * kLongestLag / frame); ++half) {
    const std::size_t lag = half / 2;
    const std::vector<float>& later = half % 2 == 0 ? bands.level : bands.between;
    if (lag + 1 + window > bands.frames) break;
    const std::size_t count = bands.frames - lag - 1;
    double sum = 0;
    double sounding = 0;
    for (std::size_t t = 0; t < count; ++t) {
      const float floor = std::max(bands.floor[t], bands.floor[t + lag]);
      const float* a = &bands.level[t * kBands];
      const float* b = &later[(t + lag) * kBands];
      float difference = 0;
      float bands_on = 0;
      for (std::size_t k = 0; k < kBands; ++k) {
        const float x = std::max(a[k], floor);
        const float y = std::max(b[k], floor);
        difference += std::abs(x - y);
        bands_on += x > floor || y > floor ? 1.0F : 0.0F;
      }
      change[t] = difference;
      active[t] = bands_on;
      sum += static_cast<double>(difference);
      sounding += static_cast<double>(bands_on);
      if (t + 1 < window) continue;
      if (t >= window) {
        sum -= static_cast<double>(change[t - window]);
        sounding -= static_cast<double>(active[t - window]);
      }
      if (sounding < kLeastActive * static_cast<double>(window)) continue;
      if (sum / sounding >= best.change) continue;
      best.change = sum / sounding;
      best.lag = static_cast<double>(half) * frame / 2;
      best.at = static_cast<double>(t + 1 - window) * frame;
    }
  }
  if (best.change < 99) best.correlation = correlation_at(waveform, best, &best.lag);
  return best;
}

}  // namespace infinara::sound

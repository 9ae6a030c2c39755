// SPDX-License-Identifier: Apache-2.0
#include "sound/spectrogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>

namespace infinara::sound {
namespace {

constexpr double kWindowSeconds = 0.085;  // seconds, about
constexpr double kLowest = 60;            // Hz
constexpr double kHighest = 15000;        // Hz
constexpr std::size_t kLeastBins = 8;
constexpr float kNothing = 1e-16F;  // power of a bin; digital silence

std::size_t size_for(int rate) {
  std::size_t size = 512;
  while (static_cast<double>(size) * 1.41 < kWindowSeconds * rate) size *= 2;
  return size;
}

/// The binary logarithm within 0.01; `x` is positive and normal.
float fast_log2(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float m = std::bit_cast<float>((bits & 0x007FFFFFU) | 0x3F800000U);  // 1 to 2
  return exponent + ((-0.33582878F * m + 2.0F) * m - 1.65871F);
}

float share_of_eight(std::vector<double> bins) {
  const double all = std::accumulate(bins.begin(), bins.end(), 0.0);
  std::nth_element(bins.begin(), bins.begin() + 7, bins.end(), std::greater<>());
  return static_cast<float>(std::accumulate(bins.begin(), bins.begin() + 8, 0.0) / all);
}

}  // namespace

Spectrogram::Spectrogram(int rate, int channels)
    : rate_(rate),
      channels_(static_cast<std::size_t>(channels)),
      fft_(size_for(rate)),
      hop_(fft_.size() / 2),
      window_(fft_.size()),
      real_(fft_.size()),
      imaginary_(fft_.size()),
      stretch_(fft_.size() / 2) {
  const auto size = static_cast<double>(fft_.size());
  double sum = 0;
  for (std::size_t i = 0; i < window_.size(); ++i) {
    window_[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / size));
    sum += static_cast<double>(window_[i]);
  }
  for (float& w : window_) w = static_cast<float>(static_cast<double>(w) * 2 / sum);
  const double highest = std::min(kHighest, 0.45 * rate);
  edges_[0] = static_cast<std::size_t>(std::lround(kLowest * size / rate));
  for (std::size_t b = 1; b <= kBands; ++b) {
    const double ratio = std::pow(highest * size / rate / static_cast<double>(edges_[b - 1]),
                                  1.0 / static_cast<double>(kBands + 1 - b));
    const auto even =
        static_cast<std::size_t>(std::lround(static_cast<double>(edges_[b - 1]) * ratio));
    edges_[b] = std::max(edges_[b - 1] + kLeastBins, even);
  }
  edges_[kBands] = std::min(edges_[kBands], fft_.size() / 2 - 1);
  for (auto& p : powers_) p.resize(fft_.size() / 2);
}

void Spectrogram::listen(std::span<const float> samples) {
  waiting_.insert(waiting_.end(), samples.begin(), samples.end());
  std::size_t at = 0;
  const std::size_t whole = fft_.size() * channels_;
  while (waiting_.size() - at >= whole) {
    const float* x = &waiting_[at];
    if (channels_ == 2) {
      for (std::size_t i = 0; i < fft_.size(); ++i) {
        real_[i] = x[2 * i] * window_[i];
        imaginary_[i] = x[2 * i + 1] * window_[i];
      }
    } else {
      for (std::size_t i = 0; i < fft_.size(); ++i) real_[i] = x[i] * window_[i];
      std::fill(imaginary_.begin(), imaginary_.end(), 0.0F);
    }
    take_frame();
    at += hop_ * channels_;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Spectrogram::take_frame() {
  fft_.transform(real_, imaginary_);
  const std::size_t size = fft_.size();
  // Both channels come out of one transform: the even part is the left one, the odd the right.
  auto& left = powers_[0];
  auto& right = powers_[1];
  left[0] = right[0] = kNothing;
  for (std::size_t k = 1; k < size / 2; ++k) {
    const float sum_real = real_[k] + real_[size - k];
    const float sum_imag = imaginary_[k] - imaginary_[size - k];
    const float difference_real = imaginary_[k] + imaginary_[size - k];
    const float difference_imag = real_[k] - real_[size - k];
    left[k] = 0.25F * (sum_real * sum_real + sum_imag * sum_imag) + kNothing;
    right[k] =
        0.25F * (difference_real * difference_real + difference_imag * difference_imag) + kNothing;
  }
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto& power = powers_[c];
    for (std::size_t b = 0; b < kBands; ++b) {
      float sum = 0;
      float logs = 0;
      for (std::size_t k = edges_[b]; k < edges_[b + 1]; ++k) {
        sum += power[k];
        logs += fast_log2(power[k]);
      }
      const auto bins = static_cast<float>(std::max<std::size_t>(edges_[b + 1] - edges_[b], 1));
      cells_.push_back({sum / bins, logs / bins});
    }
  }
  if (channels_ == 2)
    for (std::size_t k = 0; k < size / 2; ++k) left[k] += right[k];
  const auto top =
      static_cast<std::size_t>(std::max_element(left.begin() + 2, left.end() - 2) - left.begin());
  const float all = std::accumulate(left.begin(), left.end(), 0.0F);
  float line = 0;
  for (std::size_t k = top - 2; k <= top + 2; ++k) line += left[k];
  lines_.push_back(
      {line / all, static_cast<float>(top) * static_cast<float>(rate_) / static_cast<float>(size)});
  for (std::size_t k = 0; k < size / 2; ++k) stretch_[k] += static_cast<double>(left[k]);
  ++frames_;
  if (static_cast<double>(++stretch_frames_) * frame_seconds() < kStretch) return;
  if (!last_stretch_.empty()) {
    for (std::size_t k = 0; k < size / 2; ++k) last_stretch_[k] += stretch_[k];
    tone_shares_.push_back(share_of_eight(last_stretch_));
  }
  last_stretch_ = stretch_;
  std::fill(stretch_.begin(), stretch_.end(), 0.0);
  stretch_frames_ = 0;
}

}  // namespace infinara::sound

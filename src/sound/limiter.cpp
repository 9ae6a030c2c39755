// SPDX-License-Identifier: Apache-2.0
#include "sound/limiter.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sound/true_peak.hpp"

namespace infinara::sound {
namespace {

constexpr double kRampSeconds = 0.005;
constexpr double kReleaseSeconds = 0.12;
constexpr std::size_t kPiece = 64;  // samples looked at together

}  // namespace

Limiter::Limiter(int rate, int channels, double ceiling_db)
    : channels_(static_cast<std::size_t>(channels)),
      ceiling_(static_cast<float>(std::pow(10, ceiling_db / 20))),
      ramp_(static_cast<std::size_t>(std::max(1.0, kRampSeconds * rate))),
      ahead_(ramp_ + kPeakBefore + kPeakAfter - 1),
      delay_(ahead_ - 1),
      release_(static_cast<float>(1 - std::exp(-1 / (kReleaseSeconds * rate)))),
      line_(delay_ * channels_),
      candidates_(ahead_ + 1),
      held_before_(ramp_, 1.0F),
      sum_(static_cast<double>(ramp_)) {}

/// Fills needs_ for the last `frames` of line_: need i is the gain that brings the newest gap that
/// can be judged once frame i is here, and the frame before that gap, to the ceiling.
void Limiter::find_needs(std::size_t frames) {
  constexpr std::size_t kSeen = kPeakBefore + kPeakAfter;
  needs_.assign(frames, 1.0F);
  // A piece without a sample that could make a peak above the ceiling needs no filter.
  std::array<float, kPiece> peaks;
  const std::size_t piece = kPiece / channels_;
  for (std::size_t at = 0; at < frames; at += piece) {
    const std::size_t count = std::min(piece, frames - at);
    const float* oldest = line_.data() + line_.size() - (frames - at + kSeen - 1) * channels_;
    if (peak_of(oldest, (count + kSeen - 1) * channels_) * kMostOvershoot <= ceiling_) continue;
    const float* here = oldest + (kPeakBefore - 1) * channels_;
    peaks_between(here, channels_, count * channels_, peaks.data());
    for (std::size_t i = 0; i < count; ++i) {
      float peak = 0;
      for (std::size_t c = i * channels_; c < (i + 1) * channels_; ++c)
        peak = std::max({peak, peaks[c], std::abs(here[c])});
      if (peak > ceiling_) needs_[at + i] = ceiling_ / peak;
    }
  }
}

float Limiter::least_ahead(float need) {
  const std::size_t size = candidates_.size();
  if (count_ > 0 && now_ - candidates_[first_].when >= ahead_) {
    first_ = (first_ + 1) % size;
    --count_;
  }
  while (count_ > 0 && candidates_[(first_ + count_ - 1) % size].need >= need) --count_;
  candidates_[(first_ + count_) % size] = {now_++, need};
  ++count_;
  return candidates_[first_].need;
}

void Limiter::limit(std::span<float> samples) {
  for (std::size_t i = 0; i < needs_.size(); ++i) {
    const float least = least_ahead(needs_[i]);
    held_ = least <= held_ ? least : held_ + release_ * (least - held_);
    if (held_ > 0.99999F && least == 1.0F) held_ = 1;
    at_rest_ = held_ == 1.0F ? at_rest_ + 1 : 0;
    sum_ += static_cast<double>(held_) - static_cast<double>(held_before_[at_]);
    held_before_[at_] = held_;
    at_ = at_ + 1 == ramp_ ? 0 : at_ + 1;
    const auto gain = static_cast<float>(sum_ / static_cast<double>(ramp_));
    const float* leaving = line_.data() + i * channels_;
    for (std::size_t c = 0; c < channels_; ++c) samples[i * channels_ + c] = gain * leaving[c];
  }
}

/// Where nothing is limited the samples are only delayed.
void Limiter::pass(std::span<float> samples) {
  std::ranges::copy(std::span(line_).first(samples.size()), samples.begin());
  now_ += needs_.size();
  first_ = 0;
  count_ = 1;
  candidates_[first_] = {now_ - 1, 1.0F};
}

void Limiter::process(std::span<float> samples) {
  // A gap is judged when the last of the twelve samples that draw it is here. What it needs is held
  // for ahead_ frames, and the mean of ramp_ held values is a gain without corners, which is down
  // to the need for all of the twelve.
  const std::size_t history = line_.size();
  line_.insert(line_.end(), samples.begin(), samples.end());
  find_needs(samples.size() / channels_);
  float least = 1;
  for (const float need : needs_) least = std::min(least, need);
  least_gain_ = std::min(least_gain_, least);
  if (least == 1.0F && at_rest_ >= ramp_)
    pass(samples);
  else
    limit(samples);
  line_.erase(line_.begin(), line_.end() - static_cast<std::ptrdiff_t>(history));
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/limiter.hpp"

#include <algorithm>
#include <cmath>

#include "sound/true_peak.hpp"

namespace infinara::sound {
namespace {

constexpr double kAheadSeconds = 0.005;
constexpr double kReleaseSeconds = 0.12;

}  // namespace

Limiter::Limiter(int rate, int channels, double ceiling_db)
    : channels_(static_cast<std::size_t>(channels)),
      ceiling_(static_cast<float>(std::pow(10, ceiling_db / 20))),
      ahead_(static_cast<std::size_t>(std::max(1.0, kAheadSeconds * rate))),
      delay_(ahead_ - 1 + kPeakAfter),
      release_(static_cast<float>(1 - std::exp(-1 / (kReleaseSeconds * rate)))),
      line_((delay_ + kPeakBefore) * channels_),
      candidates_(ahead_ + 1),
      held_before_(ahead_, 1.0F),
      sum_(static_cast<double>(ahead_)) {}

/// The gain that brings this frame, and the way to the next, below the ceiling.
float Limiter::need_at(const float* frames) const {
  float peak = 0;
  for (std::size_t c = 0; c < channels_; ++c) {
    const float here = std::abs(frames[c]);
    const float next = std::abs(frames[channels_ + c]);
    peak = std::max(peak, here);
    if (std::max(here, next) * kOvershoot <= ceiling_) continue;
    std::array<float, kPeakBefore + kPeakAfter> around;
    const float* first = frames - (kPeakBefore - 1) * channels_ + c;
    for (std::size_t i = 0; i < around.size(); ++i) around[i] = first[i * channels_];
    peak = std::max(peak, peak_between(around.data() + kPeakBefore - 1));
  }
  return peak > ceiling_ ? ceiling_ / peak : 1.0F;
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

void Limiter::process(std::span<float> samples) {
  // The frame whose gain is known leaves; the newest that can be judged is kPeakAfter behind the
  // last one that came, and the gain reaches what it needs ahead_ - 1 samples later.
  const std::size_t history = line_.size();
  line_.insert(line_.end(), samples.begin(), samples.end());
  const std::size_t frames = samples.size() / channels_;
  for (std::size_t i = 0; i < frames; ++i) {
    const float* newest = line_.data() + history + i * channels_;
    const float least = least_ahead(need_at(newest - kPeakAfter * channels_));
    // Down at once, back slowly; and the mean of ahead_ such values is a gain without corners that
    // has come down fully when the peak leaves.
    held_ = least <= held_ ? least : held_ + release_ * (least - held_);
    if (held_ > 0.99999F && least == 1.0F) held_ = 1;
    sum_ += static_cast<double>(held_) - static_cast<double>(held_before_[at_]);
    held_before_[at_] = held_;
    at_ = at_ + 1 == ahead_ ? 0 : at_ + 1;
    const auto gain = static_cast<float>(sum_ / static_cast<double>(ahead_));
    least_gain_ = std::min(least_gain_, gain);
    const float* leaving = newest - delay_ * channels_;
    for (std::size_t c = 0; c < channels_; ++c) samples[i * channels_ + c] = gain * leaving[c];
  }
  line_.erase(line_.begin(), line_.end() - static_cast<std::ptrdiff_t>(history));
}

}  // namespace infinara::sound

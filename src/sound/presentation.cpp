// SPDX-License-Identifier: Apache-2.0
#include "sound/presentation.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::sound {
namespace {

constexpr std::int64_t kEdge = kRate / 200;  // 5 ms: where silence was cut off, nothing clicks

std::int64_t samples_of(double seconds) {
  constexpr double kMost = 1e6;
  return seconds < kMost ? samples_from_seconds(std::max(seconds, 0.0))
                         : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

Presenter::Presenter(const Presentation& how, std::int64_t position)
    : gain_(static_cast<float>(std::pow(10, how.gain_db / 20))),
      from_(samples_of(how.from)),
      until_(std::max(samples_of(how.until), from_)),
      fade_in_(std::max(samples_of(how.fade_in), kEdge)),
      fade_out_(std::max(samples_of(how.fade_out), kEdge)),
      position_(position),
      limiter_(kRate, kChannels),
      skip_(limiter_.delay()) {}

/// The gain by which what was cut off does not click, or a fade that was left out is made up for.
float Presenter::edge_at(std::int64_t at) const {
  float gain = 1;
  if (from_ > 0 && at - from_ < fade_in_)
    gain *= static_cast<float>(at - from_) / static_cast<float>(fade_in_);
  if (until_ - at < fade_out_)
    gain *= static_cast<float>(until_ - at) / static_cast<float>(fade_out_);
  return gain;
}

void Presenter::present(std::span<const float> samples, std::vector<std::int16_t>& out) {
  const auto frames = static_cast<std::int64_t>(samples.size() / kChannels);
  const std::int64_t begin = std::clamp(from_ - position_, std::int64_t{0}, frames);
  const std::int64_t end = std::clamp(until_ - position_, begin, frames);
  const auto heard = samples.subspan(static_cast<std::size_t>(begin * kChannels),
                                     static_cast<std::size_t>((end - begin) * kChannels));
  block_.assign(heard.begin(), heard.end());
  for (std::int64_t i = 0; i < end - begin; ++i) {
    const std::int64_t at = position_ + begin + i;
    const float gain = gain_ * edge_at(at);
    for (std::int64_t c = 0; c < kChannels; ++c)
      block_[static_cast<std::size_t>(i * kChannels + c)] *= gain;
  }
  position_ += frames;
  send(block_, out);
}

std::int64_t Presenter::delay() {
  return static_cast<std::int64_t>(Limiter(kRate, kChannels).delay());
}

void Presenter::finish(std::vector<std::int16_t>& out) {
  block_.assign(limiter_.delay() * kChannels, 0);
  send(block_, out);
}

void Presenter::send(std::span<float> samples, std::vector<std::int16_t>& out) {
  limiter_.process(samples);
  const std::size_t skipped = std::min(skip_, samples.size() / kChannels);
  skip_ -= skipped;
  for (const float x : samples.subspan(skipped * kChannels))
    out.push_back(static_cast<std::int16_t>(std::lrint(std::clamp(x, -1.0F, 1.0F) * 32767)));
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "sound/waveform.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::sound {
namespace {

constexpr float kSteps = 2048;         // of the heights in full scale
constexpr float kLeastHeight = 0.05F;  // of a click
constexpr float kLeastAbove = 4;
constexpr float kPowerStep = 30;  // times the power on the other side: there sound begins or ends
constexpr float kFloorPower = 1e-6F;
constexpr float kStill = 1e-4F;  // of its height: a sample that differs by less stands still

}  // namespace

Waveform::Waveform(int rate, int channels)
    : rate_(rate),
      channels_(static_cast<std::size_t>(channels)),
      step_(std::max<std::size_t>(static_cast<std::size_t>(std::lround(rate * 0.005)), 1)),
      block_(std::max<std::size_t>(static_cast<std::size_t>(rate / 1000), 1)),
      thinning_(std::max<std::size_t>(static_cast<std::size_t>(rate / 12000), 1)) {}

void Waveform::listen(std::span<const float> samples) {
  for (std::size_t i = 0; i + channels_ <= samples.size(); i += channels_) {
    for (std::size_t c = 0; c < channels_; ++c) {
      Channel& side = sides_[c];
      const float x = samples[i + c];
      const float bend = std::abs(x - 2 * side.last + side.before);
      const float height = std::abs(x);
      side.still = std::abs(x - side.last) <= kStill * height ? side.still + 1 : 0;
      if (side.still >= 2)
        side.still_at[static_cast<std::size_t>(std::min(height * kSteps, 4095.0F))] +=
            side.still == 2 ? 3 : 1;
      peak_ = std::max(peak_, height);
      side.before = side.last;
      side.last = x;
      side.square += static_cast<double>(x * x);
      side.sum += static_cast<double>(x);
      side.block.highest = std::max(side.block.highest, bend);
      side.block.square += bend * bend;
      side.block.power += x * x;
    }
    if (channels_ == 2) product_ += static_cast<double>(samples[i] * samples[i + 1]);
    thin_sum_ += static_cast<double>(samples[i]) +
                 (channels_ == 2 ? 0.7 * static_cast<double>(samples[i + 1]) : 0.0);
    if (++in_thin_ == thinning_) {
      thin_.push_back(static_cast<float>(thin_sum_));
      thin_sum_ = 0;
      in_thin_ = 0;
    }
    ++frames_;
    if (++in_block_ == block_) end_blocks();
    if (++in_step_ == step_) end_step();
  }
}

void Waveform::end_step() {
  Step step;
  for (std::size_t c = 0; c < 2; ++c) {
    const Channel& side = sides_[c < channels_ ? c : 0];
    step.square[c] = static_cast<float>(side.square / static_cast<double>(step_));
    step.mean[c] = static_cast<float>(side.sum / static_cast<double>(step_));
  }
  step.product =
      channels_ == 2 ? static_cast<float>(product_ / static_cast<double>(step_)) : step.square[0];
  steps_.push_back(step);
  for (Channel& side : sides_) side.square = side.sum = 0;
  product_ = 0;
  in_step_ = 0;
}

void Waveform::end_blocks() {
  in_block_ = 0;
  ++blocks_;
  for (std::size_t c = 0; c < channels_; ++c) {
    Channel& side = sides_[c];
    side.ring[blocks_ % kRing] = side.block;
    side.block = {};
    if (blocks_ < kRing) continue;
    const auto at = [&](std::size_t back) -> const Block& {
      return side.ring[(blocks_ - back) % kRing];
    };
    const Block& middle = at(kAround);
    if (middle.highest < kLeastHeight) continue;
    float before = 0;
    float after = 0;
    float power_before = kFloorPower;
    float power_after = kFloorPower;
    for (std::size_t n = 2; n <= kAround; ++n) {
      after += at(kAround - n).square;
      before += at(kAround + n).square;
      power_after += at(kAround - n).power;
      power_before += at(kAround + n).power;
    }
    if (power_after > kPowerStep * power_before || power_before > kPowerStep * power_after)
      continue;
    const auto count = static_cast<float>((kAround - 1) * block_);
    const float around = std::sqrt(std::max(before, after) / count);
    const float above = middle.highest / std::max(around, 1e-6F);
    if (above >= kLeastAbove)
      clicks_.push_back(
          {middle.highest, above, static_cast<double>((blocks_ - kAround) * block_) / rate_});
  }
}

Waveform::Gap Waveform::longest_gap(double level) const {
  const double least = std::pow(10, level / 10);
  Gap longest;
  std::size_t run = 0;
  bool was_sound = false;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const double power =
        (static_cast<double>(steps_[i].square[0]) + static_cast<double>(steps_[i].square[1])) / 2;
    if (power < least) {
      ++run;
      continue;
    }
    if (was_sound && static_cast<double>(run) * step_seconds() > longest.seconds)
      longest = {static_cast<double>(run) * step_seconds(),
                 static_cast<double>(i - run) * step_seconds()};
    was_sound = true;
    run = 0;
  }
  return longest;
}

double Waveform::clipped() const {
  const auto from = static_cast<std::size_t>(std::min(0.95F * peak_ * kSteps, 4095.0F));
  std::uint64_t count = 0;
  for (std::size_t c = 0; c < channels_; ++c)
    for (std::size_t i = from; i < sides_[c].still_at.size(); ++i) count += sides_[c].still_at[i];
  return peak_ > 0 ? static_cast<double>(count) /
                         static_cast<double>(std::max<std::uint64_t>(frames_ * channels_, 1))
                   : 0;
}

}  // namespace infinara::sound

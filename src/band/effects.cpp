// SPDX-License-Identifier: Apache-2.0
#include "band/effects.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace infinara::band {

#if defined(__SSE__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) {
  _mm_setcsr(static_cast<unsigned>(before_) | 0x8040U);  // flush to zero, denormals are zero
}
FlushDenormals::~FlushDenormals() {
  _mm_setcsr(static_cast<unsigned>(before_));
}
#elif defined(__aarch64__)
FlushDenormals::FlushDenormals() {
  asm volatile("mrs %0, fpcr" : "=r"(before_));
  asm volatile("msr fpcr, %0" ::"r"(before_ | (std::uint64_t{1} << 24)));
}
FlushDenormals::~FlushDenormals() {
  asm volatile("msr fpcr, %0" ::"r"(before_));
}
#else
FlushDenormals::FlushDenormals() : before_(0) {}
FlushDenormals::~FlushDenormals() = default;
#endif

namespace {

constexpr std::array<double, 8> kLineMs{29.7, 37.1, 41.1, 43.7, 53.3, 61.7, 67.9, 79.3};
constexpr std::array<std::array<double, 6>, 2> kEarlyMs{
    {{7.1, 11.9, 17.3, 23.9, 31.7, 41.3}, {8.3, 13.7, 19.9, 26.9, 35.1, 45.7}}};
constexpr std::array<std::array<double, 4>, 2> kDiffuserMs{
    {{4.77, 3.6, 12.7, 9.3}, {5.02, 3.48, 12.9, 8.97}}};

float pole(double hz) {
  return static_cast<float>(1 - std::exp(-2 * std::numbers::pi * hz / sound::kRate));
}

}  // namespace

Reverb::Reverb(double seconds, double tone_hz, double early)
    : damping_(pole(tone_hz)), early_damping_(pole(1.6 * tone_hz)) {
  const double size = std::clamp(0.6 + seconds * 0.2, 0.6, 1.5);
  const auto frames = [](double ms) { return static_cast<std::size_t>(ms / 1000 * sound::kRate); };
  for (std::size_t i = 0; i < 8; ++i) {
    const double line = kLineMs[i] * size / 1000;
    lines_.emplace_back(line + 0.001);
    length_[i] = static_cast<std::size_t>(line * sound::kRate);
    feedback_[i] = static_cast<float>(std::pow(10.0, -3 * line / seconds) / std::sqrt(8.0));
  }
  pre_delay_ = frames(std::clamp(6 + 6 * seconds, 9.0, 30.0));
  double power = 0;
  for (std::size_t i = 0; i < kTaps; ++i) power += std::pow(0.85, 2.0 * static_cast<double>(i));
  for (std::size_t i = 0; i < kTaps; ++i) {
    tap_left_[i] = frames(kEarlyMs[0][i] * size);
    tap_right_[i] = frames(kEarlyMs[1][i] * size);
    const double gain = early * std::pow(0.85, static_cast<double>(i)) / std::sqrt(power);
    tap_gain_[i] = static_cast<float>(i % 3 == 1 ? -gain : gain);
  }
  for (const auto& side : kDiffuserMs)
    for (const double ms : side) diffusers_.push_back({DelayLine(ms / 1000), frames(ms)});
}

void Reverb::process(const Stereo& in, Stereo& out) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    before_left_.push(in.left[i]);
    before_right_.push(in.right[i]);
    float near_left = 0, near_right = 0;
    for (std::size_t k = 0; k < kTaps; ++k) {  // the later half comes from the other side
      near_left += tap_gain_[k] * (k < kTaps / 2 ? before_left_ : before_right_).at(tap_left_[k]);
      near_right += tap_gain_[k] * (k < kTaps / 2 ? before_right_ : before_left_).at(tap_right_[k]);
    }
    early_left_ += early_damping_ * (near_left - early_left_);
    early_right_ += early_damping_ * (near_right - early_right_);
    float l = before_left_.at(pre_delay_), r = before_right_.at(pre_delay_);
    for (std::size_t k = 0; k < kDiffusers; ++k) {
      l = diffusers_[k].process(l);
      r = diffusers_[k + kDiffusers].process(r);
    }
    std::array<float, 8> x;
    for (std::size_t k = 0; k < 8; ++k) {
      damped_[k] += damping_ * (lines_[k].at(length_[k] - 1) - damped_[k]);
      x[k] = damped_[k];
    }
    out.left[i] = early_left_ + 0.5F * (x[0] - x[2] + x[4] - x[6]);
    out.right[i] = early_right_ + 0.5F * (x[1] - x[3] + x[5] - x[7]);
    for (std::size_t k = 0; k < 8; ++k) x[k] *= feedback_[k];
    for (std::size_t span = 1; span < 8; span *= 2)
      for (std::size_t k = 0; k < 8; ++k)
        if ((k & span) == 0) {
          const float a = x[k], b = x[k + span];
          x[k] = a + b;
          x[k + span] = a - b;
        }
    for (std::size_t k = 0; k < 8; ++k) lines_[k].push(x[k] + (k % 2 == 0 ? l : r));
  }
}

Echo::Echo(double seconds, double feedback, double tone_hz)
    : left_(seconds + 0.01),
      right_(seconds + 0.01),
      delay_(static_cast<std::size_t>(seconds * sound::kRate)),
      feedback_(static_cast<float>(feedback)),
      tone_(pole(tone_hz)) {}

void Echo::process(const Stereo& in, Stereo& out) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float l = left_.at(delay_), r = right_.at(delay_);
    low_left_ += tone_ * (l - low_left_);
    low_right_ += tone_ * (r - low_right_);
    left_.push(0.5F * (in.left[i] + in.right[i]) + low_right_ * feedback_);
    right_.push(low_left_ * feedback_ + 0.25F * (in.right[i] - in.left[i]));
    out.left[i] = low_left_;
    out.right[i] = low_right_;
  }
}

void Chorus::process(const Stereo& in, Stereo& out) {
  constexpr double kHz = 0.6;
  const double step = kHz / sound::kRate;
  for (std::size_t i = 0; i < kBlock; ++i) {
    left_.push(in.left[i]);
    right_.push(in.right[i]);
    // A triangle, as gentle as a sine at this depth and cheaper.
    const auto sway = static_cast<float>(std::abs(phase_ * 2 - 1));
    out.left[i] = left_.at(480 + 300 * sway) + 0.5F * right_.at(700 + 240 * (1 - sway));
    out.right[i] = right_.at(480 + 300 * (1 - sway)) + 0.5F * left_.at(700 + 240 * sway);
    phase_ += step;
    if (phase_ >= 1) phase_ -= 1;
  }
}

Tone::Tone(double lowpass_hz, double highpass_hz)
    : low_(lowpass_hz > 0 ? pole(lowpass_hz) : 0), high_(highpass_hz > 0 ? pole(highpass_hz) : 0) {}

void Tone::process(Stereo& block) {
  if (low_ > 0)
    for (std::size_t side = 0; side < 2; ++side)
      for (float& x : side == 0 ? block.left : block.right) {
        a_[side] += low_ * (x - a_[side]);
        b_[side] += low_ * (a_[side] - b_[side]);
        x = b_[side];
      }
  if (high_ > 0)
    for (std::size_t side = 0; side < 2; ++side)
      for (float& x : side == 0 ? block.left : block.right) {
        c_[side] += high_ * (x - c_[side]);
        x -= c_[side];
      }
}

Sweep::Sweep(double octaves, double period, double phase)
    : octaves_(octaves), step_(kBlock / (period * sound::kRate)), phase_(phase) {}

void Sweep::next(float energy) {
  constexpr float kFollow = 0.002F;  // of the way in a block: within a bar or so
  energy_ += energy_ < 0 ? energy - energy_ : kFollow * (energy - energy_);
  const double sway = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * phase_);
  const double lively = std::clamp((static_cast<double>(energy_) - 0.35) / 0.6, 0.0, 1.0);
  open_ = 0.75 * sway + 0.25 * lively;
  phase_ += step_;
  if (phase_ >= 1) phase_ -= 1;
}

void Sweep::process(Stereo& block) {
  constexpr double kClosed = 320;  // Hz
  constexpr float kResonance = 0.45F;
  const auto hz = static_cast<float>(kClosed * std::exp2(octaves_ * open_));
  left_.set(hz, kResonance);
  right_.set(hz, kResonance);
  LowPass::process(left_, block.left, right_, block.right);
}

void EchoDucking::process(const Stereo& source, Stereo& echoes) {
  if (depth_ <= 0) return;
  static const float attack = pole(16), release = pole(0.5);
  constexpr float kUsual = 0.03F;  // the mean level of a lead that is sent
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float now = std::max(std::abs(source.left[i]), std::abs(source.right[i]));
    level_ += (now > level_ ? attack : release) * (now - level_);
    const float gain = 1 / (1 + depth_ * level_ / kUsual);
    echoes.left[i] *= gain;
    echoes.right[i] *= gain;
  }
}

void Ducking::next(Mono& amount) {
  static const float attack = pole(60), release = pole(1.6),
                     decay = std::exp(-1 / (0.09F * kRateF));
  for (float& x : amount) {
    hold_ *= decay;
    level_ += (hold_ > level_ ? attack : release * 2.2F) * (hold_ - level_);
    x = level_;
  }
}

LofiEffects::LofiEffects(const EffectSheet& sheet, std::uint64_t seed)
    : sheet_(sheet),
      random_(seed, "patina"),
      drive_(static_cast<float>(1 + 2 * sheet.saturation)),
      lowpass_hz_(static_cast<float>(sheet.lowpass)),
      high_(0, sheet.highpass) {
  low_left_.set(lowpass_hz_, 0.2F);
  low_right_.set(lowpass_hz_, 0.2F);
  for (auto* filter : {&air_left_, &air_right_}) filter->set(900, 0.3F);
  for (auto* filter : {&hiss_left_, &hiss_right_}) filter->set(6000, 0.1F);
}

void LofiEffects::process(Stereo& block) {
  if (sheet_.wow > 0) drift(block);
  if (sheet_.saturation > 0) saturate(block);
  if (sheet_.crackle > 0) crackle(block);
  if (sheet_.hiss > 0) hiss(block);
  if (sheet_.air > 0) blow(block);
  if (lowpass_hz_ > 0) {
    low_left_.process(block.left);
    low_right_.process(block.right);
  }
  high_.process(block);
  if (sheet_.width != 1) widen(block);
}

float LofiEffects::noise() {
  return static_cast<float>(random_.next32()) * (2.0F / 4294967296.0F) - 1;
}

/// A tape's slow wow with a little flutter. Two points a block are enough: the ear hears the drift,
/// not its steps.
void LofiEffects::drift(Stereo& block) {
  constexpr double kWowHz = 0.55, kFlutterHz = 6.3;
  const auto sway = [this] {
    return std::sin(2 * std::numbers::pi * phase_) * 0.9 +
           std::sin(2 * std::numbers::pi * flutter_) * 0.03;
  };
  const double before = sway();
  phase_ += kWowHz * kBlock / sound::kRate;
  flutter_ += kFlutterHz * kBlock / sound::kRate;
  const double after = sway();
  const double depth = sheet_.wow * 100;  // samples
  for (std::size_t i = 0; i < kBlock; ++i) {
    const double mix = static_cast<double>(i + 1) / kBlock;
    const auto delay = static_cast<float>(220 + depth * (before + (after - before) * mix));
    left_.push(block.left[i]);
    right_.push(block.right[i]);
    block.left[i] = left_.at(delay);
    block.right[i] = right_.at(delay);
  }
}

void LofiEffects::saturate(Stereo& block) const {
  const float back = 1 / std::sqrt(drive_);
  for (auto* side : {&block.left, &block.right})
    for (float& x : *side) x = soft_clip(x * drive_) * back;
}

/// Dust on a record: pops here and there, now more on one side, now on the other.
void LofiEffects::crackle(Stereo& block) {
  const double chance = 5.0 * sheet_.crackle / sound::kRate;
  for (std::size_t i = 0; i < kBlock; ++i) {
    if (random_.chance(chance)) {
      pop_ = noise() * 0.09F;
      pop_left_ = 0.4F + 0.6F * static_cast<float>(random_.uniform32());
      pop_right_ = 1.4F - pop_left_;
    }
    pop_low_ += 0.35F * (pop_ - pop_low_);
    pop_ *= 0.86F;
    block.left[i] += pop_low_ * pop_left_ * static_cast<float>(sheet_.crackle);
    block.right[i] += pop_low_ * pop_right_ * static_cast<float>(sheet_.crackle);
  }
}

void LofiEffects::hiss(Stereo& block) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    block.left[i] += hiss_left_.process(noise()) * 0.006F * static_cast<float>(sheet_.hiss);
    block.right[i] += hiss_right_.process(noise()) * 0.006F * static_cast<float>(sheet_.hiss);
  }
}

/// Wind whose strength wanders without a period.
void LofiEffects::blow(Stereo& block) {
  if (random_.chance(0.002)) air_goal_ = static_cast<float>(random_.uniform32());
  air_ += 0.0015F * (air_goal_ - air_);
  for (auto* filter : {&air_left_, &air_right_}) filter->set(500 + 1400 * air_, 0.3F);
  const float level = 0.02F * static_cast<float>(sheet_.air) * (0.3F + air_);
  for (std::size_t i = 0; i < kBlock; ++i) {
    block.left[i] += air_left_.process(noise()) * level;
    block.right[i] += air_right_.process(noise()) * level;
  }
}

void LofiEffects::widen(Stereo& block) const {
  const auto width = static_cast<float>(sheet_.width);
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float mid = 0.5F * (block.left[i] + block.right[i]);
    const float side = 0.5F * width * (block.left[i] - block.right[i]);
    block.left[i] = mid + side;
    block.right[i] = mid - side;
  }
}

}  // namespace infinara::band

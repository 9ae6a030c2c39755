// SPDX-License-Identifier: Apache-2.0
#include "sound/levels.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sound/wide.hpp"

namespace infinara::sound {

namespace {

static_assert(kBandStep == kFrame);
constexpr std::size_t kStepPairs = kBandStep;
constexpr std::size_t kToBody = 8, kToSlow = 4;  // pairs of which one is kept
constexpr std::size_t kMeterBody = kStepPairs / kToBody, kMeterSlow = kMeterBody / kToSlow;

struct MeterFilters {
  static constexpr int kHalfBody = 15;  // between 48 and 6 kHz, taps on each side
  static constexpr int kHalfSlow = 15;  // between 6 and 1.5 kHz
  static constexpr int kHalfBass = 23;  // at 1.5 kHz
  Decimator to_body{kHalfBody, 2500.0 / kRate, kToBody};
  Decimator to_slow{kHalfSlow, 650.0 * kToBody / kRate, kToSlow};
  Decimator to_bass{kHalfBass, 250.0 * kToBody* kToSlow / kRate, 1};
};

INFINARA_WIDE float sum_of_squares(const float* in, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  float sums[kLanes] = {};
  std::size_t k = 0;
  for (; k + kLanes <= count; k += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += in[k + lane] * in[k + lane];
  float sum = 0;
  for (; k < count; ++k) sum += in[k] * in[k];
  for (const float one : sums) sum += one;
  return sum;
}

/// Of both channels of so many pairs.
double mean_square(const float* in, std::size_t pairs) {
  return static_cast<double>(sum_of_squares(in, 2 * pairs)) / static_cast<double>(2 * pairs);
}

}  // namespace

// With T samples pushed, a multiple of kBandStep, the lines end before these places: samples_ at T,
// body_ at T - 8, slow_ at T - 128, bass_ at T - 864. The step is T - 1920 … T - 960.
BandMeter::BandMeter()
    : samples_(kStepPairs, kStepPairs),
      body_(kMeterBody - 1, kMeterBody),
      slow_(2 * MeterFilters::kHalfBass, kMeterSlow),
      bass_(3, kMeterSlow) {}

void BandMeter::push(const Fifo& fifo, std::int64_t from) {
  static const MeterFilters filters;
  std::array<std::int16_t, kFrameValues> fresh;
  fifo.peek(from, fresh);
  to_floats(fresh, samples_.advance());
  filters.to_body.run(samples_.at(2 * kStepPairs - 968 - MeterFilters::kHalfBody), body_.advance(),
                      kMeterBody);
  filters.to_slow.run(body_.at((1920 - 1088) / kToBody - MeterFilters::kHalfSlow), slow_.advance(),
                      kMeterSlow);
  filters.to_bass.run(slow_.at(0), bass_.advance(), kMeterSlow);
}

BandPowers BandMeter::next(const Fifo& fifo, std::int64_t from) {
  constexpr BandPowers kWeights = {0.8, 1.0, 2.0};  // about those of ITU-R BS.1770
  for (auto at = begun_ ? kAhead : -kBefore; at <= kAhead; at += kBandStep) push(fifo, from + at);
  begun_ = true;
  const double low = mean_square(bass_.at(0), kMeterSlow);
  const double below = mean_square(body_.at(0), kMeterBody);
  const double all = mean_square(samples_.at(0), kStepPairs);
  return {kWeights[0] * low, kWeights[1] * std::max(below - low, 0.0),
          kWeights[2] * std::max(all - below, 0.0)};
}

std::vector<double> levels_of(std::span<const double> powers) {
  constexpr std::size_t kWindow = 20;  // steps in 400 ms
  std::vector<double> levels;
  for (std::size_t at = 0; at + kWindow <= powers.size(); at += kBetweenWindows) {
    const auto window = powers.subspan(at, kWindow);
    const double power = std::accumulate(window.begin(), window.end(), 0.0) / kWindow;
    levels.push_back(10 * std::log10(std::max(power, 1.0)));
  }
  return levels;
}

double middle_of(std::vector<double> all) {
  const auto middle = all.begin() + std::ssize(all) / 2;
  std::ranges::nth_element(all, middle);
  return *middle;
}

}  // namespace infinara::sound

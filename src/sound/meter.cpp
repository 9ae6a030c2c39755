// SPDX-License-Identifier: Apache-2.0
#include "sound/meter.hpp"

#include <algorithm>
#include <cmath>

#include "sound/true_peak.hpp"

namespace infinara::sound {
namespace {

constexpr std::size_t kGapsAtOnce = 64;  // gaps looked at together
constexpr float kFull = 0.997F;          // from here on a sample counts as standing at full scale

double db(double magnitude) {
  return std::max(-120.0, 20 * std::log10(std::max(magnitude, 1e-9)));
}

float level_of(double squares, std::uint64_t values) {
  return static_cast<float>(
      db(std::sqrt(squares / static_cast<double>(std::max<std::uint64_t>(values, 1)))));
}

}  // namespace

Meter::Meter(int rate, int channels)
    : rate_(rate),
      channels_(static_cast<std::size_t>(channels)),
      window_(static_cast<std::uint64_t>(std::max(rate / 10, 1))) {
  for (Channel& side : sides_) side.line.assign(kHistory, 0);
}

void Meter::listen(std::span<const float> samples) {
  const std::size_t frames = samples.size() / channels_;
  for (std::size_t c = 0; c < channels_; ++c) sides_[c].line.resize(kHistory + frames);
  std::size_t i = 0;
  while (i < frames) {
    const std::size_t stop =
        std::min<std::size_t>(frames, i + static_cast<std::size_t>(window_ - window_frames_));
    window_frames_ += stop - i;
    double sum = 0;
    for (; i < stop; ++i) {
      for (std::size_t c = 0; c < channels_; ++c) {
        float x = samples[i * channels_ + c];
        if (!std::isfinite(x)) {
          ++not_numbers_;
          x = 0;
        }
        sides_[c].line[kHistory + i] = x;
        sum += static_cast<double>(x) * static_cast<double>(x);
      }
    }
    window_sum_ += sum;
    if (window_frames_ == window_) {
      levels_.push_back(level_of(window_sum_, window_ * channels_));
      square_sum_ += window_sum_;
      window_sum_ = 0;
      window_frames_ = 0;
    }
  }
  frames_ += frames;
  for (std::size_t c = 0; c < channels_; ++c) listen(sides_[c]);
}

void Meter::listen(Channel& channel) {
  std::vector<float>& line = channel.line;
  // The gap between line[i] and line[i + 1] is seen whole for i in [5, size - 7]. Most pieces
  // cannot hold a new true peak, since none of their samples is large enough for one.
  const std::size_t gaps = line.size() - kHistory;
  for (std::size_t at = 0; at < gaps; at += kGapsAtOnce) {
    const std::size_t count = std::min(kGapsAtOnce, gaps - at);
    const float* first = &line[at];
    const float most = peak_of(first, count + kHistory);
    const float* here = first + kPeakBefore - 1;
    if (most > peak_) peak_ = std::max(peak_, peak_of(here, count));
    if (most * kMostOvershoot <= true_peak_) continue;
    std::array<float, kGapsAtOnce> between;
    peaks_between(here, 1, count, between.data());
    true_peak_ = std::max({true_peak_, peak_, peak_of(between.data(), count)});
  }
  for (std::size_t i = kHistory; i < line.size(); ++i) {
    channel.sum += static_cast<double>(line[i]);
    if (std::abs(line[i]) >= kFull) {
      ++channel.run;
      if (channel.run >= 3) channel.clipped += channel.run == 3 ? 3 : 1;
    } else {
      channel.run = 0;
    }
  }
  std::copy(line.end() - kHistory, line.end(), line.begin());
}

double Meter::seconds() const {
  return static_cast<double>(frames_) / rate_;
}

std::vector<float> Meter::levels() const {
  std::vector<float> all = levels_;
  if (window_frames_ > 0) all.push_back(level_of(window_sum_, window_frames_ * channels_));
  return all;
}

double Meter::rms_db() const {
  const double values = static_cast<double>(std::max<std::uint64_t>(frames_ * channels_, 1));
  return db(std::sqrt((square_sum_ + window_sum_) / values));
}

double Meter::peak_db() const {
  return db(static_cast<double>(peak_));
}

double Meter::true_peak_db() const {
  return db(static_cast<double>(true_peak_));
}

double Meter::offset() const {
  double most = 0;
  for (const Channel& side : sides_) most = std::max(most, std::abs(side.sum));
  return most / static_cast<double>(std::max<std::uint64_t>(frames_, 1));
}

double Meter::clipped() const {
  std::uint64_t sum = 0;
  for (const Channel& side : sides_) sum += side.clipped;
  return static_cast<double>(sum) /
         static_cast<double>(std::max<std::uint64_t>(frames_ * channels_, 1));
}

}  // namespace infinara::sound

// SPDX-License-Identifier: Apache-2.0
#include "band/loudness_control.hpp"

#include <algorithm>
#include <cmath>

#include "sound/loudness.hpp"

namespace infinara::band {

namespace {

double lufs(double power) {
  return -0.691 + 10 * std::log10(std::max(power, 1e-12));
}
double power_of(double lufs) {
  return std::pow(10.0, (lufs + 0.691) / 10);
}

}  // namespace

bool LoudnessMeter::listen(const Stereo& block) {
  for (std::size_t i = 0; i < kBlock; ++i) {
    const double l = sides_[0].process(block.left[i]), r = sides_[1].process(block.right[i]);
    sum_ += l * l + r * r;
  }
  if (++blocks_ < kHopBlocks) return false;
  power_ = sum_ / (kHopBlocks * kBlock);
  sum_ = 0;
  blocks_ = 0;
  return true;
}

LoudnessController::LoudnessController(std::span<const float> energy, double db_per_energy)
    : shape_(std::max<std::size_t>(energy.size(), 1), 1), rest_(shape_.size() + 1) {
  for (std::size_t i = 0; i < energy.size(); ++i)
    shape_[i] = std::pow(10, db_per_energy * static_cast<double>(energy[i]) / 10);
  double sum = 0;
  for (const double s : shape_) sum += s;
  for (double& s : shape_) s *= static_cast<double>(shape_.size()) / sum;
  for (std::size_t i = shape_.size(); i > 0; --i) rest_[i - 1] = rest_[i] + shape_[i - 1];
}

void LoudnessController::hear(double power) {
  const std::size_t hop = heard_.size();
  last_[hop % 4] = power;
  const auto known = std::min<std::size_t>(hop + 1, 4);
  double sum = 0;
  for (std::size_t i = 0; i < known; ++i) sum += last_[i];
  const double db = lufs(sum / static_cast<double>(known));
  heard_.push_back(static_cast<float>(db));
  if (db < -50) return;
  base_sum_ += power_of(db) / expected(hop);
  base_count_ += 1;
}

/// How loud the rest of the mix will be: as loud as the mix so far, corrected by the energy of the
/// sections that lie ahead. The sheet's trim counts as kPromise hops at the target.
double LoudnessController::predicted_db() const {
  constexpr double kPromise = 60;  // hops
  const double base =
      (kPromise * power_of(sound::kTargetLufs) + base_sum_) / (kPromise + base_count_);
  if (leaving_ >= shape_.size()) return lufs(base);
  return lufs(base * rest_[leaving_] / static_cast<double>(shape_.size() - leaving_));
}

double LoudnessController::next_gain() {
  const double left =
      leaving_ < shape_.size() ? static_cast<double>(shape_.size() - leaving_) : 1.0;
  const double share = (power_of(sound::kTargetLufs) * (done_ + left) - done_sum_) / left;
  const double wanted =
      lufs(std::clamp(share, power_of(sound::kTargetLufs - 4), power_of(sound::kTargetLufs + 3)));
  const double goal = std::clamp(wanted - predicted_db(), -14.0, 14.0);
  // A short track has little time to come right.
  const double rate = std::clamp(18.0 / static_cast<double>(shape_.size()), 0.02, 0.08);
  if (leaving_ == 0)
    gain_db_ = goal;
  else
    gain_db_ += std::clamp((goal - gain_db_) * rate, -0.14, 0.08);
  const std::size_t now = leaving_++;
  if (now < heard_.size()) {
    const double level = heard_[now] + gain_db_;
    // BS.1770's gate leaves out what is 10 LU below the whole; that is near the target here.
    if (level > sound::kTargetLufs - 10) done_sum_ += power_of(level), ++done_;
  }
  return gain_db_;
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/master.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::band {

namespace {

constexpr int kHopBlocks = 75;  // 100 ms

double lufs(double power) {
  return -0.691 + 10 * std::log10(std::max(power, 1e-12));
}
double power_of(double lufs) {
  return std::pow(10.0, (lufs + 0.691) / 10);
}

}  // namespace

double Ear::Weighting::process(double x) {
  // The two filters of BS.1770-4 at 48 kHz: a shelf for the head, then a high-pass.
  const double shelf = 1.53512485958697 * x + z1;
  z1 = -2.69169618940638 * x + 1.69065929318241 * shelf + z2;
  z2 = 1.19839281085285 * x - 0.73248077421585 * shelf;
  const double y = shelf + y1;
  y1 = -2 * shelf + 1.99004745483398 * y + y2;
  y2 = shelf - 0.99007225036621 * y;
  return y;
}

bool Ear::listen(const Stereo& block) {
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

void Leveller::hear(double power) {
  last_[heard_.size() % 4] = power;
  const auto known = std::min<std::size_t>(heard_.size() + 1, 4);
  double sum = 0;
  for (std::size_t i = 0; i < known; ++i) sum += last_[i];
  heard_.push_back(static_cast<float>(lufs(sum / static_cast<double>(known))));
}

/// What the rest of the mix will be like: what was, the recent more than the old, and at the begin
/// the level that the sheet's trim promises.
double Leveller::predicted_db() const {
  constexpr int kRecent = 60;
  constexpr double kPromise = 25;  // hops that the trim counts for
  double all = kPromise * power_of(sound::kTargetLufs), recent = 0;
  double all_count = kPromise, recent_count = 0;
  const int n = static_cast<int>(heard_.size());
  const int from = std::max(0, n - 600);
  for (int i = from; i < n; ++i) {
    const double db = heard_[static_cast<std::size_t>(i)];
    if (db < -50) continue;
    all += power_of(db);
    all_count += 1;
    if (i >= n - kRecent) recent += power_of(db), recent_count += 1;
  }
  const double long_run = lufs(all / all_count);
  return recent_count < 5 ? long_run : 0.5 * long_run + 0.5 * lufs(recent / recent_count);
}

double Leveller::next_gain() {
  const double predicted = predicted_db();
  const double left = std::max(1, hops_ - leaving_);
  const double share = (power_of(sound::kTargetLufs) * (done_ + left) - done_sum_) / left;
  const double wanted =
      lufs(std::clamp(share, power_of(sound::kTargetLufs - 4), power_of(sound::kTargetLufs + 3)));
  const double goal = std::clamp(wanted - predicted, -14.0, 14.0);
  if (leaving_ == 0)
    gain_db_ = goal;
  else
    gain_db_ += std::clamp((goal - gain_db_) * 0.08, -0.14, 0.08);
  const auto now = static_cast<std::size_t>(leaving_++);
  if (now < heard_.size()) {
    const double level = heard_[now] + gain_db_;
    // BS.1770's gate leaves out what is 10 LU below the whole; that is near the target here.
    if (level > sound::kTargetLufs - 10) done_sum_ += power_of(level), ++done_;
  }
  return gain_db_;
}

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
#include "band/master.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::band {

namespace {

constexpr int kHopBlocks = 75;      // 100 ms
constexpr float kCeiling = 0.794F;  // -2 dBFS

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
  double all = kPromise * power_of(kTargetLufs), recent = 0;
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
  const double share = (power_of(kTargetLufs) * (done_ + left) - done_sum_) / left;
  const double wanted =
      lufs(std::clamp(share, power_of(kTargetLufs - 4), power_of(kTargetLufs + 3)));
  const double goal = std::clamp(wanted - predicted, -14.0, 14.0);
  if (leaving_ == 0)
    gain_db_ = goal;
  else
    gain_db_ += std::clamp((goal - gain_db_) * 0.08, -0.14, 0.08);
  const auto now = static_cast<std::size_t>(leaving_++);
  if (now < heard_.size()) {
    const double level = heard_[now] + gain_db_;
    // BS.1770's gate leaves out what is 10 LU below the whole; that is near the target here.
    if (level > kTargetLufs - 10) done_sum_ += power_of(level), ++done_;
  }
  return gain_db_;
}

void Limiter::process(Stereo& block) {
  static const float release = 1 - std::exp(-1 / (0.12F * kRateF));
  constexpr float kSmooth = 1.0F / 60;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float l = block.left[i], r = block.right[i];
    // The sample and the middle between it and its neighbours (4-point, half a sample late).
    const auto middle = [](std::array<float, 4>& t, float x) {
      t = {t[1], t[2], t[3], x};
      return 0.5625F * (t[1] + t[2]) - 0.0625F * (t[0] + t[3]);
    };
    const float ml = middle(tail_left_, l), mr = middle(tail_right_, r);
    const float peak =
        std::max(std::max(std::abs(l), std::abs(r)), 1.03F * std::max(std::abs(ml), std::abs(mr)));
    const float need = peak > kCeiling ? kCeiling / peak : 1.0F;
    // The least gain of the look-ahead is held until its peak has left, then let go slowly.
    if (need <= held_) {
      held_ = need;
      hold_ = kAhead;
    } else if (hold_ > 0) {
      --hold_;
    } else {
      held_ += release * (1 - held_);
      held_ = std::min(held_, 1.0F);
    }
    smooth_ += kSmooth * (held_ - smooth_);
    gain_ += kSmooth * (smooth_ - gain_);
    const float safe = std::min(gain_, 1.0F);
    const float out_left = left_[at_] * safe, out_right = right_[at_] * safe;
    left_[at_] = l;
    right_[at_] = r;
    at_ = at_ + 1 == kAhead ? 0 : at_ + 1;
    // What the smoothing left over: a hair above the ceiling at most.
    block.left[i] = std::clamp(out_left, -kCeiling * 1.03F, kCeiling * 1.03F);
    block.right[i] = std::clamp(out_right, -kCeiling * 1.03F, kCeiling * 1.03F);
  }
}

}  // namespace infinara::band

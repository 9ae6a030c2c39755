// SPDX-License-Identifier: Apache-2.0
#include "band/balance_control.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace infinara::band {

namespace {

constexpr std::size_t kWindow = 4096;  // samples, 85 ms of each 100
constexpr int kHop = 75;               // blocks, 100 ms
constexpr std::array<double, kBalanceBands + 1> kEdges{20, 60, 120, 350, 1400, 4000, 18000};  // Hz
constexpr std::size_t kReference = 3;  // the band that the others are turned against

double share_db(double share) {
  return 10 * std::log10(std::max(share, 1e-9));
}

}  // namespace

BalanceController::BalanceController(const BalanceSheet& sheet) : on_(sheet.kept), fft_(kWindow) {
  if (!on_) return;
  double sum = 0;
  for (std::size_t k = 0; k < kBalanceBands; ++k) sum += std::pow(10, sheet.db[k] / 10);
  for (std::size_t k = 0; k < kBalanceBands; ++k) wanted_[k] = std::pow(10, sheet.db[k] / 10) / sum;
  using Shape = Equaliser::Shape;
  equalisers_ = {{Shape::kLowShelf, 58, 0},
                 {Shape::kBell, 88, 1.1},
                 {Shape::kBell, 205, 1.6},
                 {Shape::kBell, 2400, 1.6},
                 {Shape::kHighShelf, 4600, 0}};
  last_.resize(kWindow);
  real_.resize(kWindow);
  imaginary_.resize(kWindow);
  window_.resize(kWindow);
  for (std::size_t i = 0; i < kWindow; ++i)
    window_[i] = static_cast<float>(
        0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / kWindow));
}

void BalanceController::process(Stereo& block) {
  if (!on_) return;
  for (std::size_t i = 0; i < kBlock; ++i) last_[at_ + i] = 0.5F * (block.left[i] + block.right[i]);
  at_ = (at_ + kBlock) % kWindow;
  if (++blocks_ % kHop == 0) {
    hear();
    turn();
  }
  for (Equaliser& equaliser : equalisers_) equaliser.process(block);
  narrow(block);
}

/// Left and right as alike as kAlike at least: power of the sides to that of the middle is
/// (1 - r) / (1 + r) at the correlation r.
void BalanceController::narrow(Stereo& block) {
  constexpr double kAlike = 0.36, kSides = (1 - kAlike) / (1 + kAlike);
  float middle = 0, sides = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float m = block.left[i] + block.right[i], s = block.left[i] - block.right[i];
    middle += m * m;
    sides += s * s;
  }
  middle_ += static_cast<double>(middle);
  sides_ += static_cast<double>(sides);
  if (blocks_ % kHop == 0 && sides_ > 0)
    width_goal_ = static_cast<float>(std::min(1.0, std::sqrt(kSides * middle_ / sides_)));
  width_ += 0.004F * (width_goal_ - width_);
  if (width_ > 0.999F) return;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float m = 0.5F * (block.left[i] + block.right[i]);
    const float s = 0.5F * width_ * (block.left[i] - block.right[i]);
    block.left[i] = m + s;
    block.right[i] = m - s;
  }
}

void BalanceController::hear() {
  for (std::size_t i = 0; i < kWindow; ++i) {
    real_[i] = last_[(at_ + i) % kWindow] * window_[i];
    imaginary_[i] = 0;
  }
  fft_.transform(real_, imaginary_);
  constexpr double kBin = static_cast<double>(sound::kRate) / kWindow;
  std::size_t bin = 1;
  for (std::size_t k = 0; k < kBalanceBands; ++k)
    for (; static_cast<double>(bin) * kBin < kEdges[k + 1]; ++bin)
      if (static_cast<double>(bin) * kBin >= kEdges[k])
        heard_[k] +=
            static_cast<double>(real_[bin] * real_[bin] + imaginary_[bin] * imaginary_[bin]);
  ++hops_;
}

/// Turns the equalisers by what the track so far is off. The sheet's balance counts as kPromise
/// hops of sound, so that the first bars do not move much.
void BalanceController::turn() {
  constexpr double kPromise = 80;            // hops
  constexpr double kCorridor = 0.7;          // dB off the reference that are left alone
  constexpr double kMost = 7, kStep = 0.05;  // dB, dB a hop
  double sum = 0;
  for (const double power : heard_) sum += power;
  if (sum <= 0) return;
  std::array<double, kBalanceBands> off{};  // dB
  for (std::size_t k = 0; k < kBalanceBands; ++k) {
    const double share = (kPromise * wanted_[k] + hops_ * heard_[k] / sum) / (kPromise + hops_);
    off[k] = share_db(wanted_[k]) - share_db(share);
  }
  std::size_t next = 0;
  for (std::size_t k = 0; k < kBalanceBands; ++k) {
    if (k == kReference) continue;
    const double more = off[k] - off[kReference];
    const double to = std::clamp(more - std::clamp(more, -kCorridor, kCorridor), -kMost, kMost);
    turned_[k] += std::clamp(to - turned_[k], -kStep, kStep);
    equalisers_[next++].set(turned_[k]);
  }
}

}  // namespace infinara::band

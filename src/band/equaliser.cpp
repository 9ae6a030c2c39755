// SPDX-License-Identifier: Apache-2.0
#include "band/equaliser.hpp"

#include <cmath>
#include <numbers>

namespace infinara::band {

Equaliser::Equaliser(Shape shape, double hz, double octaves) : shape_(shape) {
  const double w = 2 * std::numbers::pi * hz / sound::kRate;
  cosine_ = std::cos(w);
  const double sine = std::sin(w);
  alpha_ = shape == Shape::kBell
               ? sine * std::sinh(std::numbers::ln2 / 2 * octaves * w / sine)
               : sine / std::numbers::sqrt2;  // a shelf as steep as it can be without a bump
}

void Equaliser::set(double db) {
  flat_ = std::abs(db) < 0.05;
  const double a = std::pow(10, db / 40);
  double b0 = 1, b1 = 0, b2 = 0, a0 = 1, a1 = 0, a2 = 0;
  if (shape_ == Shape::kBell) {
    b0 = 1 + alpha_ * a;
    b1 = a1 = -2 * cosine_;
    b2 = 1 - alpha_ * a;
    a0 = 1 + alpha_ / a;
    a2 = 1 - alpha_ / a;
  } else {
    const double c = shape_ == Shape::kLowShelf ? cosine_ : -cosine_;
    const double root = 2 * std::sqrt(a) * alpha_;
    const double side = shape_ == Shape::kLowShelf ? 1 : -1;
    b0 = a * (a + 1 - (a - 1) * c + root);
    b1 = side * 2 * a * (a - 1 - (a + 1) * c);
    b2 = a * (a + 1 - (a - 1) * c - root);
    a0 = a + 1 + (a - 1) * c + root;
    a1 = side * -2 * (a - 1 + (a + 1) * c);
    a2 = a + 1 + (a - 1) * c - root;
  }
  b0_ = static_cast<float>(b0 / a0);
  b1_ = static_cast<float>(b1 / a0);
  b2_ = static_cast<float>(b2 / a0);
  a1_ = static_cast<float>(a1 / a0);
  a2_ = static_cast<float>(a2 / a0);
}

void Equaliser::process(Stereo& block) {
  if (flat_) return;
  auto [l1, r1] = z1_;
  auto [l2, r2] = z2_;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const float l = block.left[i], r = block.right[i];
    const float left = b0_ * l + l1, right = b0_ * r + r1;
    l1 = b1_ * l - a1_ * left + l2;
    r1 = b1_ * r - a1_ * right + r2;
    l2 = b2_ * l - a2_ * left;
    r2 = b2_ * r - a2_ * right;
    block.left[i] = left;
    block.right[i] = right;
  }
  z1_ = {l1, r1};
  z2_ = {l2, r2};
}

}  // namespace infinara::band

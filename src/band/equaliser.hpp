// SPDX-License-Identifier: Apache-2.0
// An equaliser of one band, whose gain may move.
#pragma once

#include <array>

#include "band/block.hpp"

namespace infinara::band {

/// Low shelf, bell or high shelf of the "Audio EQ Cookbook" (Bristow-Johnson); flat until set.
class Equaliser {
 public:
  enum class Shape { kLowShelf, kBell, kHighShelf };
  Equaliser(Shape shape, double hz, double octaves);
  void set(double db);
  void process(Stereo& block);

 private:
  Shape shape_;
  double cosine_, alpha_;  // at this frequency and width
  float b0_ = 1, b1_ = 0, b2_ = 0, a1_ = 0, a2_ = 0;
  std::array<float, 2> z1_{}, z2_{};
  bool flat_ = true;
};

}  // namespace infinara::band

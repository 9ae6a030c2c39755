// SPDX-License-Identifier: Apache-2.0
// Random whose throws are the same on every machine: integers only, one named stream for each
// purpose so that a change in one part never moves another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "music/dice.hpp"

namespace infinara::band {

class Random {
 public:
  explicit Random(std::uint64_t seed, std::string_view purpose = {})
      : bits_(stirred(seed + 0x9e3779b9, purpose)) {}

  std::uint32_t next() { return static_cast<std::uint32_t>(bits_.next() >> 32); }

  /// 0 … n-1; n is at least 1.
  int below(int n) { return static_cast<int>(bits_.below(static_cast<std::uint32_t>(n))); }
  int between(int low, int high) { return low + below(high - low + 1); }
  /// 0 … 1, the 1 left out.
  double unit() { return next() * (1.0 / 4294967296.0); }
  bool chance(double probability) { return unit() < probability; }
  /// Bell-shaped about 0 with deviation 1: twelve uniforms, Irwin-Hall, no libm.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += unit();
    return sum;
  }
  /// An index drawn by weight; all weights 0 gives 0.
  std::size_t weighted(std::span<const double> weights) {
    double total = 0;
    for (const double w : weights) total += w;
    double left = unit() * total;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((left -= weights[i]) < 0) return i;
    return 0;
  }
  template <class Range>
  auto& pick(Range& range) {
    return range[static_cast<std::size_t>(below(static_cast<int>(range.size())))];
  }

 private:
  /// FNV-1a.
  static std::uint64_t stirred(std::uint64_t state, std::string_view purpose) {
    for (const char c : purpose) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return state;
  }

  music::Dice bits_;
};

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// The one random generator. The caller gives the seed, and the same seed gives the same draws on
// every machine and compiler, which the distributions of <random> do not promise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace infinara::music {

/// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}
  /// A stream of its own for each purpose, so that more draws in one part never move another.
  constexpr Random(std::uint64_t seed, std::string_view purpose) : state_(seed + 0x9e3779b9) {
    for (const char c : purpose) {  // FNV-1a
      state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
  }

  /// 64 bits.
  constexpr std::uint64_t next() {
    std::uint64_t x = (state_ += 0x9e3779b97f4a7c15U);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
  }
  /// The upper 32 of the next 64 bits.
  constexpr std::uint32_t next32() { return static_cast<std::uint32_t>(next() >> 32); }

  /// A number from 0 to count - 1; count > 0. The bias is count / 2^32.
  constexpr std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>((std::uint64_t{next32()} * count) >> 32);
  }
  /// A number from low to high.
  constexpr int between(int low, int high) {
    return low + static_cast<int>(below(static_cast<std::uint32_t>(high - low + 1)));
  }
  template <class Range>
  constexpr auto& pick(Range& range) {
    return range[below(static_cast<std::uint32_t>(range.size()))];
  }

  /// A number from 0 up to, not including, 1, in steps of 2^-53.
  constexpr double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// Likewise in steps of 2^-32. The draws below are made of these.
  constexpr double uniform32() { return next32() * 0x1p-32; }
  constexpr bool chance(double probability) { return uniform32() < probability; }
  /// Bell-shaped about 0 with deviation 1: the sum of twelve uniforms (Irwin-Hall), without libm.
  constexpr double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += uniform32();
    return sum;
  }
  /// An index drawn by weight; all weights 0 gives 0.
  constexpr std::size_t weighted(std::span<const double> weights) {
    double total = 0;
    for (const double w : weights) total += w;
    double left = uniform32() * total;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if ((left -= weights[i]) < 0) return i;
    return 0;
  }

 private:
  std::uint64_t state_;
};

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// The house band: an order in, samples out, in blocks of any size.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "band/block.hpp"
#include "band/score.hpp"

namespace infinara::band {

inline constexpr int kBpmLow = 40, kBpmHigh = 220;
inline constexpr double kShortest = 1, kLongest = 3600;  // seconds

struct BandOrder {
  std::string genre = "lofi hip hop";  // a name of music::kGenres
  std::uint32_t seed = 0;
  double duration = 90;  // seconds
  double bpm = 0;        // 0: the band's own choice
  std::string key = "";  // empty: the band's own choice
  std::string soundfont =
      "";                 // a file; empty: the best that is installed; "none": our own voices alone
  std::string only = "";  // for the workshop: one part (or "drums") without the others
  bool level = true;      // for the workshop: false leaves the mix as the sheet's trim makes it
};

/// An order that cannot be played; what() names the value and what is allowed.
struct OrderError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

class Desk;

/// One track. Composes in the constructor (milliseconds), makes instruments at the first render().
/// The same order gives the same samples, in whatever spans they are asked. One thread at a time;
/// several bands may play on several threads. Throws OrderError, and std::runtime_error if a
/// soundfont that was asked for cannot be read.
class Band {
 public:
  explicit Band(const BandOrder& order);
  ~Band();

  /// Fills interleaved stereo, all of it until the track ends; the number of samples a channel
  /// written, 0 at the end. The span holds an even number of values.
  std::size_t render(std::span<std::int16_t> out);

  /// Samples a channel, all.
  std::int64_t length() const;
  const Score& score() const;

 private:
  std::unique_ptr<Score> score_;
  BandOrder order_;
  std::int64_t length_;
  std::int64_t written_ = 0;
  std::unique_ptr<Desk> desk_;  // from the first render() to the last
  std::array<float, 2 * kBlock> block_{};
  int left_over_ = 0;  // samples of block_ not yet given out
};

}  // namespace infinara::band

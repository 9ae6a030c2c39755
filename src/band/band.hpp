// SPDX-License-Identifier: Apache-2.0
// The house band: takes an order and renders its track as samples, in blocks of any size.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "band/block.hpp"
#include "band/order.hpp"
#include "band/score.hpp"

namespace infinara::band {

class Renderer;

/// One track. Composes in the constructor (milliseconds), makes instruments at the first render().
/// The same order gives the same samples, in whatever spans they are asked. One thread at a time;
/// several bands may play on several threads. Throws OrderError, SheetError for a style sheet that
/// is missing or broken, and std::runtime_error if a soundfont that was asked for cannot be read.
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
  std::unique_ptr<Renderer> renderer_;  // from the first render() to the last
  std::array<float, 2 * kBlock> block_{};
  int left_over_ = 0;  // samples of block_ not yet given out
};

}  // namespace infinara::band

// SPDX-License-Identifier: Apache-2.0
// A decoded track made ready for the air: the silence at its ends left out, its gain applied, its
// peaks limited, in the one format. What goes out is complete: no sample is lost to the look-ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sound/frame.hpp"
#include "sound/limiter.hpp"

namespace infinara::sound {

struct Presentation {
  double gain_db = 0;
  double from = 0;  // seconds of the track at which it begins to be heard
  double until = std::numeric_limits<double>::infinity();  // and at which it ends
  double fade_in = 0;   // seconds, where a fade of its own was left out; at least 5 ms
  double fade_out = 0;  // before `until`
};

class Presenter {
 public:
  /// `position`: of the track's sample that comes first, for one that is entered in its middle.
  explicit Presenter(const Presentation& how, std::int64_t position = 0);

  /// More of the track, interleaved stereo at kRate; what is ready is appended to `out`.
  void present(std::span<const float> samples, std::vector<std::int16_t>& out);
  /// How long what comes in is held back, in samples a channel.
  static std::int64_t delay();
  /// The rest that the look-ahead holds. Nothing may follow.
  void finish(std::vector<std::int16_t>& out);
  /// Whether all that is to be heard has come in.
  bool is_over() const { return position_ >= until_; }

 private:
  float edge_at(std::int64_t at) const;
  void send(std::span<float> samples, std::vector<std::int16_t>& out);

  const float gain_;
  const std::int64_t from_;
  const std::int64_t until_;
  const std::int64_t fade_in_;   // samples a channel
  const std::int64_t fade_out_;  // samples a channel
  std::int64_t position_;        // of the track's next sample to come
  Limiter limiter_;
  std::size_t skip_;  // samples a channel of the look-ahead's first silence
  std::vector<float> block_;
};

}  // namespace infinara::sound

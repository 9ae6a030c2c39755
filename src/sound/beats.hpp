// SPDX-License-Identifier: Apache-2.0
// The beats of a track whose maker does not tell them: tempo, place of the beats and of the first
// of each bar, found in the sound.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sound/fft.hpp"
#include "sound/frame.hpp"
#include "sound/join.hpp"

namespace infinara::sound {

/// Listens to a track from its begin and keeps what it needs of the first and the last 40 s. Costs
/// less than half a second of CPU for three minutes.
class BeatFinder {
 public:
  struct Found {
    Grid grid{};                // its first downbeat is the first of the track or of the part seen
    double confidence = 0;      // of the beats: 0 … 1
    double bar_confidence = 0;  // how likely the first of each bar is the right one: 0 … 1
    /// Good enough to join on.
    bool is_sure() const { return confidence >= 0.2 && bar_confidence >= 0.95; }
  };

  BeatFinder();

  /// Appends interleaved stereo, 16 bit, 48 kHz.
  void listen(std::span<const std::int16_t> samples);

  /// From the first 40 s, or what there is of them; nothing below 6 s. `bpm`: what others say of
  /// the tempo, which only chooses between half and double; 0: nothing.
  std::optional<Found> head(double bpm = 0) const;
  /// Of the last 40 s: the same grid counts from the begin of the track.
  std::optional<Found> tail(double bpm = 0) const;

  /// How late the first 40 s are, samples, against beats that are expected: the mean of the onsets
  /// within 40 ms of them. Nothing where those do not stand out.
  std::optional<double> lateness(double first_beat, double beat) const;

  /// Samples before the first and after the last that is above -50 dBFS; nothing if all is silent.
  std::optional<std::int64_t> audible_begin() const { return audible_begin_; }
  std::optional<std::int64_t> audible_end() const { return audible_end_; }
  std::int64_t heard() const { return heard_; }

 private:
  static constexpr std::size_t kThin = 2;     // one value of so many samples
  static constexpr std::size_t kHop = 240;    // values, 10 ms
  static constexpr std::size_t kSize = 512;   // of the transform
  static constexpr std::size_t kKept = 4000;  // hops, 40 s
  static constexpr std::size_t kBands = 24;   // of the onsets
  static constexpr std::size_t kTones = 48;   // of the harmony
  struct Hop {
    float onset = 0;  // how much louder the bands have become
    float low = 0;    // of that below 200 Hz
    float mid = 0;    // from 1.3 to 4.3 kHz
    float high = 0;   // above
    std::array<float, kTones> tones{};
  };

  /// Onsets a hop, against what is usual around.
  struct Rows {
    std::vector<float> all, low, mid, high;
  };
  /// Where bars begin if beats are there.
  struct Bars {
    std::size_t first = 0;  // half beats from the first beat
    double likely = 0;      // 0 … 1
    double evidence = 0;    // for that half beat; may be compared for other beats
  };

  static Bars bars_on(std::span<const Hop> hops, const Rows& rows, double period, double phase);
  void hear_two();
  void hear(const std::array<float, kSize / 2>& power);
  std::optional<Found> find(std::span<const Hop> hops, std::int64_t first, double bpm) const;

  Fft fft_;
  std::vector<float> window_, line_, real_, imaginary_;
  std::array<std::size_t, kSize / 2> band_of_{};
  std::array<float, kBands> before_{};
  float carry_ = 0;               // of a value that has only its first sample
  std::size_t carried_ = 0;       // samples of it
  std::vector<Hop> head_, tail_;  // the latter is a ring
  std::int64_t hops_ = 0;
  std::int64_t heard_ = 0;
  std::optional<std::int64_t> audible_begin_, audible_end_;
};

}  // namespace infinara::sound

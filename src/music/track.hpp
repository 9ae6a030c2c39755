// SPDX-License-Identifier: Apache-2.0
// One track, from its order to the programme: what was asked for, and what was made of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace infinara::music {

/// What a source is told. `id` counts from 1 within one programme and names the track everywhere;
/// 0 is none.
struct Order {
  std::uint64_t id = 0;
  std::string genre{};  // a name of kGenres
  std::string title{};
  std::string caption{};  // words for a generator that reads
  double duration = 0;    // seconds
  std::uint32_t seed = 0;
  int bpm = 0;        // the tempo that it is to have; 0: any
  std::string key{};  // such as "A minor"; empty: any

  bool operator==(const Order&) const = default;
};

/// A place in a track: samples at 48 kHz, a channel, from its first.
using Sample = std::int64_t;
inline constexpr int kSampleRate = 48000;

/// Where the beats of a track are, if its tempo does not move.
struct BeatGrid {
  Sample first_downbeat = 0;  // the first beat of the first whole bar
  double beat = 0;            // samples from one beat to the next
  unsigned beats_per_bar = 4;

  bool operator==(const BeatGrid&) const = default;
};

/// The record of a track: `order` and `generator` say what was asked of whom, the rest what came of
/// it. What is empty or nullopt is not known (yet).
struct Track {
  Order order{};
  std::string generator{};  // factory name of the source

  std::string title{};
  std::string artist{};
  std::string genre{};
  std::string caption{};  // the words that it was made from
  std::optional<std::uint32_t> seed{};
  std::optional<Sample> length{};
  std::optional<double> gain{};  // dB to the ReplayGain level
  std::optional<double> bpm{};
  std::optional<BeatGrid> beats{};
  std::string key{};                // such as "A minor"
  std::optional<Sample> cue_in{};   // where it is entered
  std::optional<Sample> cue_out{};  // where it is left
  std::string link{};               // a URI from which the same track can be had again

  /// What listeners read: the title ordered stands in for one that is not known.
  const std::string& name() const { return title.empty() ? order.title : title; }
  /// Seconds: the duration ordered stands in for a length that is not known.
  double duration() const {
    return length ? static_cast<double>(*length) / kSampleRate : order.duration;
  }

  bool operator==(const Track&) const = default;
};

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// The radio as the API sees it: what is heard now, and what may be wished for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "music/track.hpp"

namespace infinara::station {

struct Blend {
  std::uint64_t from = 0;  // track ids; 0 is silence
  std::uint64_t to = 0;
  double remaining = 0;  // seconds
};

/// One moment of the programme. `on_air` is what sounds at `position` of the output, not what the
/// DJ thinks of next.
struct Now {
  std::optional<music::Order> on_air;
  std::string generator;  // factory name of the source of `on_air`
  double position = 0;    // seconds of `on_air` that have been heard
  std::optional<music::Order> next;
  unsigned ready = 0;          // tracks that wait beside the one on air
  std::string dj_genre;        // where the walk is
  double dwell_remaining = 0;  // seconds; 0 while Auto-DJ is off
  std::optional<Blend> blend;
  unsigned listeners = 0;
};

/// What can be changed while the radio plays.
struct Wishes {
  int track_duration = 90;  // seconds; of tracks ordered from now on
  double crossfade = 18;    // seconds; from the next fade on
  bool auto_dj = true;
};

/// What a generator with a GPU is asked for; the house band needs none of it.
struct Generation {
  std::string audio_format;
  int inference_steps = 0;
  double guidance_scale = 0;
  double shift = 0;
};

struct Health {
  bool good = false;
  std::string reason;   // why not
  double position = 0;  // seconds of programme put out
};

/// When a wish for a genre comes true: after the tracks that wait, or at once.
enum class When { kQueue, kNow };

class Radio {
 public:
  virtual ~Radio() = default;
  virtual Now now() = 0;
  virtual Wishes wishes() = 0;
  virtual Generation generation() = 0;
  virtual void wish(const Wishes& wishes) = 0;
  /// `genre` is one of music::kGenres.
  virtual void change_genre(const std::string& genre, When when) = 0;
  virtual void skip() = 0;
  virtual Health health() = 0;
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// The edit list of a programme: at which of its samples each track begins, enters, leaves and ends,
// and with which fades.
#pragma once

#include <cstdint>
#include <optional>

#include "sound/join.hpp"

namespace infinara::sound {

/// One track of a mix. An id is never used twice by the same Mix.
using VoiceId = std::uint64_t;

/// Places in a programme count its samples at 48 kHz, a channel, from its first.
struct Edit {
  enum class What {
    kReady,     // the track has enough to start
    kBegins,    // its first sample is at `at`; `fade` is its fade-in
    kEnters,    // it passes the middle of its fade-in; `began` is set. Again after set_position():
                // what plays began elsewhere
    kRetitled,  // what is known of it changed while it was on air; `began` is set
    kLeaves,    // its `fade` out begins, and `next` comes in meanwhile; either may be silence.
                // `enters` is set if `next` is
    kEnds,      // its last sample was before `at`; `played` and `complete` are set
    kEmpty,     // it ended without one sample
    kUnderrun   // it plays, has not ended and had nothing to play since 0.25 s before `at`
  };
  What what{};
  std::optional<unsigned> track;  // by its number in the play order; nullopt is silence
  std::optional<unsigned> next{};
  std::int64_t at = 0;
  GainMove fade{};
  std::int64_t began = 0;            // where its first sample was
  std::int64_t enters = 0;           // where `next` will enter, if no skip comes between
  std::int64_t played = 0;           // samples
  bool complete = true;              // false: a skip cut it short
  VoiceId voice = 0;                 // of `track`, inside of the mix; 0 when it leaves
  Fit fit = Fit::kPlain;             // when it leaves: what the join is made for,
  unsigned bars = 0;                 // and of how many bars of `track`; 0: none
  double beat = 0;                   // and how many samples lie between its beats; 0: not known
  std::optional<BandMoves> bands{};  // what moves apart from `fade`
  std::int64_t cut = 0;              // when it begins: its samples before that, which are left out

  friend bool operator==(const Edit&, const Edit&) = default;
};

}  // namespace infinara::sound

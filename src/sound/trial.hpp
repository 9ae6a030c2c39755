// SPDX-License-Identifier: Apache-2.0
// The rehearsal of the join that comes next, spread over the frames before it.
#pragma once

#include <cstdint>
#include <optional>

#include "sound/edit.hpp"
#include "sound/join.hpp"
#include "sound/rehearsal.hpp"
#include "sound/voice.hpp"

namespace infinara::sound {

/// Rehearses one join at a time: another one begins from nothing. No locks.
class Trial {
 public:
  /// Goes on with trying this join, a little at a time: all of it at once would take longer than a
  /// frame lasts on a small machine. Without effect if the tracks are not in memory that far.
  /// `position` is that of the programme's next sample.
  void go_on(const Voice& now, const Voice& next, const Join& planned, std::int64_t position);

  /// The join that begins with the programme's next sample, as it was chosen; a start of 0. With
  /// `patient` the rehearsal is brought to its end first.
  Join take(const Voice& now, const Voice& next, const Join& planned, std::int64_t position,
            bool patient);

  /// What was tried does not count: a track has other samples now.
  void reset() { state_.reset(); }

 private:
  struct State {
    VoiceId from, to;
    std::int64_t at;  // where it begins
    Join planned;     // with a start of 0
    Rehearsal rehearsal{planned};
  };
  Rehearsal* find(const Voice& now, const Voice& next, Join planned, std::int64_t position);

  std::optional<State> state_;
};

}  // namespace infinara::sound

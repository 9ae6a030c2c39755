// SPDX-License-Identifier: Apache-2.0
// What is chosen of the join that comes next, spread over the frames before it: its bars, then its
// gains.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "sound/cue_search.hpp"
#include "sound/edit.hpp"
#include "sound/join.hpp"
#include "sound/rehearsal.hpp"
#include "sound/voice.hpp"

namespace infinara::sound {

/// Tries one join at a time: another one begins from nothing. No locks.
class Trial {
 public:
  /// How much of the end of a track that plays and of the begin of the next one is in memory before
  /// they are joined, samples.
  struct Memory {
    std::int64_t leaving = 0;
    std::int64_t entering = 0;
  };

  /// Goes on with looking for the bars of the join, a little at a time, and tells those that were
  /// chosen: the usual ones before it is done, and for good if the tracks came too late. With
  /// `patient` it is done at once.
  Cut choose(const Voice& now, const Voice& next, const JoinSettings& settings,
             const Memory& memory, bool patient);

  /// Whether choose() has more to do for these two, and time for it: their join is not known yet.
  bool is_choosing(const Voice& now, const Voice& next) const;

  /// Goes on with trying this join, a little at a time: all of it at once would take longer than a
  /// frame lasts on a small machine. Without effect if the tracks are not in memory that far.
  /// `position` is that of the programme's next sample.
  void go_on(const Voice& now, const Voice& next, const Join& planned, std::int64_t position);

  /// A join, and what is heard from its begin to its end; empty if that is not known.
  struct Taken {
    Join join{};
    std::vector<std::int16_t> sound{};
  };
  /// The join that begins with the programme's next sample, as it was chosen; a start of 0. With
  /// `patient` the rehearsal is brought to its end first.
  Taken take(const Voice& now, const Voice& next, const Join& planned, std::int64_t position,
             bool patient);

  /// What was tried with this track does not count: it has other samples now.
  void forget(VoiceId id);
  /// Nothing that was tried counts.
  void reset() {
    state_.reset();
    choice_.reset();
  }

 private:
  struct State {
    State(VoiceId from_id, VoiceId to_id, std::int64_t begin, const Join& join,
          std::optional<JoinPowers> powers)
        : from(from_id), to(to_id), at(begin), planned(join), rehearsal(join, std::move(powers)) {}
    VoiceId from, to;
    std::int64_t at;  // where it begins
    Join planned;     // with a start of 0
    Rehearsal rehearsal;
  };
  Rehearsal* find(const Voice& now, const Voice& next, Join planned, std::int64_t position);

  struct Choice {
    VoiceId from, to;
    Outgoing outgoing;  // nothing remains
    Incoming incoming;
    JoinSettings settings;
    CueSearch search;
    bool is_late = false;  // for choosing
  };

  std::optional<State> state_;
  std::optional<Choice> choice_;
};

}  // namespace infinara::sound

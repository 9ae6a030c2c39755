// SPDX-License-Identifier: Apache-2.0
// Where the DJ is among the genres, and the two steps that it takes next.
#pragma once

#include <array>
#include <optional>

#include "music/genre.hpp"
#include "music/mixing_rules.hpp"
#include "music/mood_graph.hpp"
#include "music/random.hpp"

namespace infinara::music {

/// How many tracks of each genre follow the first one before the walk goes on.
using TracksOf = std::array<unsigned, kGenreCount>;

/// Two steps are planned, not one: a tempo that leads to the next genre alone can be so far from
/// the genre after it that no stay is long enough (from classical at 104 to cinematic, which meets
/// indie rock at 74 at most).
class Walk {
 public:
  explicit Walk(GenreIndex start);

  GenreIndex here() const { return here_; }
  /// Nothing if no step is planned.
  std::optional<GenreIndex> next() const { return next_; }

  /// Goes there, planned or not. What was planned to follow stays planned.
  void go_to(GenreIndex genre);
  /// Plans no step.
  void stay();
  /// Plans two steps; the first stays as it was planned if the tempo reaches it in time. What was
  /// not visited for long draws more; what the tempo cannot reach in time draws less. `bpm` is that
  /// of the track before (0: not known), `tracks` how many of this genre are still to come.
  void plan(int bpm, unsigned tracks, const TracksOf& tracks_of, Random& random);
  LeadOut lead_out(unsigned tracks, const TracksOf& tracks_of) const;

 private:
  GenreIndex here_, before_;
  std::optional<GenreIndex> next_, then_;
  std::array<unsigned, kGenreCount> visited_{};  // in which step; 0: not yet
  unsigned steps_ = 0;
};

}  // namespace infinara::music

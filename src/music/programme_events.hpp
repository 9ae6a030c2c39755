// SPDX-License-Identifier: Apache-2.0
// The events that a Programme takes, and the actions that it returns.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "music/mood_graph.hpp"
#include "music/time.hpp"
#include "music/track.hpp"
#include "music/when.hpp"

namespace infinara::music {

/// An Order's id; 0 is none.
using TrackId = std::uint64_t;

struct Settings {
  double track_duration = 90;        // seconds, of orders from now on; 0: drawn for each
  double crossfade = 5;              // seconds
  double skip_fade = 0.4;            // seconds
  double dwell_min = 300;            // seconds
  double dwell_max = 900;            // seconds
  unsigned buffer_ahead = 3;         // tracks beside the one on air, at least 1
  bool auto_dj = true;               // walk on when a dwell is over
  unsigned num_tracks = 0;           // that are heard before the programme ends; 0: it never does
  When genre_change = When::kQueue;  // of the walk's own steps
  /// Time passes whether or not there is music, so a slow generator is covered by another. If not,
  /// the renderer waits for every track.
  bool live = true;
  bool operator==(const Settings&) const = default;
};

// Events.

/// The programme goes on air: the first event, once.
struct Begin {};

/// Time has passed.
struct Tick {};

/// Enough of a track is there to start it.
struct Ready {
  TrackId id;
  double length = 0;  // seconds that it really lasts; 0: not known
};

/// A track is heard from here on.
struct Started {
  TrackId id;
  double left_out = 0;  // seconds of its beginning that are not heard
};

/// A track is what a listener would name.
struct OnAir {
  TrackId id;
};

/// A track's last sample was heard.
struct Ended {
  TrackId id;
};

/// A track is heard but its source gives nothing for now: there is silence.
struct Underrun {
  TrackId id;
};

/// A track's source broke, or had nothing in it.
struct Failed {
  TrackId id;
  std::string reason;
};

/// A listener has had enough of what plays.
struct Skip {};

/// A listener asks for a genre.
struct ChooseGenre {
  GenreIndex genre;
  When when;
};

/// All settings, changed or not.
struct Change {
  Settings settings;
};

using Event = std::variant<Begin, Tick, Ready, Started, OnAir, Ended, Underrun, Failed, Skip,
                           ChooseGenre, Change>;

// Actions, to be carried out in the order given.

/// Have the track made and put it at the end of the play order.
struct Make {
  Order order;
  std::string generator;
  bool operator==(const Make&) const = default;
};

/// The track is of no use any more; what already plays of it plays out.
struct Retire {
  TrackId id;
  bool operator==(const Retire&) const = default;
};

/// Take the track out of the play order and keep it.
struct Park {
  TrackId id;
  bool operator==(const Park&) const = default;
};

/// Put a parked track at the end of the play order.
struct Unpark {
  TrackId id;
  bool operator==(const Unpark&) const = default;
};

/// Fade to the next track.
struct Advance {
  double seconds;
  bool operator==(const Advance&) const = default;
};

/// The last of Settings::num_tracks was heard: the programme is over.
struct Finish {
  bool operator==(const Finish&) const = default;
};

/// To be told: where the walk stands.
struct GenreIs {
  GenreIndex genre;
  std::string reason;  // "start", "dwell", "listener", "settings"
  Time dwell_end;      // 0: stays until told otherwise
  bool operator==(const GenreIs&) const = default;
};

/// To be told: the next track, and how many are ready in all. Id 0: none is.
struct NextIs {
  Order order;
  unsigned ready;
  bool operator==(const NextIs&) const = default;
};

/// To be told: a generator stopped delivering, or delivers again.
struct GeneratorIs {
  std::string name;
  bool up;
  std::string reason;
  bool operator==(const GeneratorIs&) const = default;
};

using Action =
    std::variant<Make, Retire, Park, Unpark, Advance, Finish, GenreIs, NextIs, GeneratorIs>;

}  // namespace infinara::music

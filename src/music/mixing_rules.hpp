// SPDX-License-Identifier: Apache-2.0
// What makes one track follow another: keys on the circle of fifths, tempo, and lengths of whole
// bars.
#pragma once

#include <optional>

#include "music/genre.hpp"
#include "music/key.hpp"
#include "music/random.hpp"

namespace infinara::music {

/// Whether a listener hears the second after the first without a jolt: the same notes, or all but
/// one of them if the tonics are the same, a fifth or a relative apart.
bool keys_mix(Key first, Key second);

/// Steps on the circle of fifths between their scales, 0 … 6.
int fifths_between(Key first, Key second);

/// A major or minor key that mixes with the last one; any of at most four accidentals if there is
/// none. Of four tracks three keep the notes: a musician who plays dorian for minor is a fifth
/// away.
Key next_key(std::optional<Key> last, Random& random);

/// Whether two tempi can be heard together: within 4 %, as they are or one of them doubled.
bool tempos_mix(double first, double second);

/// Whether any tempo of one genre mixes with any of the other. Not so between ambient and
/// chillwave, synthwave and electronic, electronic and drum and bass.
bool tempos_meet(const Genre& one, const Genre& other);

/// Where the tempo is to lead: to one that mixes with a tempo of `genre`, `steps` tracks later,
/// from which, if it can, it leads on to `then` within another `steps_then` tracks.
struct LeadOut {
  const Genre* genre = nullptr;  // null: nowhere
  unsigned steps = 0;
  const Genre* then = nullptr;  // null: not known
  unsigned steps_then = 0;
};

/// Whether the tempo leads out in time, all of the way, after a tempo of `last` (0: any). Ranges
/// that cannot meet are in nobody's way.
bool leads_out(const Genre& genre, int last, const LeadOut& out);

/// Beats a minute within the genre's range that mix with the last track's where the range allows,
/// else the end of the range nearest to it. `last` 0: any of the range. Of four tracks three keep
/// the tempo, which alone lets bars run side by side; a lead-out that could not be reached
/// otherwise moves it.
int next_bpm(const Genre& genre, int last, Random& random, const LeadOut& out = {});

/// The length nearest to `seconds` that is whole bars of `beats` at `bpm`, and not under 10 s.
double whole_bars(double seconds, int bpm, int beats = 4);

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// Chords laid on an instrument so that each voice moves little.
#pragma once

#include <vector>

#include "band/sheet.hpp"

namespace infinara::band {

/// Lays chords one after the other in a part's range; remembers the last voicing.
class Voicer {
 public:
  Voicer(const PartSheet& part, int tonic) : part_(part), tonic_(tonic) {}
  /// MIDI pitches, ascending; valid until the next call.
  const std::vector<int>& next(const Chord& chord);
  /// The last voicing, empty before the first.
  const std::vector<int>& last() const { return last_; }

 private:
  const PartSheet& part_;
  int tonic_;
  std::vector<int> last_;
};

/// The pitch of class `pitch_class` nearest to `near` within low … high if there is one.
int nearest(int pitch_class, int near, int low, int high);
/// The pitch of the set nearest to `near`; the lower of two at the same distance.
int nearest_in(PitchSet set, int tonic, int near);
/// `steps` members of the set up or down from `pitch`, which may lie between two of them.
int walk(PitchSet set, int tonic, int pitch, int steps);

}  // namespace infinara::band

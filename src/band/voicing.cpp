// SPDX-License-Identifier: Apache-2.0
#include "band/voicing.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace infinara::band {

namespace {

/// The chord's intervals that matter most, `count` of them: third, seventh, tensions, fifth, root.
std::vector<int> essential(const Chord& chord, int count, bool rooted) {
  std::vector<int> order;
  const auto& t = chord.tones;
  if (rooted) order.push_back(0);
  if (t.size() <= 3) {  // a triad needs its root
    for (const std::size_t i : {1u, 0u, 2u})
      if (i < t.size()) order.push_back(t[i]);
  } else {
    order.push_back(t[1]);
    order.push_back(t[3]);
    for (std::size_t i = t.size() - 1; i >= 4; --i) order.push_back(t[i]);
    order.push_back(t[2]);
    order.push_back(0);
  }
  std::vector<int> chosen;
  for (const int interval : order)
    if (std::ranges::find(chosen, interval % 12) == chosen.end() &&
        static_cast<int>(chosen.size()) < count)
      chosen.push_back(interval % 12);
  return chosen;
}

/// The chord's fifth, or what stands in its place.
int fifth_of(const Chord& chord) {
  return chord.tones.size() > 2 ? chord.tones[2] : chord.tones.back();
}

double cost_of(const std::vector<int>& voicing, const std::vector<int>& last,
               const PartSheet& part) {
  double cost = 0;
  double mean = 0;
  for (const int pitch : voicing) {
    if (pitch < part.low || pitch > part.high) cost += 8;
    mean += pitch;
    if (last.empty()) continue;
    int nearest = 99;
    for (const int before : last) nearest = std::min(nearest, std::abs(before - pitch));
    cost += nearest;
  }
  mean /= static_cast<double>(voicing.size());
  cost += 0.35 * std::abs(mean - (part.low + part.high) / 2.0);
  if (!last.empty()) cost += 0.8 * std::abs(voicing.back() - last.back());  // the ear hears the top
  for (std::size_t i = 1; i < voicing.size(); ++i) {
    const int gap = voicing[i] - voicing[i - 1];
    if (gap == 1) cost += i + 1 == voicing.size() ? 7 : 2;
    if (gap < 4 && voicing[i - 1] < 50) cost += 5;  // mud
    if (gap > 12) cost += 3;
  }
  return cost;
}

}  // namespace

const std::vector<int>& Voicer::next(const Chord& chord) {
  std::vector<int> classes;
  for (const int interval : essential(chord, part_.voices, part_.rooted))
    classes.push_back((tonic_ + chord.root + interval) % 12);
  const int root = (tonic_ + chord.root) % 12;
  const auto wanted = static_cast<int>(classes.size());
  std::vector<int> best;
  double least = std::numeric_limits<double>::max();
  const auto consider = [&](std::vector<int> voicing) {
    std::ranges::sort(voicing);
    if (std::ranges::adjacent_find(voicing) != voicing.end()) return;
    int distinct = 0;
    for (const int pitch_class : classes)
      distinct +=
          std::ranges::any_of(voicing, [&](int pitch) { return pitch % 12 == pitch_class; });
    const double cost = cost_of(voicing, last_, part_) + 12.0 * (wanted - distinct);
    if (cost < least) {
      least = cost;
      best = std::move(voicing);
    }
  };
  // Close positions upward from each possible lowest note: every class once, then doubled ones; and
  // each opened by dropping its second or third voice from above by an octave.
  for (int start = part_.low; start <= part_.high - 5; ++start) {
    if (std::ranges::find(classes, start % 12) == classes.end()) continue;
    if (part_.rooted && start % 12 != root) continue;
    std::vector<int> voicing{start};
    for (int pitch = start + 1;
         pitch <= part_.high + 5 && static_cast<int>(voicing.size()) < part_.voices; ++pitch)
      if (std::ranges::find(classes, pitch % 12) != classes.end()) voicing.push_back(pitch);
    consider(voicing);
    if (part_.rooted && voicing.size() >= 4) {  // as guitars do: root, fifth, root, then the colour
      std::vector<int> open{start,
                            nearest((root + fifth_of(chord)) % 12, start + 7, start + 5, start + 9),
                            start + 12};
      for (int pitch = start + 13;
           static_cast<int>(open.size()) < part_.voices && pitch <= part_.high + 3; ++pitch)
        if (std::ranges::find(classes, pitch % 12) != classes.end()) open.push_back(pitch);
      consider(open);
      continue;
    }
    for (std::size_t drop = 2; drop <= 3 && drop < voicing.size(); ++drop) {
      auto opened = voicing;
      opened[opened.size() - drop] -= 12;
      if (opened[opened.size() - drop] >= part_.low - 2) consider(opened);
    }
  }
  if (best.empty())  // a range too narrow for the chord
    for (const int pitch_class : classes)
      best.push_back(nearest(pitch_class, (part_.low + part_.high) / 2, part_.low, part_.high));
  std::ranges::sort(best);
  last_ = best;
  return last_;
}

int nearest(int pitch_class, int near, int low, int high) {
  int pitch = near + ((pitch_class - near) % 12 + 18) % 12 - 6;
  if (pitch < low) pitch += 12;
  if (pitch > high) pitch -= 12;
  return pitch;
}

int nearest_in(PitchSet set, int tonic, int near) {
  for (int distance = 0; distance < 12; ++distance) {
    if (has(set, near - distance - tonic)) return near - distance;
    if (has(set, near + distance - tonic)) return near + distance;
  }
  return near;
}

int walk(PitchSet set, int tonic, int pitch, int steps) {
  const int direction = steps < 0 ? -1 : 1;
  for (int left = std::abs(steps); left > 0;) {
    pitch += direction;
    if (has(set, pitch - tonic)) --left;
  }
  return pitch;
}

}  // namespace infinara::band

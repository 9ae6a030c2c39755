// SPDX-License-Identifier: Apache-2.0
#include "band/harmony.hpp"

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
    if (gap == 1) cost += i + 1 == voicing.size() ? 6 : 2.5;
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
  std::vector<int> best;
  double least = std::numeric_limits<double>::max();
  const auto consider = [&](std::vector<int> voicing) {
    std::ranges::sort(voicing);
    if (std::ranges::adjacent_find(voicing) != voicing.end()) return;
    const double cost = cost_of(voicing, last_, part_);
    if (cost < least) {
      least = cost;
      best = std::move(voicing);
    }
  };
  // Close positions upward from each possible lowest note, filled up with doubled tones, and each
  // with its second voice from above an octave lower ("drop 2").
  const int top_start = std::max(part_.low, part_.high - 10);
  for (int start = part_.low; start <= top_start; ++start) {
    if (std::ranges::find(classes, start % 12) == classes.end()) continue;
    if (part_.rooted && start % 12 != root) continue;
    std::vector<int> voicing{start};
    for (int pitch = start + 1;
         pitch <= part_.high + 3 && static_cast<int>(voicing.size()) < part_.voices; ++pitch)
      if (std::ranges::find(classes, pitch % 12) != classes.end() && pitch - voicing.back() > 1)
        voicing.push_back(pitch);
    if (part_.rooted && voicing.size() >= 4) {  // root, fifth, then the rest wide as guitars do
      voicing.push_back(nearest(root, start + 12, start + 11, start + 13));
      std::ranges::sort(voicing);
      voicing.erase(std::unique(voicing.begin(), voicing.end()), voicing.end());
    }
    consider(voicing);
    if (!part_.rooted && voicing.size() >= 4) {
      voicing[voicing.size() - 2] -= 12;
      if (voicing[voicing.size() - 2] >= part_.low - 3) consider(voicing);
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

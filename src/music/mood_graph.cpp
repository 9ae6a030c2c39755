// SPDX-License-Identifier: Apache-2.0
#include "music/mood_graph.hpp"

namespace infinara::music {

std::vector<GenreIndex> MoodGraph::neighbours(GenreIndex of) const {
  std::vector<GenreIndex> out;
  for (GenreIndex i = 0; i < kGenreCount; ++i)
    if (adjacent(of, i)) out.push_back(i);
  return out;
}

GenreIndex step(const MoodGraph& graph, GenreIndex from, GenreIndex before, const Weights& weights,
                Random& random) {
  auto ways = graph.neighbours(from);
  if (ways.size() > 1) std::erase(ways, before);
  double sum = 0;
  for (const GenreIndex way : ways) sum += weights.at(way);
  if (sum <= 0) return ways.at(random.below(static_cast<std::uint32_t>(ways.size())));
  double left = random.uniform() * sum;
  for (const GenreIndex way : ways) {
    left -= weights.at(way);
    if (left < 0) return way;
  }
  return ways.back();  // rounding used up the share
}

}  // namespace infinara::music

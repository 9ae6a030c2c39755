// SPDX-License-Identifier: Apache-2.0
// Which genres lie beside each other: the DJ walks along these edges and never jumps.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "music/genre.hpp"
#include "music/random.hpp"

namespace infinara::music {

/// A place in kGenres.
using GenreIndex = std::size_t;

class MoodGraph {
 public:
  using Edge = std::pair<GenreIndex, GenreIndex>;

  constexpr explicit MoodGraph(std::span<const Edge> edges) {
    for (const auto& [a, b] : edges) adjacent_.at(a).at(b) = adjacent_.at(b).at(a) = true;
  }

  constexpr bool adjacent(GenreIndex a, GenreIndex b) const { return adjacent_.at(a).at(b); }

  constexpr bool is_symmetric() const {
    for (GenreIndex a = 0; a < kGenreCount; ++a)
      for (GenreIndex b = 0; b <= a; ++b)
        if (adjacent(a, b) != adjacent(b, a) || (a == b && adjacent(a, b))) return false;
    return true;
  }

  /// Every genre can be walked to from every other.
  constexpr bool is_connected() const {
    std::array<bool, kGenreCount> reached{true};
    for (std::size_t round = 1; round < kGenreCount; ++round)
      for (GenreIndex a = 0; a < kGenreCount; ++a)
        for (GenreIndex b = 0; b < kGenreCount; ++b)
          if (reached.at(a) && adjacent(a, b)) reached.at(b) = true;
    return std::ranges::all_of(reached, [](bool here) { return here; });
  }

  /// In the order of kGenres.
  std::vector<GenreIndex> neighbours(GenreIndex of) const;

 private:
  std::array<std::array<bool, kGenreCount>, kGenreCount> adjacent_{};
};

namespace detail {

consteval GenreIndex place(std::string_view name) {
  for (GenreIndex i = 0; i < kGenreCount; ++i)
    if (kGenres.at(i).name == name) return i;
  throw "no such genre";
}

inline constexpr auto kEdges = std::to_array<MoodGraph::Edge>({
    {place("ambient"), place("chillwave")},
    {place("ambient"), place("classical")},
    {place("chillwave"), place("lofi hip hop")},
    {place("chillwave"), place("classical")},
    {place("chillwave"), place("synthwave")},
    {place("lofi hip hop"), place("jazz")},
    {place("jazz"), place("bossa nova")},
    {place("jazz"), place("acoustic folk")},
    {place("classical"), place("cinematic")},
    {place("cinematic"), place("indie rock")},
    {place("synthwave"), place("electronic")},
    {place("synthwave"), place("indie rock")},
    {place("electronic"), place("drum and bass")},
    {place("electronic"), place("disco funk")},
    {place("disco funk"), place("rock")},
    {place("indie rock"), place("rock")},
});

}  // namespace detail

/// Calm genres lie together, lively ones lie together, bridges join them.
inline constexpr MoodGraph kMoodGraph{detail::kEdges};
static_assert(kMoodGraph.is_symmetric());
static_assert(kMoodGraph.is_connected());

/// How much each genre is wished for as the next step; not negative. One number a genre.
using Weights = std::array<double, kGenreCount>;

/// One step of the walk: to a neighbour of `from`, never straight back to `before` while there is
/// another way, drawn by weight. Neighbours that all weigh nothing are equally likely. `before` may
/// be any genre; one that is no neighbour forbids nothing.
GenreIndex step(const MoodGraph& graph, GenreIndex from, GenreIndex before, const Weights& weights,
                Random& random);

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
#include "music/walk.hpp"

#include <algorithm>
#include <utility>

namespace infinara::music {
namespace {

constexpr double kOutOfReach = 1.0 / 8;

}  // namespace

Walk::Walk(GenreIndex start) : here_(start), before_(start) {
  visited_.at(here_) = ++steps_;
}

void Walk::go_to(GenreIndex genre) {
  const bool is_planned = next_ == genre;
  if (genre != here_) before_ = std::exchange(here_, genre);
  visited_.at(here_) = ++steps_;
  next_ = is_planned ? then_ : std::nullopt;
  then_.reset();
}

void Walk::stay() {
  next_.reset();
  then_.reset();
}

void Walk::plan(int bpm, unsigned tracks, const TracksOf& tracks_of, Random& random) {
  const Genre& genre = kGenres.at(here_);
  Weights weights;
  for (GenreIndex i = 0; i < kGenreCount; ++i)
    weights.at(i) = std::min<double>(steps_ + 1 - visited_.at(i), kGenreCount);
  const auto drawn = [&](GenreIndex from, GenreIndex before, const auto& lead_out_to) {
    Weights reachable = weights;
    for (GenreIndex i = 0; i < kGenreCount; ++i)
      if (kMoodGraph.adjacent(from, i) && !leads_out(genre, bpm, lead_out_to(i)))
        reachable.at(i) *= kOutOfReach;
    return step(kMoodGraph, from, before, reachable, random);
  };
  if (!next_ || !leads_out(genre, bpm, {&kGenres.at(*next_), tracks}))
    next_ = drawn(here_, before_, [&](GenreIndex i) { return LeadOut{&kGenres.at(i), tracks}; });
  then_ = drawn(*next_, here_, [&](GenreIndex i) {
    return LeadOut{&kGenres.at(*next_), tracks, &kGenres.at(i), tracks_of.at(*next_)};
  });
}

LeadOut Walk::lead_out(unsigned tracks, const TracksOf& tracks_of) const {
  if (!next_) return {};
  return {&kGenres.at(*next_), tracks, then_ ? &kGenres.at(*then_) : nullptr, tracks_of.at(*next_)};
}

}  // namespace infinara::music

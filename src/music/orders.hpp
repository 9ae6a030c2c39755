// SPDX-License-Identifier: Apache-2.0
// What is ordered next: the number, words, seed and name of each track, so that nothing comes twice
// too soon.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "music/genre.hpp"
#include "music/mixing_rules.hpp"
#include "music/mood_graph.hpp"
#include "music/track.hpp"

namespace infinara::music {

/// What is heard before the track that is ordered, and where the walk goes after its genre.
struct Between {
  int bpm = 0;               // of the track before; 0: not known
  std::optional<Key> key{};  // of the track before
  LeadOut out{};
};

/// The same seed and the same calls make the same orders.
class Orders {
 public:
  /// How many of the last titles are not given again.
  static constexpr std::size_t kTitlesKept = 256;
  /// How many of the last captions are not given again: an hour of tracks of 10 s.
  static constexpr std::size_t kCaptionsKept = 360;

  Orders(std::uint32_t seed, std::size_t generators) : seed_(seed), heard_(generators) {}

  /// A track of `genre` by the generator of this index. `duration`: seconds; 0 draws a length that
  /// suits the genre. `in_hand`: the captions of its tracks of this genre that are still to be
  /// heard. Tempo and key follow from `between`, and the words say the same.
  Order next(GenreIndex genre, std::size_t generator, double duration,
             std::span<const std::string_view> in_hand, const Between& between = {});
  /// A track is being heard: the generator's next one of its genre gets other words.
  void heard(GenreIndex genre, std::size_t generator, std::string caption) {
    heard_.at(generator).at(genre) = std::move(caption);
  }

 private:
  const std::uint32_t seed_;
  std::uint64_t last_id_ = 0;
  std::deque<std::string> titles_;                           // of late
  std::deque<std::string> captions_;                         // of late
  std::vector<std::array<std::string, kGenreCount>> heard_;  // the last caption, by generator
};

}  // namespace infinara::music

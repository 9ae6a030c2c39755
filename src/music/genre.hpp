// SPDX-License-Identifier: Apache-2.0
// The genres in one table: what they are called, how fast and how long they are.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace infinara::music {

struct Genre {
  std::string_view name;  // how people and the API say it: "lofi hip hop"
  int bpm_low;            // the tempo a listener expects, beats a minute
  int bpm_high;
  int seconds_low = 80;  // what a track lasts where nobody says
  int seconds_high = 240;
};

/// A new one goes last: titles and the walk depend on the places of the others.
inline constexpr auto kGenres = std::to_array<Genre>({
    {"ambient", 60, 80, 240, 480},
    {"chillwave", 84, 104},
    {"lofi hip hop", 70, 88},
    {"jazz", 96, 168},
    {"bossa nova", 116, 140},
    {"acoustic folk", 84, 116},
    {"classical", 66, 108},
    {"cinematic", 70, 100},
    {"synthwave", 88, 112},
    {"electronic", 118, 130},
    {"drum and bass", 168, 178},
    {"disco funk", 108, 124},
    {"indie rock", 112, 144},
    {"rock", 104, 148},
});

inline constexpr std::size_t kGenreCount = kGenres.size();

/// The genre with exactly this name, or null.
const Genre* find_genre(std::string_view name);

/// All names with commas between.
std::string genre_names();

/// Its place in kGenres; the genre must be one of them.
inline std::size_t index_of(const Genre& genre) {
  return static_cast<std::size_t>(&genre - kGenres.data());
}

}  // namespace infinara::music

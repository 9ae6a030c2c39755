// SPDX-License-Identifier: Apache-2.0
// The 14 genres in one table: what they are called and how fast and how lively they are.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace infinara::music {

inline constexpr std::size_t kGenreCount = 14;

struct Genre {
  std::string_view name;   // how people and the API say it: "lofi hip hop"
  std::string_view label;  // how the page writes it: "Lofi Hip Hop"
  double energy;           // 0 calm … 1 wild
  int bpm_low;             // the tempo a listener expects, beats a minute
  int bpm_high;
};

/// In the order in which the page shows them.
inline constexpr std::array<Genre, kGenreCount> kGenres{{
    {"ambient", "Ambient", 0.05, 60, 80},
    {"chillwave", "Chillwave", 0.30, 84, 104},
    {"lofi hip hop", "Lofi Hip Hop", 0.25, 70, 88},
    {"jazz", "Jazz", 0.45, 96, 168},
    {"bossa nova", "Bossa Nova", 0.35, 116, 140},
    {"acoustic folk", "Acoustic Folk", 0.35, 84, 116},
    {"classical", "Classical", 0.25, 66, 108},
    {"cinematic", "Cinematic", 0.50, 70, 100},
    {"synthwave", "Synthwave", 0.65, 88, 112},
    {"electronic", "Electronic", 0.75, 118, 130},
    {"drum and bass", "Drum and Bass", 0.95, 168, 178},
    {"disco funk", "Disco Funk", 0.80, 108, 124},
    {"indie rock", "Indie Rock", 0.70, 112, 144},
    {"rock", "Rock", 0.85, 104, 148},
}};

/// The genre with exactly this name, or null.
const Genre* find_genre(std::string_view name);

/// Its place in kGenres; the genre must be one of them.
inline std::size_t index_of(const Genre& genre) {
  return static_cast<std::size_t>(&genre - kGenres.data());
}

}  // namespace infinara::music

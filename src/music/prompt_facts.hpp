// SPDX-License-Identifier: Apache-2.0
// What a prompt already says about tempo, key, lead and drums, so that the fields sent beside it
// say the same.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "music/genre.hpp"
#include "music/key.hpp"

namespace infinara::music {

enum class Feel { kUnsaid, kSlow, kMedium, kFast };
enum class Tonality { kUnsaid, kMajor, kMinor };

struct PromptFacts {
  Feel feel = Feel::kUnsaid;              // "ballad", "mid tempo", "bebop"
  std::optional<int> bpm{};               // "120 bpm", 30 to 300
  std::optional<Key> key{};               // "in F# minor"
  Tonality tonality = Tonality::kUnsaid;  // of the key, or of a mood: "cheerful"
  std::string lead{};  // "muted trumpet": what plays the melody, else the first instrument
  bool drums = false;  // there are some
};

/// Reads words as people and captions use them; words that contradict each other count as unsaid.
PromptFacts read_prompt(std::string_view prompt);

/// The genre with the part of its tempo range that `feel` means: the lower or upper 40 % of it, or
/// the middle half.
Genre with_feel(const Genre& genre, Feel feel);

/// The feel whose part of the range `bpm` lies in; where parts overlap, slow and fast win.
Feel feel_of(const Genre& genre, int bpm);

}  // namespace infinara::music

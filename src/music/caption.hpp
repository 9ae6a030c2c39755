// SPDX-License-Identifier: Apache-2.0
// Captions for a generator that reads: 15 to 25 words about feel, instruments, mood and sound, made
// of parts (caption_parts.hpp). They never name a tempo in numbers or a key.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "music/genre.hpp"
#include "music/prompt_facts.hpp"
#include "music/random.hpp"

namespace infinara::music {

/// How many different captions a genre has.
std::uint64_t caption_count(const Genre& genre);

/// All phrases of a genre's captions.
std::vector<std::string_view> caption_phrases(const Genre& genre);

/// Draws a caption that is not among `avoid` and says nothing but what `feel` and `tonality` are;
/// kUnsaid leaves them free. read_prompt() reads the caption's facts. `avoid` must leave most of
/// the genre's captions free.
std::string draw_caption(const Genre& genre, std::span<const std::string_view> avoid,
                         Random& random, Feel feel = Feel::kUnsaid,
                         Tonality tonality = Tonality::kUnsaid);

}  // namespace infinara::music

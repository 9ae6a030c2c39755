// SPDX-License-Identifier: Apache-2.0
// The house band as the double's musician: what people hear of it, and real music for tests.
#pragma once

#include <string_view>

#include "music/genre.hpp"
#include "support/audio_maker.hpp"

namespace support {

/// The genre that these words speak of most; the first of the table if they speak of none.
const infinara::music::Genre& genre_of(std::string_view words);

/// The band's own track for `tune`: its genre by the prompt, its length, tempo and key where the
/// band can play them. About 0.03 s of CPU a second of music; what was played last is kept.
Pcm house_band(const Tune& tune);

}  // namespace support

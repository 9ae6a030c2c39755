// SPDX-License-Identifier: Apache-2.0
// When a change of genre is heard.
#pragma once

namespace infinara::music {

/// After the queue has played out, or as soon as there is a track. The values are those of mooddj's
/// property genre-change and of its signal change-genre.
enum class When { kQueue, kNow };

}  // namespace infinara::music

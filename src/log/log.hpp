// SPDX-License-Identifier: Apache-2.0
// The log that an operator reads: one line per event, with the local time, on standard output.
#pragma once

#include <string_view>

namespace infinara::log {

/// Queues one line; a thread of this library writes it. Does not block: a reader that stops reading
/// standard output (Ctrl-S, a full pipe) holds up the log and not the caller. At most 1000 lines
/// wait; further ones are dropped and counted. Control characters in `text` are replaced. Any
/// thread.
void line(std::string_view text);

/// Waits until all queued lines are written, at most 100 ms. Any thread.
void flush();

}  // namespace infinara::log

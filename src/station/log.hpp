// SPDX-License-Identifier: Apache-2.0
// The station's diary: one fact a line, with the time.
#pragma once

#include <string_view>

namespace infinara::station {

/// Goes to standard output soon, by a thread of its own: a terminal that was stopped with Ctrl-S,
/// or a pipe that nobody reads, stops the diary and not the station. While a thousand lines wait,
/// more are left out and counted. Control characters are replaced: a line stays a line. Any thread.
void log(std::string_view fact);

/// Waits until all of it is written, a tenth of a second at most.
void finish_log();

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// The station's diary: one fact a line, with the time.
#pragma once

#include <string_view>

namespace infinara::station {

/// Writes to standard output, at once. Control characters are replaced: a line stays a line. Any
/// thread.
void log(std::string_view fact);

}  // namespace infinara::station

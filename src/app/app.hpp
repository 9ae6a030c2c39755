// SPDX-License-Identifier: Apache-2.0
// Puts the program together: one station, one HTTP server, one main loop.
#pragma once

#include "config/config.hpp"
#include "door/door.hpp"

namespace infinara::app {

/// Runs until a signal ends it; returns the exit code. Call it once, on the main thread. Throws
/// door::CannotListen and station::CannotPlay.
int run(const config::Config& config);

/// The environment variable that an operator changes to get around `error`.
const char* variable_of(const door::CannotListen& error);

}  // namespace infinara::app

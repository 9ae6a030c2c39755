// SPDX-License-Identifier: Apache-2.0
// The first lines of the log: where the station is found, and which settings have no effect.
#pragma once

#include "config/config.hpp"

namespace infinara::app {

/// `port` is the one that the server listens on.
void log_start(const config::Config& config, int port);

}  // namespace infinara::app

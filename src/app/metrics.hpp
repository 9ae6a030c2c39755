// SPDX-License-Identifier: Apache-2.0
// GET /metrics: the station in figures, in the text format of Prometheus.
#pragma once

#include <string>

#include "cast/broadcaster.hpp"
#include "station/radio.hpp"

namespace infinara::app {

/// What the operating system says of this process.
struct ProcessFigures {
  double resident_bytes = 0;
  double cpu_seconds = 0;
  double open_descriptors = 0;
};
ProcessFigures process_figures();

/// `clients`: those of /api/events.
std::string metrics_text(station::Radio& radio, const cast::Totals& clients,
                         const ProcessFigures& process);

}  // namespace infinara::app

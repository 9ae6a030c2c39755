// SPDX-License-Identifier: Apache-2.0
// What the station is told at its start: options before environment variables before defaults. One
// table (config.cpp) drives the reading, the errors and --help.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>

namespace infinara::station {

struct Config {
  std::string address = "0.0.0.0";
  int port = 8080;  // 0: any free one
  std::string name = "Infinara";
  int max_listeners = 5000;
  std::string genre = "lofi hip hop";
  int track_duration = 90;  // seconds
  double crossfade = 18;    // seconds
  std::string curve = "smoothstep";
  int buffer_ahead = 3;    // tracks
  double dwell_min = 300;  // seconds
  double dwell_max = 900;  // seconds
  bool auto_dj = true;
  std::int64_t seed = -1;  // -1: another programme each time

  bool operator==(const Config&) const = default;
};

/// The station should not start but say this, and exit with `code`.
struct Say {
  std::string text;  // with its newline
  int code = 0;
};

/// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* variable)>;

/// `arguments` without the program's name. An empty variable counts as unset.
std::variant<Config, Say> configure(std::span<const char* const> arguments,
                                    const Environment& environment);

/// The variables of the generator that are set although this program has none: their names,
/// separated by ", ".
std::string unused_variables(const Environment& environment);

}  // namespace infinara::station

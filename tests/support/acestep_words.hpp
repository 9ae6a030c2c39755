// SPDX-License-Identifier: Apache-2.0
// What an ACE-Step API server says, letter by letter: its bodies as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/acestep_orders.hpp"

namespace support {

/// A float as Python's repr writes it: 12.0, 0.5876747405529023.
std::string python_float(double value);

/// How the server tells of itself.
struct Identity {
  Dialect dialect = Dialect::kFeb08;
  Lm lm = Lm::kPresent;
  std::string dit_model;  // acestep-v15-turbo or acestep-v15-base
  std::string lm_model;
  bool is_initialised = true;         // later only: false while models load with the door open
  bool keeps = true;                  // has a cache on disk, which tells more
  std::vector<std::string> others{};  // further models, not loaded
  bool lists_models = true;           // false until the first job has loaded one
};

/// The model that plays for an order of `wanted`: the server's own for any name it does not know.
const std::string& model_for(const Identity& identity, const std::string& wanted);

/// `{"data":…,"code":200,"error":null,"timestamp":…,"extra":null}`.
std::string wrapped(std::string_view data, std::int64_t milliseconds);
std::string health_data(const Identity& identity);
/// The whole body: one dialect does not wrap it.
std::string models_body(const Identity& identity, std::int64_t milliseconds);

struct Counts {
  int total = 0;
  int queued = 0;
  int running = 0;
  int succeeded = 0;
  int failed = 0;
  int queue_size = 0;
  int queue_most = 200;
  double mean_seconds = 5;
};
std::string stats_data(const Counts& counts);
std::string release_data(std::string_view id, int position);

struct Progress {
  double share;  // 0…1
  std::string stage;
};
/// What is told at `share` (0…1) of a job's time.
Progress progress_at(double share, int batch, bool thinking);

/// The items of `result`, as the JSON text that travels inside a string.
std::string queued_item(const Identity& identity, std::int64_t created);
std::string running_item(const Identity& identity, std::int64_t created, const Progress& progress);
std::string failed_item(const Identity& identity, std::int64_t created, std::string_view error);

struct Made {
  const Asked& asked;
  std::int64_t created;            // seconds since 1970
  std::vector<std::string> files;  // as `file` says them; one "" for silence
  std::vector<std::string> seeds;
  double seconds;      // that it took
  std::string suffix;  // appended to the texts, for hostile ones
};
std::string succeeded_items(const Identity& identity, const Made& made);

/// An entry of `data`; no progress text is told if there is none.
std::string query_entry(std::string_view id_json, std::string_view result, int status,
                        const std::optional<std::string>& progress_text);

/// `file` for a path on the server's disk.
std::string audio_url(std::string_view path);
/// The ending that the server gives a file of this asked-for format, and what it then holds.
std::string extension_for(std::string_view format, Dialect dialect);

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
// What an acestepsrc was told, and what it then asks of which servers.
#pragma once

#include <gst/gst.h>

#include <string>
#include <string_view>

#include "remote/acestep/pool.hpp"
#include "text/result.hpp"

namespace infinara {

/// As the properties of the same names say. 0 and empty texts leave the choice to the environment,
/// or to the servers.
struct AceStepSettings {
  std::string location;   // without keys
  std::string addresses;  // the same as it was set, with its keys
  std::string api_key;
  std::string genre;
  std::string prompt;
  std::string caption;
  std::string title;
  std::string lyrics;
  double duration = 90;
  double bpm = 0;
  std::string key;
  std::string time_signature;
  gint64 seed = -1;
  std::string model;
  gint inference_steps = 0;
  double guidance_scale = 0;
  double shift = 0;
  std::string audio_format;
  std::string output_dir;
  std::string remote_dir;
  std::string spool_dir;
  std::string state_file;
  bool clean = false;
};

/// `location` without the keys of its addresses, fit to be shown.
std::string without_keys(const std::string& location);

struct AceStepOrder {
  remote::PoolSettings pool;
  remote::TrackRequest wanted;
};

// Each says what `value` should have been, such as "one of flac, mp3, wav"; empty if it is right.
std::string expected_genre(std::string_view value);
std::string expected_bpm(std::string_view value);
std::string expected_key(std::string_view value);
std::string expected_time_signature(std::string_view value);
std::string expected_audio_format(std::string_view value);

/// The order that the settings and the environment make, or why none can be made of them: the name
/// of the property or variable, its value, and what is allowed.
Result<AceStepOrder, std::string> order_of(const AceStepSettings& settings);

}  // namespace infinara

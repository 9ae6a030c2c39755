// SPDX-License-Identifier: Apache-2.0
// What the station is told at its start: options before environment variables before defaults. One
// table (settings.cpp) drives the reading, the errors and --help.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "music/ranges.hpp"

namespace infinara::config {

struct Config {
  std::string address = "::";  // both families
  int port = 8080;             // 0: any free one
  std::string public_url;      // empty: what clients and their proxies say
  std::string trusted_proxies = "127.0.0.0/8, ::1";
  std::string name = "Infinara";
  int max_listeners = 5000;
  int max_per_address = 0;  // connections; 0: no limit
  bool webrtc = true;
  bool webrtc_fast_path = true;  // false: all packets go through webrtcbin
  int max_peers = 64;
  std::string webrtc_addresses;  // separated by commas; empty: see address, then all of the host's
  std::string stun_server, turn_server;
  std::string genre = "lofi hip hop";
  int track_duration = 90;  // seconds
  double crossfade = 18;    // seconds
  std::string curve = "smoothstep";
  int buffer_ahead = 3;    // tracks
  double dwell_min = 300;  // seconds
  double dwell_max = 900;  // seconds
  bool auto_dj = true;
  std::int64_t seed = -1;  // -1: another programme each time

  // What a generator with a GPU is asked for, and where it is. The house band needs none of it.
  std::string acestep_url;  // empty: the house band alone
  std::string acestep_key;
  std::string acestep_model;       // empty: the server's own
  std::string acestep_folder;      // empty: /acestep-outputs, if there is one
  std::string acestep_remote_dir;  // empty: /app/outputs, or as found
  bool acestep_clean = false;      // deletes there what was taken
  std::string acestep_spool;       // empty: the folder for temporary files
  std::string acestep_state;       // empty: in the user's folder for state
  std::string audio_format = "flac";
  int inference_steps = 0;  // 0, as in the next two: what suits the model
  double guidance_scale = 0;
  double shift = 0;
  std::string ollama_url;
  std::string ollama_model = "qwen3:32b";

  bool operator==(const Config&) const = default;
};

/// The station should not start but say this, and exit with `code`.
struct Say {
  std::string text;  // with its newline
  int code = 0;
};

/// The value of an environment variable, or null.
using Environment = std::function<const char*(const char* variable)>;

/// Takes all that configure() has read out of this process's environment: from then on only its
/// answer counts, and a child has no business with a key. Before any thread is started.
void forget_variables();

/// `arguments` without the program's name. An empty variable counts as unset.
std::variant<Config, Say> configure(std::span<const char* const> arguments,
                                    const Environment& environment);

/// What a track may last: ACE-Step makes no track as short or as long as the house band does.
music::Range<int> track_durations(const Config& config);

/// The addresses that WebRTC keeps to; none: all that the machine has.
std::vector<std::string> webrtc_addresses(const Config& config);

}  // namespace infinara::config

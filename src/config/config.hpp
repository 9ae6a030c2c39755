// SPDX-License-Identifier: Apache-2.0
// What the station is told at its start: options before environment variables before defaults. One
// table (settings.cpp) drives the reading, the errors and --help.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "music/ranges.hpp"

namespace infinara::config {

/// Where clients find the station, and whom it lets in.
struct Http {
  std::string address = "::";  // both families
  int port = 8080;             // 0: any free one
  std::string public_url;      // empty: what clients and their proxies say
  std::string trusted_proxies = "127.0.0.0/8, ::1";
  std::string listen_password;  // empty: everybody may listen
  std::string control_token;    // empty: everybody may change something
  double skip_interval = 2;     // seconds from one skip to the next; 0: no limit
  int changes_per_minute = 10;  // of one address; 0: no limit
  int max_per_address = 0;      // connections, and likewise WebRTC sessions; 0: no limit
  bool operator==(const Http&) const = default;
};

/// What listeners by HTTP get.
struct Streams {
  std::string name = "Infinara";
  int max_listeners = 5000;
  bool operator==(const Streams&) const = default;
};

struct WebRtc {
  bool on = true;
  bool fast_path = true;  // false: all packets go through webrtcbin
  int max_peers = 64;
  std::string addresses;  // separated by commas; empty: see webrtc_addresses()
  std::string stun_server, turn_server;
  bool operator==(const WebRtc&) const = default;
};

struct Dj {
  std::string genre = "lofi hip hop";
  int track_duration = 0;  // seconds; 0: drawn for each track
  double crossfade = 18;   // seconds
  std::string join = "planned";
  std::string curve = "smoothstep";
  int buffer_ahead = 3;    // tracks
  double dwell_min = 300;  // seconds
  double dwell_max = 900;  // seconds
  bool auto_dj = true;
  std::int64_t seed = -1;  // -1: another programme each time
  bool operator==(const Dj&) const = default;
};

/// What a generator with a GPU is asked for, and where it is. The house band needs none of it.
struct AceStep {
  std::string url;  // empty: the house band alone
  std::string key;
  std::string model;       // empty: the server's own
  std::string folder;      // empty: /acestep-outputs, if there is one
  std::string remote_dir;  // empty: /app/outputs, or as found
  bool clean = false;      // deletes there what was taken
  std::string spool;       // empty: the folder for temporary files
  std::string state_file;  // empty: see acestep_state_file()
  std::string audio_format = "flac";
  int inference_steps = 0;  // 0, as in the next two: what suits the model
  double guidance_scale = 0;
  double shift = 0;
  bool operator==(const AceStep&) const = default;
};

/// What outlasts the process.
struct State {
  std::string folder;       // empty: see state_folder()
  int history_size = 5000;  // tracks
  bool operator==(const State&) const = default;
};

/// Not used by this version.
struct Ollama {
  std::string url;
  std::string model = "qwen3:32b";
  bool operator==(const Ollama&) const = default;
};

/// All of it. Each receiver is given its part.
struct Config {
  Http http;
  Streams streams;
  WebRtc webrtc;
  Dj dj;
  AceStep acestep;
  State state;
  Ollama ollama;
  /// The variables of the settings that were set, by themselves or by their options.
  std::set<std::string, std::less<>> explicitly_set;
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

/// Sets what was changed at run time before this start, by variable, but for what is set explicitly
/// now and for values that are none any more.
void restore(const std::map<std::string, std::string>& changed, Config& config);

/// The folder for what outlasts the process: as set, else STATE_DIRECTORY as systemd sets it, else
/// infinara in XDG_STATE_HOME or in ~/.local/state.
std::string state_folder(const Config& config, const Environment& environment);

/// What a track may last: ACE-Step makes no track as short or as long as the house band does.
music::Range<int> track_durations(const AceStep& acestep);

/// The addresses that WebRTC keeps to, by default the one to listen on; none: all that the machine
/// has.
std::vector<std::string> webrtc_addresses(const Config& config);

/// Where ACE-Step's tasks are remembered: by default a file in the user's folder for state, one for
/// each port.
std::string acestep_state_file(const Config& config, const Environment& environment);

}  // namespace infinara::config

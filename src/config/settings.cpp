// SPDX-License-Identifier: Apache-2.0
#include "config/settings.hpp"

#include "music/genre.hpp"

namespace infinara::config {
namespace {

std::vector<std::string_view> genre_names() {
  std::vector<std::string_view> names;
  for (const auto& genre : music::kGenres) names.push_back(genre.name);
  return names;
}

}  // namespace

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table{
      {"port", "RADIO_PORT", "where page, stream and API are found; 0 takes any free port",
       Whole{&Config::port, {0, 65535}}},
      {"address", "RADIO_ADDRESS",
       "the address to listen on; :: is every IPv6 and IPv4 address, 0.0.0.0 every IPv4 address",
       Text{&Config::address, 64}},
      {"name", "RADIO_NAME", "what players show as the station's name", Text{&Config::name, 64}},
      {"max-listeners", "RADIO_MAX_LISTENERS", "how many may hear the stream at once",
       Whole{&Config::max_listeners, {1, 100000}}},
      {"max-per-address", "RADIO_MAX_PER_ADDRESS",
       "connections, and likewise WebRTC sessions, that one client may have at once, 0 for any "
       "number; see RADIO_TRUSTED_PROXIES",
       Whole{&Config::max_per_address, {0, 100000}}},
      {"trusted-proxies", "RADIO_TRUSTED_PROXIES",
       "which proxies may say who the client is and how it found the station (X-Forwarded-*, "
       "Forwarded)",
       Proxies{&Config::trusted_proxies}},
      {"public-url", "RADIO_PUBLIC_URL",
       "where clients find the station, as playlists say it; without, what clients and trusted "
       "proxies say",
       Url{&Config::public_url}},
      {"webrtc", "RADIO_WEBRTC", "whether it may be heard by WebRTC (WHEP)",
       Switch{&Config::webrtc}},
      {"webrtc-fast-path", "RADIO_WEBRTC_FAST_PATH",
       "whether WebRTC's packets are encrypted by the station itself",
       Switch{&Config::webrtc_fast_path}},
      {"max-peers", "RADIO_MAX_PEERS", "how many may hear it by WebRTC at once",
       Whole{&Config::max_peers, {1, 1000}}},
      {"webrtc-addresses", "RADIO_WEBRTC_ADDRESSES",
       "which of this machine's addresses WebRTC uses; without, that of RADIO_ADDRESS or all",
       Addresses{&Config::webrtc_addresses}},
      {"stun-server", "RADIO_STUN_SERVER",
       "tells WebRTC its address beyond a router; without, none",
       IceServer{&Config::stun_server, "stun"}},
      {"turn-server", "RADIO_TURN_SERVER", "relays WebRTC where nothing else works; without, none",
       IceServer{&Config::turn_server, "turn"}},
      {"genre", "RADIO_GENRE", "the genre to start with", OneOf{&Config::genre, genre_names()}},
      {"track-duration", "RADIO_TRACK_DURATION", "seconds that a new track lasts",
       Whole{&Config::track_duration, music::kTrackDurations}},
      {"crossfade", "RADIO_CROSSFADE_DURATION", "how long two tracks are blended",
       Number{&Config::crossfade, music::kCrossfades, "seconds"}},
      {"curve", "RADIO_CURVE", "how they are blended",
       OneOf{&Config::curve, {"smoothstep", "equal-power", "linear"}}},
      {"buffer-ahead", "RADIO_BUFFER_AHEAD", "tracks kept ready beside the one on air",
       Whole{&Config::buffer_ahead, music::kTracksAhead}},
      {"dwell-min", "RADIO_DWELL_MIN", "the shortest stay of Auto-DJ in a genre",
       Number{&Config::dwell_min, music::kDwells, "seconds"}},
      {"dwell-max", "RADIO_DWELL_MAX", "the longest",
       Number{&Config::dwell_max, music::kDwells, "seconds"}},
      {"auto-dj", "RADIO_AUTO_DJ", "whether the station walks from genre to genre by itself",
       Switch{&Config::auto_dj}},
      {"seed", "RADIO_SEED", "the same seed is the same programme", Seed{&Config::seed}},
      {"acestep-url", "ACESTEP_API_URL", "the music generator; without, the house band plays alone",
       Urls{&Config::acestep_url, true}},
      {"acestep-key", "ACESTEP_API_KEY", "its key, or one for each server with commas between",
       Text{&Config::acestep_key, 512}},
      {"acestep-model", "ACESTEP_MODEL", "which of its models plays; without, its own choice",
       Text{&Config::acestep_model, 200}},
      {"acestep-folder", "ACESTEP_OUTPUT_DIR",
       "where its files are found here, if it shares them; without, /acestep-outputs if there is "
       "one",
       Text{&Config::acestep_folder, 1024}},
      {"acestep-remote-dir", "ACESTEP_REMOTE_DIR",
       "what it calls that folder; without, it is found by looking",
       Text{&Config::acestep_remote_dir, 1024}},
      {"acestep-clean", "ACESTEP_CLEAN",
       "deletes from that folder the files of the tracks that were taken",
       Switch{&Config::acestep_clean}},
      {"acestep-spool", "ACESTEP_SPOOL_DIR",
       "where its tracks wait, 512 MiB at most; without, the folder for temporary files",
       Text{&Config::acestep_spool, 1024}},
      {"acestep-state", "ACESTEP_STATE_FILE",
       "remembers what it works on over a restart; without, in ~/.local/state/infinara",
       Text{&Config::acestep_state, 1024}},
      {"audio-format", "RADIO_AUDIO_FORMAT", "what it writes",
       OneOf{&Config::audio_format, {music::kAudioFormats.begin(), music::kAudioFormats.end()}}},
      {"inference-steps", "RADIO_INFERENCE_STEPS",
       "its steps of inference; 0 is what suits the model",
       Whole{&Config::inference_steps, music::kInferenceSteps}},
      {"guidance-scale", "RADIO_GUIDANCE_SCALE",
       "how closely it follows the caption; 0 is what suits the model",
       Number{&Config::guidance_scale, music::kGuidanceScales}},
      {"shift", "RADIO_SHIFT", "its shift of time steps; 0 is what suits the model",
       Number{&Config::shift, music::kShifts}},
      {"ollama-url", "OLLAMA_URL", "a language model for captions; not used by this version",
       Urls{&Config::ollama_url}},
      {"ollama-model", "OLLAMA_MODEL", "its name; likewise not used",
       Text{&Config::ollama_model, 200}},
  };
  return table;
}

}  // namespace infinara::config

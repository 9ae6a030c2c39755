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
       Whole{member_of<&Config::http, &Http::port>, {0, 65535}}},
      {"address", "RADIO_ADDRESS",
       "the address to listen on; :: is every IPv6 and IPv4 address, 0.0.0.0 every IPv4 address",
       Text{member_of<&Config::http, &Http::address>, 64}},
      {"name", "RADIO_NAME", "what players show as the station's name",
       Text{member_of<&Config::streams, &Streams::name>, 64}},
      {"max-listeners", "RADIO_MAX_LISTENERS", "how many may hear the stream at once",
       Whole{member_of<&Config::streams, &Streams::max_listeners>, {1, 100000}}},
      {"max-per-address", "RADIO_MAX_PER_ADDRESS",
       "connections, and likewise WebRTC sessions, that one client may have at once, 0 for any "
       "number; see RADIO_TRUSTED_PROXIES",
       Whole{member_of<&Config::http, &Http::max_per_address>, {0, 100000}}},
      {"trusted-proxies", "RADIO_TRUSTED_PROXIES",
       "which proxies may say who the client is and how it found the station (X-Forwarded-*, "
       "Forwarded)",
       Proxies{member_of<&Config::http, &Http::trusted_proxies>}},
      {"listen-password", "RADIO_LISTEN_PASSWORD",
       "what listeners must know to hear the station and to see its page, with any user name; "
       "without, everybody may",
       Secret{member_of<&Config::http, &Http::listen_password>}},
      {"listen-password-file", "RADIO_LISTEN_PASSWORD_FILE", "a file that it is in",
       FileOf<Secret>{{member_of<&Config::http, &Http::listen_password>}}},
      {"control-token", "RADIO_CONTROL_TOKEN",
       "what clients must know to change something, as Authorization: Bearer TOKEN; without, "
       "everybody may",
       Secret{member_of<&Config::http, &Http::control_token>}},
      {"control-token-file", "RADIO_CONTROL_TOKEN_FILE", "a file that it is in",
       FileOf<Secret>{{member_of<&Config::http, &Http::control_token>}}},
      {"skip-interval", "RADIO_SKIP_INTERVAL",
       "how long after a skip the next one is taken, 0 for at once",
       Number{member_of<&Config::http, &Http::skip_interval>, {0, 3600}, "seconds"}},
      {"changes-per-minute", "RADIO_CHANGES_PER_MINUTE",
       "changes and votes that one address may make in a minute, 0 for any number",
       Whole{member_of<&Config::http, &Http::changes_per_minute>, {0, 10000}}},
      {"public-url", "RADIO_PUBLIC_URL",
       "where clients find the station, as playlists say it; without, what clients and trusted "
       "proxies say",
       Url{member_of<&Config::http, &Http::public_url>}},
      {"webrtc", "RADIO_WEBRTC", "whether it may be heard by WebRTC (WHEP)",
       Switch{member_of<&Config::webrtc, &WebRtc::on>}},
      {"webrtc-fast-path", "RADIO_WEBRTC_FAST_PATH",
       "whether WebRTC's packets are encrypted by the station itself",
       Switch{member_of<&Config::webrtc, &WebRtc::fast_path>}},
      {"max-peers", "RADIO_MAX_PEERS", "how many may hear it by WebRTC at once",
       Whole{member_of<&Config::webrtc, &WebRtc::max_peers>, {1, 1000}}},
      {"webrtc-addresses", "RADIO_WEBRTC_ADDRESSES",
       "which of this machine's addresses WebRTC uses; without, that of RADIO_ADDRESS or all",
       Addresses{member_of<&Config::webrtc, &WebRtc::addresses>}},
      {"stun-server", "RADIO_STUN_SERVER",
       "tells WebRTC its address beyond a router; without, none",
       IceServer{member_of<&Config::webrtc, &WebRtc::stun_server>, "stun"}},
      {"turn-server", "RADIO_TURN_SERVER", "relays WebRTC where nothing else works; without, none",
       IceServer{member_of<&Config::webrtc, &WebRtc::turn_server>, "turn"}},
      {"genre", "RADIO_GENRE", "the genre to start with",
       OneOf{member_of<&Config::dj, &Dj::genre>, genre_names()}},
      {"track-duration", "RADIO_TRACK_DURATION",
       "seconds that a new track lasts, kept within 8 %; auto draws 80 to 240 for each, 240 to 480 "
       "for ambient",
       WholeOrAuto{member_of<&Config::dj, &Dj::track_duration>, music::kTrackDurations}},
      {"crossfade", "RADIO_CROSSFADE_DURATION", "how long two tracks are blended",
       Number{member_of<&Config::dj, &Dj::crossfade>, music::kCrossfades, "seconds"}},
      {"join", "RADIO_JOIN", "on bars of the music, or always as long as the crossfade",
       OneOf{member_of<&Config::dj, &Dj::join>, {"planned", "plain"}}},
      {"curve", "RADIO_CURVE", "how they are blended",
       OneOf{member_of<&Config::dj, &Dj::curve>, {"smoothstep", "equal-power", "linear"}}},
      {"buffer-ahead", "RADIO_BUFFER_AHEAD", "tracks kept ready beside the one on air",
       Whole{member_of<&Config::dj, &Dj::buffer_ahead>, music::kTracksAhead}},
      {"dwell-min", "RADIO_DWELL_MIN", "the shortest stay of Auto-DJ in a genre",
       Number{member_of<&Config::dj, &Dj::dwell_min>, music::kDwells, "seconds"}},
      {"dwell-max", "RADIO_DWELL_MAX", "the longest",
       Number{member_of<&Config::dj, &Dj::dwell_max>, music::kDwells, "seconds"}},
      {"auto-dj", "RADIO_AUTO_DJ", "whether the station walks from genre to genre by itself",
       Switch{member_of<&Config::dj, &Dj::auto_dj>}},
      {"seed", "RADIO_SEED", "the same seed is the same programme",
       Seed{member_of<&Config::dj, &Dj::seed>}},
      {"state-dir", "RADIO_STATE_DIR",
       "the folder for history, ratings and changed settings; without, STATE_DIRECTORY, else "
       "infinara in XDG_STATE_HOME or ~/.local/state",
       Text{member_of<&Config::state, &State::folder>, 1024}},
      {"history-size", "RADIO_HISTORY_SIZE", "tracks remembered; the oldest go",
       Whole{member_of<&Config::state, &State::history_size>, {10, 100000}}},
      {"acestep-url", "ACESTEP_API_URL", "the music generator; without, the house band plays alone",
       Urls{member_of<&Config::acestep, &AceStep::url>, true}},
      {"acestep-key", "ACESTEP_API_KEY", "its key, or one for each server with commas between",
       Text{member_of<&Config::acestep, &AceStep::key>, 512}},
      {"acestep-key-file", "ACESTEP_API_KEY_FILE", "a file that it is in",
       FileOf<Text>{{member_of<&Config::acestep, &AceStep::key>, 512}}},
      {"acestep-model", "ACESTEP_MODEL", "which of its models plays; without, its own choice",
       Text{member_of<&Config::acestep, &AceStep::model>, 200}},
      {"acestep-folder", "ACESTEP_OUTPUT_DIR",
       "where its files are found here, if it shares them; without, /acestep-outputs if there is "
       "one",
       Text{member_of<&Config::acestep, &AceStep::folder>, 1024}},
      {"acestep-remote-dir", "ACESTEP_REMOTE_DIR",
       "what it calls that folder; without, it is found by looking",
       Text{member_of<&Config::acestep, &AceStep::remote_dir>, 1024}},
      {"acestep-clean", "ACESTEP_CLEAN",
       "deletes from that folder the files of the tracks that were taken",
       Switch{member_of<&Config::acestep, &AceStep::clean>}},
      {"acestep-spool", "ACESTEP_SPOOL_DIR",
       "where its tracks wait, 512 MiB at most; without, the folder for temporary files",
       Text{member_of<&Config::acestep, &AceStep::spool>, 1024}},
      {"acestep-state", "ACESTEP_STATE_FILE",
       "remembers what it works on over a restart; without, in the folder of RADIO_STATE_DIR",
       Text{member_of<&Config::acestep, &AceStep::state_file>, 1024}},
      {"audio-format", "RADIO_AUDIO_FORMAT", "what it writes",
       OneOf{member_of<&Config::acestep, &AceStep::audio_format>,
             {music::kAudioFormats.begin(), music::kAudioFormats.end()}}},
      {"inference-steps", "RADIO_INFERENCE_STEPS",
       "its steps of inference; 0 is what suits the model",
       Whole{member_of<&Config::acestep, &AceStep::inference_steps>, music::kInferenceSteps}},
      {"guidance-scale", "RADIO_GUIDANCE_SCALE",
       "how closely it follows the caption; 0 is what suits the model",
       Number{member_of<&Config::acestep, &AceStep::guidance_scale>, music::kGuidanceScales}},
      {"shift", "RADIO_SHIFT", "its shift of time steps; 0 is what suits the model",
       Number{member_of<&Config::acestep, &AceStep::shift>, music::kShifts}},
      {"ollama-url", "OLLAMA_URL", "a language model for captions; not used by this version",
       Urls{member_of<&Config::ollama, &Ollama::url>}},
      {"ollama-model", "OLLAMA_MODEL", "its name; likewise not used",
       Text{member_of<&Config::ollama, &Ollama::model>, 200}},
  };
  return table;
}

}  // namespace infinara::config

// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <arpa/inet.h>
#include <glib.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "door/address.hpp"
#include "http/public_url.hpp"
#include "music/genre.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara::config {
namespace {

using text::number;
using text::printable;

// Each kind of setting can say its range, show a value and read one.

std::string show(auto value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

struct Whole {
  int Config::*member;
  int low, high;
  std::string range() const { return "a whole number from " + show(low) + " to " + show(high); }
  std::string shown(const Config& config) const { return show(config.*member); }
  bool read(std::string_view text, Config& config) const {
    const auto value = number<int>(text);
    if (!value || *value < low || *value > high) return false;
    config.*member = *value;
    return true;
  }
};

struct Number {
  double Config::*member;
  double low, high;
  const char* unit = "a number";
  std::string range() const {
    return std::string(unit) + " from " + show(low) + " to " + show(high);
  }
  std::string shown(const Config& config) const { return show(config.*member); }
  bool read(std::string_view text, Config& config) const {
    const auto value = number<double>(text);
    if (!value || *value < low || *value > high) return false;
    config.*member = *value;
    return true;
  }
};

struct Seed {
  std::int64_t Config::*member;
  std::string range() const { return "-1 (another each time) or a whole number to 4294967295"; }
  std::string shown(const Config& config) const { return show(config.*member); }
  bool read(std::string_view text, Config& config) const {
    const auto value = number<std::int64_t>(text);
    if (!value || *value < -1 || *value > 0xffffffff) return false;
    config.*member = *value;
    return true;
  }
};

struct Switch {
  bool Config::*member;
  std::string range() const { return "on or off"; }
  std::string shown(const Config& config) const { return config.*member ? "on" : "off"; }
  bool read(std::string_view text, Config& config) const {
    const bool on = text == "on" || text == "true" || text == "yes" || text == "1";
    const bool off = text == "off" || text == "false" || text == "no" || text == "0";
    if (on || off) config.*member = on;
    return on || off;
  }
};

struct OneOf {
  std::string Config::*member;
  std::vector<std::string_view> choices;
  std::string range() const {
    std::string text = "one of";
    for (const auto& choice : choices)
      text += (&choice == &choices.front() ? ": " : ", ") + std::string(choice);
    return text;
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    if (std::ranges::find(choices, text) == choices.end()) return false;
    config.*member = text;
    return true;
  }
};

/// Where other servers are.
struct Urls {
  std::string Config::*member;
  bool keys = false;  // each may have its key before its host: http://KEY@HOST
  std::string range() const {
    return std::string("http:// or https:// addresses, separated by commas, without names, ") +
           "passwords or queries" + (keys ? "; http://KEY@HOST has its own key" : "");
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    for (const auto url : text::items_of(text))
      if (!is_server(keys ? without_key(url) : std::string(url))) return false;
    config.*member = text;
    return true;
  }

 private:
  static std::string without_key(std::string_view url) {
    const auto host = url.find("://");
    const auto at =
        url.substr(0, url.find_first_of("/?#", host == url.npos ? 0 : host + 3)).find('@');
    if (host == url.npos || at == url.npos || at <= host + 3) return std::string(url);
    if (url.substr(host + 3, at - host - 3).find(':') != url.npos) return std::string(url);
    return std::string(url.substr(0, host + 3)) + std::string(url.substr(at + 1));
  }
  static bool is_server(const std::string& url) {
    if (url.find_first_of("@?#") != url.npos || printable(url, 1000) != url) return false;
    const std::unique_ptr<GUri, decltype(&g_uri_unref)> uri(
        g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr), g_uri_unref);
    if (uri == nullptr) return false;
    const std::string_view scheme(g_uri_get_scheme(uri.get()));
    const char* host = g_uri_get_host(uri.get());
    return (scheme == "http" || scheme == "https") && host != nullptr && *host != '\0';
  }
};

/// Addresses of this machine, never names: nothing is looked up.
struct Addresses {
  std::string Config::*member;
  std::string range() const { return "IPv4 or IPv6 addresses, separated by commas"; }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    for (const auto item : text::items_of(text)) {
      const std::string address(item);
      in6_addr any{};
      if (::inet_pton(AF_INET, address.c_str(), &any) != 1 &&
          ::inet_pton(AF_INET6, address.c_str(), &any) != 1)
        return false;
    }
    config.*member = text;
    return true;
  }
};

struct Proxies {
  std::string Config::*member;
  std::string range() const {
    return "addresses and ranges like 192.0.2.7, 10.0.0.0/8 or fd00::/8, separated by commas, or "
           "none";
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    if (!door::AddressRanges::read(text)) return false;
    config.*member = text;
    return true;
  }
};

struct Url {
  std::string Config::*member;
  std::string range() const {
    return "http:// or https://, a host, perhaps a port and a path, without a query";
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    if (!http::read_public_url(text)) return false;
    config.*member = text;
    return true;
  }
};

/// A server that helps WebRTC through routers, as GStreamer spells it.
struct IceServer {
  std::string Config::*member;
  std::string_view scheme;  // without "://"
  std::string range() const {
    return scheme == "stun" ? "stun://HOST:PORT" : "turn://USER:PASSWORD@HOST:PORT";
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    std::string_view rest = text;
    if (!rest.starts_with(scheme)) return false;
    rest.remove_prefix(scheme.size());
    if (scheme == "turn" && rest.starts_with("s://")) rest.remove_prefix(1);
    if (!rest.starts_with("://") || text.size() > 512) return false;
    rest.remove_prefix(3);
    if (scheme == "turn") {
      const auto at = rest.rfind('@');
      const auto colon = rest.find(':');
      if (at == rest.npos || colon == 0 || colon + 1 >= at) return false;
      rest.remove_prefix(at + 1);
    }
    const auto colon = rest.rfind(':');
    const int port = colon == rest.npos ? 0 : number<int>(rest.substr(colon + 1)).value_or(0);
    const bool plain = std::ranges::all_of(rest, [](char c) {
      return text::is_alnum(c) || std::string_view(".-:[]_").find(c) != std::string_view::npos;
    });
    if (colon == 0 || port < 1 || port > 65535 || !plain || printable(text, 512) != text)
      return false;
    config.*member = text;
    return true;
  }
};

struct Text {
  std::string Config::*member;
  std::size_t most;
  std::string range() const {
    return "1 to " + show(most) + " bytes of UTF-8, not blank, no control characters";
  }
  std::string shown(const Config& config) const { return config.*member; }
  bool read(std::string_view text, Config& config) const {
    const bool blank = text.find_first_not_of(' ') == text.npos;
    if (blank || text.size() > most || printable(text, most) != text) return false;
    config.*member = text;
    return true;
  }
};

struct Setting {
  std::string_view option;
  const char* variable;
  std::string_view meaning;
  std::variant<Whole, Number, Seed, Switch, OneOf, Urls, Addresses, Proxies, Url, IceServer, Text>
      kind;

  std::string range() const {
    return std::visit([](const auto& kind) { return kind.range(); }, kind);
  }
  std::string shown(const Config& config) const {
    return std::visit([&](const auto& kind) { return kind.shown(config); }, kind);
  }
  bool read(std::string_view text, Config& config) const {
    return std::visit([&](const auto& kind) { return kind.read(text, config); }, kind);
  }
};

std::vector<std::string_view> genre_names() {
  std::vector<std::string_view> names;
  for (const auto& genre : music::kGenres) names.push_back(genre.name);
  return names;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> table{
      {"port", "RADIO_PORT", "where page, stream and API are found; 0 takes any free port",
       Whole{&Config::port, 0, 65535}},
      {"address", "RADIO_ADDRESS",
       "the address to listen on; :: is every IPv6 and IPv4 address, 0.0.0.0 every IPv4 address",
       Text{&Config::address, 64}},
      {"name", "RADIO_NAME", "what players show as the station's name", Text{&Config::name, 64}},
      {"max-listeners", "RADIO_MAX_LISTENERS", "how many may hear the stream at once",
       Whole{&Config::max_listeners, 1, 100000}},
      {"max-per-address", "RADIO_MAX_PER_ADDRESS",
       "connections, and likewise WebRTC sessions, that one client may have at once, 0 for any "
       "number; see RADIO_TRUSTED_PROXIES",
       Whole{&Config::max_per_address, 0, 100000}},
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
       Whole{&Config::max_peers, 1, 1000}},
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
       Whole{&Config::track_duration, music::kTrackDurations.low, music::kTrackDurations.high}},
      {"crossfade", "RADIO_CROSSFADE_DURATION", "how long two tracks are blended",
       Number{&Config::crossfade, music::kCrossfades.low, music::kCrossfades.high, "seconds"}},
      {"curve", "RADIO_CURVE", "how they are blended",
       OneOf{&Config::curve, {"smoothstep", "equal-power", "linear"}}},
      {"buffer-ahead", "RADIO_BUFFER_AHEAD", "tracks kept ready beside the one on air",
       Whole{&Config::buffer_ahead, 1, 20}},
      {"dwell-min", "RADIO_DWELL_MIN", "the shortest stay of Auto-DJ in a genre",
       Number{&Config::dwell_min, 1, 86400, "seconds"}},
      {"dwell-max", "RADIO_DWELL_MAX", "the longest",
       Number{&Config::dwell_max, 1, 86400, "seconds"}},
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
       OneOf{&Config::audio_format, {"flac", "mp3", "wav"}}},
      {"inference-steps", "RADIO_INFERENCE_STEPS",
       "its steps of inference; 0 is what suits the model",
       Whole{&Config::inference_steps, 0, 200}},
      {"guidance-scale", "RADIO_GUIDANCE_SCALE",
       "how closely it follows the caption; 0 is what suits the model",
       Number{&Config::guidance_scale, 0, 30}},
      {"shift", "RADIO_SHIFT", "its shift of time steps; 0 is what suits the model",
       Number{&Config::shift, 0, 10}},
      {"ollama-url", "OLLAMA_URL", "a language model for captions; not used by this version",
       Urls{&Config::ollama_url}},
      {"ollama-model", "OLLAMA_MODEL", "its name; likewise not used",
       Text{&Config::ollama_model, 200}},
  };
  return table;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::string help() {
  std::string text =
      "infinara: an endless radio\n\n"
      "usage: infinara [--OPTION=VALUE]...\n\n"
      "An option comes before its environment variable, that before the default.\n\n";
  const auto row = [&](std::string option, std::string variable, std::string value) {
    text += "  " + padded(std::move(option), 18) + padded(std::move(variable), 26) +
            std::move(value) + "\n";
  };
  row("option", "variable", "default");
  for (const auto& setting : settings()) {
    row("--" + std::string(setting.option), setting.variable, setting.shown({}));
    text += "      " + std::string(setting.meaning) + "; " + setting.range() + "\n";
  }
  return text + "  --help, --version\n";
}

Say wrong(std::string sentence) {
  return {std::move(sentence) + "\n", 2};
}

std::string quoted(std::string_view value) {
  return "\"" + printable(value) + "\"";
}

/// A key is not for the eyes of a log, nor is an address that may have a password in it.
std::string quoted(const Setting& setting, std::string_view value) {
  const std::string_view variable = setting.variable;
  const bool is_secret = variable.ends_with("_KEY") || variable == "RADIO_TURN_SERVER";
  const bool may_have_one =
      std::holds_alternative<Urls>(setting.kind) && value.find_first_of("@?") != value.npos;
  return is_secret || may_have_one ? "(not shown)" : quoted(value);
}

}  // namespace

std::variant<Config, Say> configure(std::span<const char* const> arguments,
                                    const Environment& environment) {
  Config config;
  for (const auto& setting : settings()) {
    const char* value = environment(setting.variable);
    if (value != nullptr && *value != '\0' && !setting.read(value, config))
      return wrong(std::string(setting.variable) + "=" + quoted(setting, value) + ": must be " +
                   setting.range());
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return Say{help(), 0};
    if (argument == "--version") return Say{"infinara " VERSION "\n", 0};
    const auto equals = argument.find('=');
    const auto found = std::ranges::find_if(settings(), [&](const Setting& setting) {
      return argument.starts_with("--") &&
             argument.substr(2, equals == argument.npos ? equals : equals - 2) == setting.option;
    });
    if (found == settings().end())
      return wrong(quoted(argument) + ": no such option; --help lists them");
    const std::string option = "--" + std::string(found->option);
    if (equals == argument.npos && i + 1 == arguments.size())
      return wrong(option + ": a value is missing: " + found->range());
    const std::string_view value =
        equals == argument.npos ? arguments[++i] : argument.substr(equals + 1);
    if (!found->read(value, config))
      return wrong(option + "=" + quoted(*found, value) + " (" + found->variable + "): must be " +
                   found->range());
  }
  if (config.dwell_min > config.dwell_max)
    return wrong("RADIO_DWELL_MIN=" + quoted(show(config.dwell_min)) +
                 ": must be seconds from 1 to RADIO_DWELL_MAX=" + quoted(show(config.dwell_max)));
  const auto durations = track_durations(config);
  if (!durations.contains(config.track_duration))
    return wrong("RADIO_TRACK_DURATION=" + quoted(show(config.track_duration)) +
                 ": must be a whole number from " + show(durations.low) + " to " +
                 show(durations.high) + " with ACESTEP_API_URL");
  return config;
}

music::Range<int> track_durations(const Config& config) {
  return config.acestep_url.empty() ? music::kTrackDurations : music::kMadeElsewhere;
}

std::vector<std::string> webrtc_addresses(const Config& config) {
  if (!config.webrtc_addresses.empty()) {
    const auto items = text::items_of(config.webrtc_addresses);
    return {items.begin(), items.end()};
  }
  // A station that keeps to one address does so with all it sends.
  if (config.address == "localhost") return {"127.0.0.1"};
  in6_addr any{};
  const bool one = config.address != "0.0.0.0" && config.address != "::" &&
                   (::inet_pton(AF_INET, config.address.c_str(), &any) == 1 ||
                    ::inet_pton(AF_INET6, config.address.c_str(), &any) == 1);
  return one ? std::vector{config.address} : std::vector<std::string>{};
}

void forget_variables() {
  for (const auto& setting : settings()) ::unsetenv(setting.variable);
}

}  // namespace infinara::config

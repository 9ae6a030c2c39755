// SPDX-License-Identifier: Apache-2.0
#include "app/api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "app/api_memory.hpp"
#include "app/descriptions.hpp"
#include "app/fields.hpp"
#include "app/metrics.hpp"
#include "door/head.hpp"
#include "http/pages.hpp"
#include "http/routes.hpp"
#include "json/json.hpp"
#include "music/genre.hpp"
#include "text/ascii.hpp"
#include "text/printable.hpp"

namespace infinara::app {

using station::kOutputs;
using station::output_at;

namespace {

using station::Health;
using station::PlaySettings;
using station::When;

using json::Fields;
using json::Object;

using http::reply_of;

std::string in_quotes(std::string_view text) {
  return "\"" + text::printable(text, 60) + "\"";
}

/// Takes the field out if it says "auto".
bool take_auto(Fields& fields, const char* name) {
  const auto found = fields.find(name);
  const auto* text = found == fields.end() ? nullptr : std::get_if<std::string>(&found->second);
  if (text == nullptr || *text != kAuto) return false;
  fields.erase(found);
  return true;
}

Reply get_status(const Request& request, Endpoints& endpoints) {
  const Reply& status = endpoints.status();
  if (!http::is_known(request.if_none_match, status.headers.front().second)) return status;
  return {.status = 304, .headers = status.headers};
}

Reply get_genres(const Request&, Endpoints&) {
  return reply_of(genres_json());
}

/// What maps the time of a player to output positions: docs/api.md, "How a player knows where it
/// is".
Reply get_position(const Request& request, Endpoints& endpoints) {
  return reply_of(json_of(endpoints.radio().clock(door::value_in(request.query, "listener"))));
}

/// For a page to learn whether it must ask its user, and whether what it was given is right.
Reply get_access(const Request& request, Endpoints& endpoints) {
  const http::Secrets& secrets = endpoints.secrets();
  return reply_of(Object()
                      .set("listen_password", !secrets.listen_password.empty())
                      .set("control_token", !secrets.control_token.empty())
                      .set("may_listen", request.rights.listen)
                      .set("may_control", request.rights.control));
}

Reply get_listeners(const Request&, Endpoints& endpoints) {
  return reply_of(listeners_json(endpoints.radio()));
}

/// Adds which settings the next start will not have, and why.
void tell_not_kept(const std::map<std::string, std::string>& reasons, Object& reply) {
  Object not_kept;
  for (const auto& [setting, why] : reasons)
    if (!why.empty()) not_kept.set(setting, why);
  if (not_kept.text() != "{}") reply.set("not_kept", not_kept);
}

Reply post_genre(const Request& request, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  const auto fields = fields_of(request, R"({"genre":"jazz","when":"queue"})");
  const auto genre = needed<std::string>(fields, "genre", "the name of a genre in quotes");
  const auto when = field<std::string>(fields, "when", R"("queue" or "now")").value_or("queue");
  if (music::find_genre(genre) == nullptr)
    throw Refused{400, "unknown genre " + in_quotes(genre) + "; there are " + music::genre_names()};
  if (when != "queue" && when != "now") throw Refused{400, R"(when must be "queue" or "now")"};
  endpoints.admit(request);
  radio.change_genre(genre, when == "now" ? When::kNow : When::kQueue);
  Object reply = Object().set("ok", true).set("genre", genre).set("when", when);
  tell_not_kept({{"genre", endpoints.keep("RADIO_GENRE", genre)}}, reply);
  return reply_of(reply);
}

Reply post_skip(const Request& request, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  endpoints.admit(request, true);
  radio.skip();
  return reply_of(Object().set("ok", true));
}

Reply post_auto_dj(const Request& request, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  const auto fields = fields_of(request, R"({"enabled":true})");
  PlaySettings play_settings = radio.play_settings();
  play_settings.auto_dj = needed<bool>(fields, "enabled", "true or false");
  endpoints.admit(request);
  radio.change_settings(play_settings);
  Object reply = Object().set("ok", true).set("auto_dj", play_settings.auto_dj);
  tell_not_kept(
      {{"auto_dj", endpoints.keep("RADIO_AUTO_DJ", play_settings.auto_dj ? "on" : "off")}}, reply);
  return reply_of(reply);
}

Reply get_config(const Request&, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  return reply_of(config_json(radio.play_settings()).set("ok", true));
}

Reply post_config(const Request& request, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  auto fields = fields_of(request, R"({"track_duration":90,"crossfade":18})");
  PlaySettings play_settings = radio.play_settings();
  const auto durations = radio.track_durations();
  const auto duration_range = std::to_string(durations.low) + "-" + std::to_string(durations.high) +
                              ", a whole number of seconds, or \"auto\"";
  const auto crossfade_range = json::text_of(music::kCrossfades.low) + "-" +
                               json::text_of(music::kCrossfades.high) + ", a number of seconds";
  const bool drawn = take_auto(fields, "track_duration");
  const auto duration = field<double>(fields, "track_duration", duration_range.c_str());
  const auto crossfade = field<double>(fields, "crossfade", crossfade_range.c_str());
  if (duration && (!durations.contains(*duration) || *duration != std::floor(*duration)))
    throw Refused{400, "track_duration must be " + duration_range};
  if (crossfade && !music::kCrossfades.contains(*crossfade))
    throw Refused{400, "crossfade must be " + crossfade_range};
  if (drawn) play_settings.track_duration = 0;
  if (duration) play_settings.track_duration = static_cast<int>(*duration);
  if (crossfade) play_settings.crossfade = *crossfade;
  if (drawn || duration || crossfade) endpoints.admit(request);
  if (drawn || duration || crossfade) radio.change_settings(play_settings);
  std::map<std::string, std::string> not_kept;
  if (drawn || duration)
    not_kept["track_duration"] =
        endpoints.keep("RADIO_TRACK_DURATION",
                       drawn ? std::string(kAuto) : std::to_string(play_settings.track_duration));
  if (crossfade)
    not_kept["crossfade"] =
        endpoints.keep("RADIO_CROSSFADE_DURATION", json::text_of(play_settings.crossfade));
  Object reply = config_json(play_settings).set("ok", true);
  tell_not_kept(not_kept, reply);
  return reply_of(reply);
}

Reply get_health(const Request&, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  const Health health = radio.health();
  if (!health.good) return reply_of(Refused{503, health.reason});
  return reply_of(Object().set("ok", true).set("position", to_tenths(health.position)));
}

Reply get_metrics(const Request&, Endpoints& endpoints) {
  return {.type = "text/plain; version=0.0.4; charset=utf-8",
          .body = metrics_text(endpoints.radio(), endpoints.event_clients(), process_figures()),
          .headers = {{"Cache-Control", "no-store"}}};
}

/// Where players find `path`.
std::string url_of(const Request& request, std::string_view path) {
  return std::string(request.base) + std::string(path);
}

Reply list(std::string type, std::string body) {
  return {
      .type = std::move(type), .body = std::move(body), .headers = {{"Cache-Control", "no-store"}}};
}

Reply get_m3u(const Request& request, Endpoints& endpoints) {
  std::string text = "#EXTM3U\n";
  for (const auto& output : kOutputs)
    text += "#EXTINF:-1," + endpoints.radio().name() + "\n" + url_of(request, output.path) + "\n";
  return list("audio/x-mpegurl", std::move(text));
}

Reply get_pls(const Request& request, Endpoints& endpoints) {
  std::string text = "[playlist]\n";
  int number = 0;
  for (const auto& output : kOutputs) {
    const std::string n = std::to_string(++number);
    text += "File" + n + "=" + url_of(request, output.path) + "\nTitle" + n + "=" +
            endpoints.radio().name() + "\nLength" + n + "=-1\n";
  }
  return list("audio/x-scpls",
              text + "NumberOfEntries=" + std::to_string(number) + "\nVersion=2\n");
}

Reply get_icecast_status(const Request& request, Endpoints& endpoints) {
  return reply_of(Object().set(
      "icestats", icecast_json(endpoints.radio(), door::value_in(request.query, "mount"),
                               request.base, endpoints.started())));
}

/// The description of this API; its source is docs/openapi.json.
Reply get_openapi(const Request& request, Endpoints&) {
  return http::page_reply(*http::find_page("/openapi.json"), request);
}

using Route = http::Route<Endpoints>;

constexpr std::array kApiRoutes{
    Route{.path = "/api/openapi.json", .get = get_openapi, .is_open = true},
    Route{.path = "/api/status", .get = get_status, .is_open = true},
    Route{.path = "/api/events", .is_open = true, .is_sent_apart = true},
    Route{.path = "/api/position", .get = get_position, .is_open = true},
    Route{.path = "/api/access", .get = get_access},
    Route{.path = "/api/genres", .get = get_genres},
    Route{.path = "/api/listeners", .get = get_listeners, .needs_control = true, .is_open = true},
    Route{.path = "/api/history", .get = get_history, .is_open = true},
    Route{.path = "/api/tracks/", .get = get_track, .is_open = true},
    Route{.path = "/api/rate", .post = post_rate, .is_for_listeners = true},
    Route{.path = "/status-json.xsl", .get = get_icecast_status, .is_open = true},
    Route{.path = "/api/genre", .post = post_genre},
    Route{.path = "/api/skip", .post = post_skip},
    Route{.path = "/api/autodj", .post = post_auto_dj},
    Route{.path = "/api/config", .get = get_config, .post = post_config},
    Route{.path = "/healthz", .get = get_health},
    Route{.path = "/metrics", .get = get_metrics, .needs_control = true},
    Route{.path = "/listen.m3u", .get = get_m3u, .is_open = true},
    Route{.path = "/listen.pls", .get = get_pls, .is_open = true},
};

/// Those of the API, then one for each output.
constexpr auto kRoutes = [] {
  std::array<Route, kApiRoutes.size() + kOutputs.size()> routes{};
  const auto rest = std::ranges::copy(kApiRoutes, routes.begin()).out;
  std::ranges::transform(kOutputs, rest, [](const station::Output& output) {
    return Route{
        .path = output.path, .needs_listening = true, .is_open = true, .is_sent_apart = true};
  });
  return routes;
}();

/// Tells two texts apart; not meant to withstand an attacker.
std::string etag_of(std::string_view text) {
  char hex[20];
  const auto hash = std::hash<std::string_view>()(text);
  return "\"" + std::string(hex, std::to_chars(hex, hex + sizeof hex, hash, 16).ptr) + "\"";
}

}  // namespace

Endpoints::Endpoints(Radio& radio, memory::Memory& memory, ApiSettings settings,
                     std::function<cast::Totals()> event_clients)
    : radio_(radio),
      memory_(memory),
      settings_(std::move(settings)),
      limits_(settings_.limits),
      event_clients_(std::move(event_clients)),
      started_(std::time(nullptr)) {}

void Endpoints::admit(const Request& request, bool is_skip) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const double wait = limits_.admit(door::Address::of(request.from), is_skip,
                                    std::chrono::duration<double>(now).count());
  if (wait > 0)
    throw Refused{429, "too many changes in a short time, try again soon",
                  static_cast<int>(std::ceil(wait))};
}

std::string Endpoints::keep(const std::string& variable, const std::string& value) {
  if (settings_.explicitly_set.contains(variable))
    return variable + " is set, and counts at the next start";
  memory_.set(variable, value);
  const std::string fault = memory_.fault();
  return fault.empty() ? "" : "nothing is saved: " + fault;
}

bool Endpoints::has(std::string_view path) {
  return output_at(path) || http::find_route<Endpoints>(kRoutes, path) != nullptr ||
         http::find_page(path) != nullptr;
}

std::vector<std::string_view> Endpoints::paths() {
  std::vector<std::string_view> paths;
  for (const Route& route : kRoutes) paths.push_back(route.path);
  return paths;
}

const Reply& Endpoints::status() {
  const auto revision = radio_.revision();
  if (revision_ != revision) {
    std::string text = status_json(radio_, memory_) + "\n";
    std::string etag = etag_of(text);
    status_ = {.body = std::move(text),
               .headers = {{"ETag", std::move(etag)}, {"Cache-Control", "no-cache"}}};
    revision_ = revision;
  }
  return status_;
}

Reply Endpoints::answer(const Request& request) {
  Request asked = request;
  if (const auto output = output_at(request.path)) asked.path = kOutputs[*output].path;
  return http::reply_by<Endpoints>(kRoutes, asked, *this);
}

}  // namespace infinara::app

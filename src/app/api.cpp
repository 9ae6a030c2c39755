// SPDX-License-Identifier: Apache-2.0
#include "app/api.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "app/api_memory.hpp"
#include "app/fields.hpp"
#include "app/metrics.hpp"
#include "door/head.hpp"
#include "http/pages.hpp"
#include "http/routes.hpp"
#include "json/json.hpp"
#include "music/genre.hpp"
#include "music/mood_graph.hpp"
#include "text/ascii.hpp"
#include "text/printable.hpp"

namespace infinara::app {

using station::kOutputs;
using station::output_at;

namespace {

using station::Blend;
using station::Detail;
using station::Generation;
using station::Health;
using station::Listening;
using station::Now;
using station::PlaySettings;
using station::Positions;
using station::Stream;
using station::When;

using json::Fields;
using json::list_of;
using json::Object;

using http::reply_of;

std::string in_quotes(std::string_view text) {
  return "\"" + text::printable(text, 60) + "\"";
}

constexpr std::string_view kAuto = "auto";  // a length drawn for each track

/// Takes the field out if it says "auto".
bool take_auto(Fields& fields, const char* name) {
  const auto found = fields.find(name);
  const auto* text = found == fields.end() ? nullptr : std::get_if<std::string>(&found->second);
  if (text == nullptr || *text != kAuto) return false;
  fields.erase(found);
  return true;
}

double to_tenths(double seconds) {
  return std::round(seconds * 10) / 10;
}

Object config_of(const PlaySettings& play_settings) {
  Object config;
  config.set("crossfade", play_settings.crossfade);
  if (play_settings.track_duration == 0) return config.set("track_duration", kAuto);
  return config.set("track_duration", play_settings.track_duration);
}

Object describe(const music::Track& track) {
  return Object()
      .set("track_id", std::to_string(track.order.id))
      .set("track_name", track.name())
      .set("genre", track.order.genre)
      .set("caption", track.order.caption)
      .set("duration", to_tenths(track.duration()));
}

Object describe(const Listening& one) {
  return Object()
      .set("agent", one.agent)
      .set("since", to_tenths(one.since))
      .set("lag", to_tenths(one.lag))
      .set("bytes", one.bytes);
}

Object describe(const Stream& stream) {
  return Object()
      .set("path", stream.path)
      .set("listeners", stream.listeners)
      .set("joined", stream.joined)
      .set("dropped", stream.dropped)
      .set("bytes_sent", stream.bytes_sent)
      .set("delay", to_tenths(stream.delay));
}

/// Addresses stay in the house: this is open to the pages of every site.
Object describe_listeners(const Stream& stream) {
  return Object()
      .set("path", stream.path)
      .set("listeners", stream.listeners)
      .raw("list", list_of(stream.list, [](const Listening& one) { return describe(one).text(); }));
}

Object describe(const onair::Job& job) {
  return Object()
      .set("genre", job.genre)
      .set("progress", std::round(job.progress * 100) / 100)
      .set("stage", job.stage)
      .set("age", std::round(job.age))
      .set("wanted", job.wanted);
}

Object describe(const onair::Server& server) {
  return Object()
      .set("url", server.url)
      .set("state", server.state)
      .set("reason", server.reason)
      .set("model", server.model)
      .set("running", server.running)
      .set("waiting", server.waiting)
      .set("seconds_per_second", std::round(server.seconds_per_second * 1000) / 1000)
      .set("last_error", server.last_error)
      .set("note", server.note)
      .set("delivery", server.delivery)
      .raw("jobs",
           list_of(server.jobs, [](const onair::Job& job) { return describe(job).text(); }));
}

Object describe(const Blend& blend) {
  return Object()
      .set("from", std::to_string(blend.from))
      .set("to", std::to_string(blend.to))
      .set("remaining", to_tenths(blend.remaining))
      .set("begin", blend.begin)
      .set("end", blend.end)
      .set("plan", blend.plan);
}

Object describe(const Positions& positions) {
  return Object()
      .set("on_air", positions.on_air)
      .set("start", positions.start)
      .set("genre", positions.genre)
      .set("dwell_end", positions.dwell_end)
      .set("next", positions.next);
}

Reply get_status(const Request& request, Endpoints& endpoints) {
  const Reply& status = endpoints.status();
  if (!http::is_known(request.if_none_match, status.headers.front().second)) return status;
  return {.status = 304, .headers = status.headers};
}

/// The mood graph.
Reply get_genres(const Request&, Endpoints&) {
  const auto describe_genre = [](const music::Genre& genre) {
    const auto neighbours = music::kMoodGraph.neighbours(music::index_of(genre));
    return Object()
        .set("name", genre.name)
        .raw("bpm", list_of(std::array{genre.bpm_low, genre.bpm_high},
                            [](int bpm) { return std::to_string(bpm); }))
        .raw("neighbours", list_of(neighbours,
                                   [](music::GenreIndex neighbour) {
                                     return json::text_of(music::kGenres.at(neighbour).name);
                                   }))
        .text();
  };
  return reply_of(Object().raw("genres", list_of(music::kGenres, describe_genre)));
}

Object describe_clock(Object object, const station::Clock& clock) {
  return object.set("programme", clock.programme)
      .set("output", clock.output)
      .raw("rtp", clock.rtp ? Object()
                                  .set("timestamp", clock.rtp->timestamp)
                                  .set("position", clock.rtp->position)
                                  .text()
                            : "null");
}

/// What maps the time of a player to output positions: README, "How a player knows where it is".
Reply get_position(const Request& request, Endpoints& endpoints) {
  const auto clock = endpoints.radio().clock(door::value_in(request.query, "listener"));
  Object object = describe_clock({}, clock);
  object.raw("listener", "null");
  if (clock.listener) object.set("listener", *clock.listener);
  return reply_of(object);
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
  Radio& radio = endpoints.radio();
  return reply_of(
      Object()
          .set("webrtc_listeners", radio.now().peers)
          .raw("streams", list_of(radio.streams(Detail::kEachListener), [](const Stream& one) {
                 return describe_listeners(one).text();
               })));
}

std::string render_status(Radio& radio, const memory::Memory& memory) {
  const Now now = radio.now();
  const PlaySettings play_settings = radio.play_settings();
  const Generation generation = radio.generation();
  // Silence is empty strings and zeros, as before the first track.
  const music::Track on_air = now.on_air.value_or(music::Track{});
  const std::string fault = memory.fault();
  Object object = describe(on_air);
  if (!now.on_air) object.set("track_id", "");
  object.set("artist", on_air.artist)
      .set("position", to_tenths(now.position))
      .set("lyrics", "")
      .set("auto_dj", play_settings.auto_dj)
      .set("dj_genre", now.dj_genre)
      .set("dwell_remaining", std::round(now.dwell_remaining))
      .set("queue_size", now.ready)
      .set("http_listeners", now.listeners)
      .raw("streams", list_of(radio.streams(Detail::kSums),
                              [](const Stream& one) { return describe(one).text(); }))
      .set("webrtc_listeners", now.peers)
      .set("memory", Object().set("saved", fault.empty()).set("reason", fault))
      .set("idle", false)  // it plays on, whoever listens
      .set("config", config_of(play_settings)
                         .set("model", on_air.generator)
                         .set("llm_model", "")  // none is asked
                         .set("audio_format", generation.audio_format)
                         .set("inference_steps", generation.inference_steps)
                         .set("guidance_scale", generation.guidance_scale)
                         .set("shift", generation.shift))
      .raw("servers",
           list_of(now.servers, [](const onair::Server& one) { return describe(one).text(); }))
      .raw("genres",
           list_of(music::kGenres, [](const music::Genre& one) { return json::text_of(one.name); }))
      .raw("next", now.next ? describe(*now.next).text() : "null")
      .raw("fade", now.blend ? describe(*now.blend).text() : "null")
      .set("positions", describe_clock(describe(now.positions), radio.clock("")));
  return object.text() + "\n";
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
  if (music::find_genre(genre) == nullptr) {
    std::string error = "unknown genre " + in_quotes(genre) + "; there are";
    for (const auto& known : music::kGenres)
      error += (&known == &music::kGenres.front() ? " " : ", ") + std::string(known.name);
    throw Refused{400, error};
  }
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
  return reply_of(config_of(radio.play_settings()).set("ok", true));
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
  Object reply = config_of(play_settings).set("ok", true);
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

/// A time in the two ways in which Icecast writes it.
void set_time(Object& object, const std::string& name, std::time_t time) {
  std::string date = http::date_of(time);
  date.replace(date.find("GMT"), 3, "+0000");
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char iso[32] = "";
  std::strftime(iso, sizeof iso, "%Y-%m-%dT%H:%M:%S+0000", &utc);
  object.set(name, date).set(name + "_iso8601", iso);
}

/// As Icecast 2.4 answers, whose widgets and monitors read it: one source is an object, several are
/// a list, none is no member. `?mount=/stream` asks for one.
/// "ARTIST - TITLE", as the streams tell it.
std::string stream_title(const Now& now) {
  const music::Track& track = *now.on_air;
  return (track.artist.empty() ? "" : track.artist + " - ") + track.name();
}

Reply get_icecast_status(const Request& request, Endpoints& endpoints) {
  Radio& radio = endpoints.radio();
  const Now now = radio.now();
  const std::string mount = door::value_in(request.query, "mount");
  std::vector<std::string> sources;
  for (const Stream& stream : radio.streams(Detail::kSums)) {
    if (!mount.empty() && stream.path != mount) continue;
    Object source;
    source.set("listeners", stream.listeners)
        .set("listener_peak", stream.most_listeners)
        .set("listenurl", url_of(request, stream.path))
        .set("server_name", radio.name())
        .set("server_description", radio.name())
        .set("server_type", stream.type)
        .set("genre", now.on_air ? now.on_air->order.genre : now.dj_genre)
        .set("title", now.on_air ? stream_title(now) : "")
        .raw("dummy", "null");
    if (stream.bitrate > 0)
      source.set("bitrate", stream.bitrate).set("ice-bitrate", stream.bitrate);
    set_time(source, "stream_start", endpoints.started());
    sources.push_back(source.text());
  }
  const auto scheme = request.base.find("://");
  const auto host =
      scheme == request.base.npos ? std::string_view() : request.base.substr(scheme + 3);
  Object all;
  all.set("server_id", "Infinara " VERSION)
      .set("host", host.substr(0, host.find_first_of(
                                      "/:", host.rfind(']') == host.npos ? 0 : host.rfind(']'))))
      .set("admin", "")
      .set("location", "")
      .raw("dummy", "null");
  set_time(all, "server_start", endpoints.started());
  if (sources.size() == 1) all.raw("source", sources.front());
  if (sources.size() > 1)
    all.raw("source", list_of(sources, [](const std::string& source) { return source; }));
  return reply_of(Object().set("icestats", all));
}

using Route = http::Route<Endpoints>;

constexpr std::array kApiRoutes{
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

std::string status_json(Radio& radio, const memory::Memory& memory) {
  std::string text = render_status(radio, memory);
  text.pop_back();  // the line's end
  return text;
}

Object settings_json(Radio& radio) {
  const PlaySettings play_settings = radio.play_settings();
  return config_of(play_settings).set("auto_dj", play_settings.auto_dj);
}

Object json_of(const station::Wish& wish, Radio& radio) {
  Object object;
  object.set("genre", wish.genre).set("when", wish.when == When::kNow ? "now" : "queue");
  object.set("position", radio.clock("").output).raw("expected", "null");
  if (wish.expected) object.set("expected", *wish.expected);
  return object;
}

Object json_of(const onair::Servers& servers) {
  return Object()
      .set("position", station::samples_of(servers.position))
      .raw("servers",
           list_of(servers.servers, [](const onair::Server& one) { return describe(one).text(); }));
}

std::optional<Event> event_of(const onair::Message& message, Radio& radio) {
  Object object;
  object.set("position",
             std::visit([](const auto& x) { return station::samples_of(x.position); }, message));
  if (const auto* on_air = std::get_if<onair::OnAir>(&message)) {
    const auto clock = radio.clock("");
    Object track = describe(on_air->track);
    track.set("artist", on_air->track.artist)
        .set("start", station::samples_of(on_air->start))
        .set("position", station::samples_of(on_air->position));
    return Event{"on_air", describe_clock(std::move(track), clock)};
  }
  if (const auto* fade = std::get_if<onair::Fade>(&message)) {
    object.set("end", station::samples_of(fade->end))
        .set("from", std::to_string(fade->from))
        .set("to", std::to_string(fade->to))
        .set("plan", fade->plan);
    return Event{"fade", object};
  }
  if (const auto* genre = std::get_if<onair::GenreDecided>(&message)) {
    object.set("genre", genre->genre)
        .set("reason", genre->reason)
        .set("dwell_end", station::samples_of(genre->dwell_end));
    return Event{"genre", object};
  }
  if (const auto* next = std::get_if<onair::Next>(&message)) {
    object.set("ready", next->ready)
        .raw("next", next->track.order.id != 0 ? describe(next->track).text() : "null");
    return Event{"next", object};
  }
  if (const auto* generator = std::get_if<onair::Generator>(&message)) {
    object.set("name", generator->name).set("up", generator->up).set("reason", generator->reason);
    return Event{"generator", object};
  }
  return {};
}

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

const Reply& Endpoints::status() {
  const auto revision = radio_.revision();
  if (revision_ != revision) {
    std::string text = render_status(radio_, memory_);
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

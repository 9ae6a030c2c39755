// SPDX-License-Identifier: Apache-2.0
#include "station/api.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "music/genre.hpp"
#include "station/json.hpp"
#include "station/pages.hpp"
#include "text/ascii.hpp"
#include "text/printable.hpp"

namespace infinara::station {
namespace {

using json::Fields;
using json::list_of;
using json::Object;

/// What a client got wrong, or the radio cannot do; becomes the reply.
struct Refused {
  int status;
  std::string error;
};

Reply reply(const Object& object, int status = 200) {
  return {
      .status = status, .body = object.text() + "\n", .headers = {{"Cache-Control", "no-store"}}};
}

Reply reply(const Refused& refused) {
  return reply(Object().set("ok", false).set("error", refused.error), refused.status);
}

std::string quoted(std::string_view text) {
  return "\"" + text::printable(text, 60) + "\"";
}

/// The fields of the body; `like` is an example of a good one.
Fields fields_of(const Request& request, const char* like) {
  auto read = json::read_object(request.body);
  if (const auto* fault = std::get_if<json::Fault>(&read))
    throw Refused{request.body.size() > json::kMostBytes ? 413 : 400,
                  std::string("the body must be a JSON object like ") + like + "; " + fault->why};
  return std::get<Fields>(std::move(read));
}

/// The value of a field that must have type T; nothing if it is absent.
template <class T>
std::optional<T> field(const Fields& fields, const char* name, const char* must_be) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  const auto* value = std::get_if<T>(&found->second);
  if (value == nullptr) throw Refused{400, std::string(name) + " must be " + must_be};
  return *value;
}

template <class T>
T needed(const Fields& fields, const char* name, const char* must_be) {
  auto value = field<T>(fields, name, must_be);
  if (!value) throw Refused{400, std::string(name) + " is missing; it must be " + must_be};
  return *std::move(value);
}

double to_tenths(double seconds) {
  return std::round(seconds * 10) / 10;
}

Object config_of(const Wishes& wishes) {
  return Object().set("crossfade", wishes.crossfade).set("track_duration", wishes.track_duration);
}

Object describe(const music::Order& order) {
  return Object()
      .set("track_id", std::to_string(order.id))
      .set("track_name", order.title)
      .set("genre", order.genre)
      .set("caption", order.caption)
      .set("duration", to_tenths(order.duration));
}

Object describe(const Listening& one) {
  return Object()
      .set("agent", one.agent)
      .set("since", to_tenths(one.since))
      .set("lag", to_tenths(one.lag))
      .set("bytes", one.bytes);
}

/// Addresses stay in the house: this is open to the pages of every site.
Object describe(const Stream& stream) {
  return Object()
      .set("path", stream.path)
      .set("listeners", stream.listeners)
      .set("joined", stream.joined)
      .set("dropped", stream.dropped)
      .set("bytes_sent", stream.bytes_sent)
      .set("delay", to_tenths(stream.delay))
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
      .raw("jobs",
           list_of(server.jobs, [](const onair::Job& job) { return describe(job).text(); }));
}

Object describe(const Blend& blend) {
  return Object()
      .set("from", std::to_string(blend.from))
      .set("to", std::to_string(blend.to))
      .set("remaining", to_tenths(blend.remaining));
}

Reply get_status(const Request&, Radio& radio) {
  const Now now = radio.now();
  const Wishes wishes = radio.wishes();
  const Generation generation = radio.generation();
  // Silence is empty strings and zeros, as before the first track.
  Object object = describe(now.on_air.value_or(music::Order{}));
  if (!now.on_air) object.set("track_id", "");
  object.set("position", to_tenths(now.position))
      .set("lyrics", "")
      .set("auto_dj", wishes.auto_dj)
      .set("dj_genre", now.dj_genre)
      .set("dwell_remaining", std::round(now.dwell_remaining))
      .set("queue_size", now.ready)
      .set("http_listeners", now.listeners)
      .raw("streams",
           list_of(radio.streams(), [](const Stream& one) { return describe(one).text(); }))
      .set("webrtc_listeners", now.peers)
      .set("idle", false)  // it plays on, whoever listens
      .set("config", config_of(wishes)
                         .set("model", now.generator)
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
      .raw("fade", now.blend ? describe(*now.blend).text() : "null");
  return reply(object);
}

Reply post_genre(const Request& request, Radio& radio) {
  const auto fields = fields_of(request, R"({"genre":"jazz","when":"queue"})");
  const auto genre = needed<std::string>(fields, "genre", "the name of a genre in quotes");
  const auto when = field<std::string>(fields, "when", R"("queue" or "now")").value_or("queue");
  if (music::find_genre(genre) == nullptr) {
    std::string error = "unknown genre " + quoted(genre) + "; there are";
    for (const auto& known : music::kGenres)
      error += (&known == &music::kGenres.front() ? " " : ", ") + std::string(known.name);
    throw Refused{400, error};
  }
  if (when != "queue" && when != "now") throw Refused{400, R"(when must be "queue" or "now")"};
  radio.change_genre(genre, when == "now" ? When::kNow : When::kQueue);
  return reply(Object().set("ok", true).set("genre", genre).set("when", when));
}

Reply post_skip(const Request&, Radio& radio) {
  radio.skip();
  return reply(Object().set("ok", true));
}

Reply post_auto_dj(const Request& request, Radio& radio) {
  const auto fields = fields_of(request, R"({"enabled":true})");
  Wishes wishes = radio.wishes();
  wishes.auto_dj = needed<bool>(fields, "enabled", "true or false");
  radio.wish(wishes);
  return reply(Object().set("ok", true).set("auto_dj", wishes.auto_dj));
}

Reply get_config(const Request&, Radio& radio) {
  return reply(config_of(radio.wishes()).set("ok", true));
}

Reply post_config(const Request& request, Radio& radio) {
  const auto fields = fields_of(request, R"({"track_duration":90,"crossfade":18})");
  static constexpr auto kDuration = "15-300, a whole number of seconds";
  static constexpr auto kCrossfade = "1-30, a number of seconds";
  Wishes wishes = radio.wishes();
  const auto duration = field<double>(fields, "track_duration", kDuration);
  const auto crossfade = field<double>(fields, "crossfade", kCrossfade);
  if (duration && (*duration < 15 || *duration > 300 || *duration != std::floor(*duration)))
    throw Refused{400, std::string("track_duration must be ") + kDuration};
  if (crossfade && (*crossfade < 1 || *crossfade > 30))
    throw Refused{400, std::string("crossfade must be ") + kCrossfade};
  if (duration) wishes.track_duration = static_cast<int>(*duration);
  if (crossfade) wishes.crossfade = *crossfade;
  if (duration || crossfade) radio.wish(wishes);
  return reply(config_of(wishes).set("ok", true));
}

Reply get_health(const Request&, Radio& radio) {
  const Health health = radio.health();
  if (!health.good) return reply(Refused{503, health.reason});
  return reply(Object().set("ok", true).set("position", to_tenths(health.position)));
}

/// Where players find `path`: at the host by which they found this. The door lets no Host in that
/// is not one; what is left of HTTP/1.0 without one cannot be told.
std::string url_of(const Request& request, std::string_view path) {
  const bool plain = std::ranges::all_of(request.host, [](char c) {
    return text::is_alnum(c) || std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
  if (request.host.empty() || !plain)
    throw Refused{400, "the request must say by which Host it was sent"};
  const bool secure = request.forwarded_proto == "https";  // a proxy in front of us
  return (secure ? "https://" : "http://") + std::string(request.host) + std::string(path);
}

Reply list(std::string type, std::string body) {
  return {
      .type = std::move(type), .body = std::move(body), .headers = {{"Cache-Control", "no-store"}}};
}

Reply get_m3u(const Request& request, Radio& radio) {
  std::string text = "#EXTM3U\n";
  for (const auto path : kStreamPaths)
    text += "#EXTINF:-1," + radio.name() + "\n" + url_of(request, path) + "\n";
  return list("audio/x-mpegurl", std::move(text));
}

Reply get_pls(const Request& request, Radio& radio) {
  std::string text = "[playlist]\n";
  int number = 0;
  for (const auto path : kStreamPaths) {
    const std::string n = std::to_string(++number);
    text += "File" + n + "=" + url_of(request, path) + "\nTitle" + n + "=" + radio.name() +
            "\nLength" + n + "=-1\n";
  }
  return list("audio/x-scpls",
              text + "NumberOfEntries=" + std::to_string(number) + "\nVersion=2\n");
}

using Answer = Reply (*)(const Request&, Radio&);

struct Route {
  std::string_view path;
  Answer get;  // and HEAD
  Answer post;
  bool open;  // to the scripts of other sites
};

constexpr std::array kRoutes{
    Route{"/api/status", get_status, nullptr, true},
    Route{"/api/genre", nullptr, post_genre, false},
    Route{"/api/skip", nullptr, post_skip, false},
    Route{"/api/autodj", nullptr, post_auto_dj, false},
    Route{"/api/config", get_config, post_config, false},
    Route{"/healthz", get_health, nullptr, false},
    Route{"/listen.m3u", get_m3u, nullptr, true},
    Route{"/listen.pls", get_pls, nullptr, true},
    // The sound itself never comes here: the server keeps GET and HEAD of it.
    Route{kStreamPaths[0], nullptr, nullptr, true},
    Route{kStreamPaths[1], nullptr, nullptr, true},
};

Reply page(const Page& page, const Request& request) {
  Reply reply{.type = std::string(page.type),
              .headers = {{"ETag", page.etag},
                          {"Cache-Control", "no-cache"},
                          {"Content-Security-Policy",
                           "default-src 'self'; base-uri 'none'; form-action 'none'; "
                           "frame-ancestors 'none'"},
                          {"Referrer-Policy", "no-referrer"}}};
  if (request.if_none_match.find(page.etag) != std::string_view::npos ||
      request.if_none_match == "*")
    reply.status = 304;
  else
    reply.body = page.bytes;
  return reply;
}

Reply route(const Request& request, Radio& radio) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const auto* found = std::ranges::find(kRoutes, request.path, &Route::path);
  const Page* file = found == kRoutes.end() ? find_page(request.path) : nullptr;
  if (found == kRoutes.end() && file == nullptr) throw Refused{404, "there is nothing here"};

  const bool stream = std::ranges::count(kStreamPaths, request.path) != 0;
  const bool can_get = file != nullptr || found->get != nullptr || stream;
  const bool can_post = file == nullptr && found->post != nullptr;
  const std::string allow =
      std::string(can_get ? "GET, HEAD, " : "") + (can_post ? "POST, " : "") + "OPTIONS";
  if (request.method == "OPTIONS") {
    Reply preflight{.status = 204, .headers = {{"Allow", allow}}};
    if (file == nullptr && found->open) {
      preflight.headers.emplace_back("Access-Control-Allow-Methods", allow);
      preflight.headers.emplace_back("Access-Control-Allow-Headers", "Icy-MetaData, Range");
      preflight.headers.emplace_back("Access-Control-Max-Age", "86400");
    }
    return preflight;
  }
  if (file != nullptr && reads) return page(*file, request);
  if (reads && found->get != nullptr) return found->get(request, radio);
  if (request.method == "POST" && can_post) {
    if (is_cross_site(request))
      throw Refused{403, "a page of another site may not do this; a proxy must pass Host on"};
    return found->post(request, radio);
  }
  Reply refusal = reply(Refused{405, "only " + allow + " work here"});
  refusal.headers.emplace_back("Allow", allow);
  return refusal;
}

struct Authority {
  std::string host;
  std::string port;
};

Authority authority_of(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == text.npos ? 0 : bracket);
  return {text::lowered(text.substr(0, colon)),
          colon == text.npos ? "" : std::string(text.substr(colon + 1))};
}

}  // namespace

bool is_cross_site(const Request& request) {
  if (request.fetch_site == "cross-site") return true;
  // The browser's own word, which a page cannot forge: a proxy may have put another Host.
  if (request.fetch_site == "same-origin") return false;
  if (request.origin.empty()) return false;  // no browser, or one that had no reason to ask
  const auto scheme = request.origin.find("://");
  if (scheme == request.origin.npos) return true;  // "null": a sandbox or a file
  const Authority origin = authority_of(request.origin.substr(scheme + 3));
  const Authority host = authority_of(request.host);
  // A proxy may leave the port out of Host, a browser leaves a usual one out of both.
  return origin.host != host.host ||
         (!origin.port.empty() && !host.port.empty() && origin.port != host.port);
}

Reply answer(const Request& request, Radio& radio) {
  Reply answered;
  try {
    answered = route(request, radio);
  } catch (const Refused& refused) {
    answered = reply(refused);
  }
  answered.headers.emplace_back("X-Content-Type-Options", "nosniff");
  const auto* found = std::ranges::find(kRoutes, request.path, &Route::path);
  if (found != kRoutes.end() && found->open)
    answered.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return answered;
}

}  // namespace infinara::station

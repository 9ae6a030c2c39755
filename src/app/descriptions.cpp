// SPDX-License-Identifier: Apache-2.0
#include "app/descriptions.hpp"

#include <array>
#include <cmath>
#include <variant>
#include <vector>

#include "http/message.hpp"
#include "music/genre.hpp"
#include "music/mood_graph.hpp"

namespace infinara::app {
namespace {

using station::Blend;
using station::Detail;
using station::Generation;
using station::Listening;
using station::Now;
using station::PlaySettings;
using station::Positions;
using station::Stream;
using station::When;

using json::list_of;
using json::Object;

/// As events tell it: they go to each client, and a caption is half of their bytes.
Object brief(const music::Track& track) {
  return Object()
      .set("track_id", std::to_string(track.order.id))
      .set("track_name", track.name())
      .set("genre", track.order.genre)
      .set("duration", to_tenths(track.duration()));
}

Object describe(const music::Track& track) {
  return brief(track).set("caption", track.order.caption);
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

/// Without addresses: pages of every site may read this.
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
  Object object;
  object.set("from", std::to_string(blend.from))
      .set("to", std::to_string(blend.to))
      .set("remaining", to_tenths(blend.remaining))
      .set("begin", blend.begin)
      .set("end", blend.end)
      .raw("on_air", "null")
      .set("plan", blend.plan);
  if (blend.to != 0) object.set("on_air", blend.on_air);
  return object;
}

Object describe(const Positions& positions) {
  return Object()
      .set("on_air", positions.on_air)
      .set("start", positions.start)
      .set("genre", positions.genre)
      .set("dwell_end", positions.dwell_end)
      .set("next", positions.next);
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

Object describe(const onair::Join& join) {
  Object object;
  object.set("position", station::samples_of(join.position))
      .set("from", std::to_string(join.from))
      .set("to", std::to_string(join.to))
      .set("dip", to_tenths(join.dip))
      .set("rise", to_tenths(join.rise))
      .set("basses", to_tenths(join.basses))
      .raw("beats_apart", "null")
      .raw("fifths", "null");
  if (join.beats_apart >= 0) object.set("beats_apart", to_tenths(join.beats_apart));
  if (join.fifths >= 0) object.set("fifths", join.fifths);
  return object;
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

/// "ARTIST - TITLE", as the streams tell it.
std::string stream_title(const Now& now) {
  const music::Track& track = *now.on_air;
  return (track.artist.empty() ? "" : track.artist + " - ") + track.name();
}

}  // namespace

double to_tenths(double seconds) {
  return std::round(seconds * 10) / 10;
}

Object config_json(const PlaySettings& play_settings) {
  Object config;
  config.set("crossfade", play_settings.crossfade);
  if (play_settings.track_duration == 0) return config.set("track_duration", kAuto);
  return config.set("track_duration", play_settings.track_duration);
}

std::string status_json(Radio& radio, const memory::Memory& memory) {
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
      .set("webrtc", now.has_webrtc)
      .set("memory", Object().set("saved", fault.empty()).set("reason", fault))
      .set("idle", false)  // it plays on, whoever listens
      .set("config", config_json(play_settings)
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
      .raw("join", now.join ? describe(*now.join).text() : "null")
      .raw("fade", now.blend ? describe(*now.blend).text() : "null")
      .set("positions", describe_clock(describe(now.positions), radio.clock("")));
  return object.text();
}

Object settings_json(Radio& radio) {
  const PlaySettings play_settings = radio.play_settings();
  return config_json(play_settings).set("auto_dj", play_settings.auto_dj);
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
    Object track = brief(on_air->track);
    track.set("artist", on_air->track.artist)
        .set("start", station::samples_of(on_air->start))
        .set("position", station::samples_of(on_air->position));
    return Event{"on_air", describe_clock(std::move(track), clock)};
  }
  if (const auto* fade = std::get_if<onair::Fade>(&message)) {
    object.set("end", station::samples_of(fade->end))
        .set("from", std::to_string(fade->from))
        .set("to", std::to_string(fade->to))
        .raw("on_air", "null")
        .set("plan", fade->plan);
    if (fade->to != 0) object.set("on_air", station::samples_of(fade->on_air));
    return Event{"fade", object};
  }
  if (const auto* join = std::get_if<onair::Join>(&message)) return Event{"join", describe(*join)};
  if (const auto* genre = std::get_if<onair::GenreDecided>(&message)) {
    object.set("genre", genre->genre)
        .set("reason", genre->reason)
        .set("dwell_end", station::samples_of(genre->dwell_end));
    return Event{"genre", object};
  }
  if (const auto* next = std::get_if<onair::Next>(&message)) {
    object.set("ready", next->ready)
        .raw("next", next->track.order.id != 0 ? brief(next->track).text() : "null");
    return Event{"next", object};
  }
  if (const auto* generator = std::get_if<onair::Generator>(&message)) {
    object.set("name", generator->name).set("up", generator->up).set("reason", generator->reason);
    return Event{"generator", object};
  }
  return {};
}

Object genres_json() {
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
  return Object().raw("genres", list_of(music::kGenres, describe_genre));
}

Object listeners_json(Radio& radio) {
  return Object()
      .set("webrtc_listeners", radio.now().peers)
      .raw("streams", list_of(radio.streams(Detail::kEachListener),
                              [](const Stream& one) { return describe_listeners(one).text(); }));
}

Object json_of(const station::Clock& clock) {
  Object object = describe_clock({}, clock);
  object.raw("listener", "null");
  if (clock.listener) object.set("listener", *clock.listener);
  return object;
}

Object icecast_json(Radio& radio, std::string_view mount, std::string_view base,
                    std::time_t started) {
  const Now now = radio.now();
  std::vector<std::string> sources;
  for (const Stream& stream : radio.streams(Detail::kSums)) {
    if (!mount.empty() && stream.path != mount) continue;
    Object source;
    source.set("listeners", stream.listeners)
        .set("listener_peak", stream.most_listeners)
        .set("listenurl", std::string(base) + std::string(stream.path))
        .set("server_name", radio.name())
        .set("server_description", radio.name())
        .set("server_type", stream.type)
        .set("genre", now.on_air ? now.on_air->order.genre : now.dj_genre)
        .set("title", now.on_air ? stream_title(now) : "")
        .raw("dummy", "null");
    if (stream.bitrate > 0)
      source.set("bitrate", stream.bitrate).set("ice-bitrate", stream.bitrate);
    set_time(source, "stream_start", started);
    sources.push_back(source.text());
  }
  const auto scheme = base.find("://");
  const auto host = scheme == base.npos ? std::string_view() : base.substr(scheme + 3);
  Object all;
  all.set("server_id", "Infinara " VERSION)
      .set("host", host.substr(0, host.find_first_of(
                                      "/:", host.rfind(']') == host.npos ? 0 : host.rfind(']'))))
      .set("admin", "")
      .set("location", "")
      .raw("dummy", "null");
  set_time(all, "server_start", started);
  if (sources.size() == 1) all.raw("source", sources.front());
  if (sources.size() > 1)
    all.raw("source", list_of(sources, [](const std::string& source) { return source; }));
  return all;
}

}  // namespace infinara::app

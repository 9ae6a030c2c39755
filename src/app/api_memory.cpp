// SPDX-License-Identifier: Apache-2.0
#include "app/api_memory.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/descriptions.hpp"
#include "app/fields.hpp"
#include "door/head.hpp"
#include "http/replies.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/number.hpp"

namespace infinara::app {

namespace {

using json::Object;
using memory::Played;

constexpr std::string_view kTracks = "/api/tracks/";
constexpr std::string_view kCookie = "listener=";
constexpr std::size_t kTokenSize = 32;  // hexadecimal digits: 128 bits, which nobody guesses
constexpr std::size_t kUsualTracks = 50;
constexpr std::size_t kMostTracks = 200;

Object describe_join(const memory::Joined& join) {
  const auto number = [](const auto& value) {
    return value ? json::text_of(to_tenths(static_cast<double>(*value))) : "null";
  };
  return Object()
      .set("from", std::to_string(join.from))
      .set("dip", to_tenths(join.dip))
      .set("rise", to_tenths(join.rise))
      .set("basses", to_tenths(join.basses))
      .raw("beats_apart", number(join.beats_apart))
      .raw("fifths", number(join.fifths));
}

Object describe(const Played& played, int rating) {
  const music::Track& track = played.track;
  const auto number = [](const auto& value) {
    return value ? json::text_of(static_cast<double>(*value)) : "null";
  };
  return Object()
      .set("track_id", std::to_string(track.order.id))
      .set("began", double(played.began) / 1000)
      .set("track_name", track.name())
      .set("artist", track.artist)
      .set("genre", track.order.genre)
      .set("caption", track.caption)
      .set("duration", std::round(track.duration() * 10) / 10)
      .set("generator", track.generator)
      .raw("seed", number(track.seed))
      .raw("bpm", number(track.bpm))
      .set("key", track.key)
      .set("likes", played.likes)
      .set("dislikes", played.dislikes)
      .set("rating", rating)
      .raw("join", played.join ? describe_join(*played.join).text() : "null");
}

Refused no_such_track() {
  return {404, "there is no such track; the oldest are forgotten"};
}

std::string new_token() {
  std::array<unsigned char, kTokenSize / 2> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) != ssize_t{bytes.size()})
    throw Refused{503, "there are no random numbers yet, try again soon"};
  std::string token;
  for (const auto byte : bytes)
    token += {"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15]};
  return token;
}

/// A track's id, as the API tells it or as a number.
std::uint64_t id_in(const json::Fields& fields) {
  const std::string must_be = "the track_id of a track";
  const auto found = fields.find("id");
  if (found == fields.end()) throw Refused{400, "id is missing; it must be " + must_be};
  std::optional<std::uint64_t> id;
  if (const auto* text = std::get_if<std::string>(&found->second))
    id = text::number<std::uint64_t>(*text);
  if (const auto* number = std::get_if<double>(&found->second))
    if (*number >= 0 && *number < 1e15 && *number == std::floor(*number))
      id = static_cast<std::uint64_t>(*number);
  if (!id) throw Refused{400, "id must be " + must_be};
  return *id;
}

}  // namespace

std::string listener_in(std::string_view cookies) {
  while (!cookies.empty()) {
    const auto cookie = text::trimmed(cookies.substr(0, cookies.find(';')));
    cookies.remove_prefix(std::min(cookies.find(';'), cookies.size() - 1) + 1);
    if (!cookie.starts_with(kCookie)) continue;
    const auto token = cookie.substr(kCookie.size());
    if (token.size() == kTokenSize &&
        std::ranges::all_of(token, [](char c) { return text::hex_value(c) >= 0; }))
      return text::lowered(token);
  }
  return "";
}

Reply get_history(const Request& request, Endpoints& endpoints) {
  const auto number = [&](const char* name) -> std::optional<std::uint64_t> {
    const std::string value = door::value_in(request.query, name);
    if (value.empty()) return std::nullopt;
    const auto number = text::number<std::uint64_t>(value);
    if (!number) throw Refused{400, std::string(name) + " must be a whole number"};
    return number;
  };
  const auto before = number("before");
  const auto limit = number("limit").value_or(kUsualTracks);
  if (limit < 1 || limit > kMostTracks)
    throw Refused{400, "limit must be a whole number from 1 to " + std::to_string(kMostTracks)};
  const memory::Memory& memory = endpoints.memory();
  auto tracks = memory.history(before, limit + 1);
  const bool has_older = tracks.size() > limit;
  if (has_older) tracks.pop_back();
  const std::string listener = listener_in(request.cookie);
  const std::string list = json::list_of(tracks, [&](const Played& played) {
    return describe(played, memory.rating(played.track.order.id, listener)).text();
  });
  return http::reply_of(
      Object()
          .raw("tracks", list)
          .raw("before",
               has_older ? json::text_of(std::to_string(tracks.back().track.order.id)) : "null"));
}

Reply get_track(const Request& request, Endpoints& endpoints) {
  const auto id = text::number<std::uint64_t>(request.path.substr(kTracks.size()));
  const Played* played = id ? endpoints.memory().find(*id) : nullptr;
  if (played == nullptr) throw no_such_track();
  return http::reply_of(
      describe(*played, endpoints.memory().rating(*id, listener_in(request.cookie))));
}

Reply post_rate(const Request& request, Endpoints& endpoints) {
  const auto fields = fields_of(request, R"({"id":"7","rating":1})");
  const auto id = id_in(fields);
  const auto rating = needed<double>(fields, "rating", "-1, 0 or 1");
  if (rating != -1 && rating != 0 && rating != 1) throw Refused{400, "rating must be -1, 0 or 1"};
  memory::Memory& memory = endpoints.memory();
  if (memory.find(id) == nullptr) throw no_such_track();
  endpoints.admit(request);
  std::string listener = listener_in(request.cookie);
  const bool is_new = listener.empty();
  if (is_new) listener = new_token();
  memory.rate(id, listener, static_cast<int>(rating));
  const Played& played = *memory.find(id);
  Reply reply = http::reply_of(Object()
                                   .set("ok", true)
                                   .set("id", std::to_string(id))
                                   .set("rating", rating)
                                   .set("likes", played.likes)
                                   .set("dislikes", played.dislikes));
  // Without Path: it comes back to the paths beside this one, whatever a proxy has put before them.
  if (is_new)
    reply.headers.emplace_back("Set-Cookie",
                               std::string(kCookie) + listener +
                                   "; Max-Age=31536000; HttpOnly; SameSite=Lax" +
                                   (request.base.starts_with("https://") ? "; Secure" : ""));
  return reply;
}

}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
// What the API and its events say, as JSON.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "json/json.hpp"
#include "memory/memory.hpp"
#include "station/radio.hpp"

namespace infinara::app {

using station::Radio;

constexpr std::string_view kAuto = "auto";  // a length drawn for each track

/// To the nearest tenth.
double to_tenths(double seconds);

/// The body of a reply to /api/status: one line, without its end.
std::string status_json(Radio& radio, const memory::Memory& memory);
/// What /api/config sets.
json::Object config_json(const station::PlaySettings& play_settings);
/// That, and what /api/autodj sets.
json::Object settings_json(Radio& radio);
/// The mood graph.
json::Object genres_json();
/// The listeners of each stream, without their addresses: pages of every site may read this.
json::Object listeners_json(Radio& radio);
/// As Icecast 2.4 answers, whose widgets and monitors read it: one source is an object, several are
/// a list, none is no member. `mount`, if not empty, asks for one. `base`: the public URL.
json::Object icecast_json(Radio& radio, std::string_view mount, std::string_view base,
                          std::time_t started);
json::Object json_of(const station::Clock& clock);
json::Object json_of(const station::Wish& wish, Radio& radio);
json::Object json_of(const onair::Servers& servers);

/// A message as /api/events tells it.
struct Event {
  const char* name;
  json::Object data;
};
/// Nothing, if the message is none for clients.
std::optional<Event> event_of(const onair::Message& message, Radio& radio);

}  // namespace infinara::app

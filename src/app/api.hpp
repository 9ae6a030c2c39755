// SPDX-License-Identifier: Apache-2.0
// Every route but the streams and WebRTC: a request in, a reply out. It knows no sockets, so its
// tests need no port.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cast/broadcaster.hpp"
#include "http/access.hpp"
#include "http/change_limits.hpp"
#include "http/message.hpp"
#include "json/json.hpp"
#include "memory/memory.hpp"
#include "station/outputs.hpp"
#include "station/radio.hpp"

namespace infinara::app {

using http::Reply;
using http::Request;
using station::Radio;

struct ApiSettings {
  /// The variables of the settings that the next start takes from its options and its environment.
  std::set<std::string, std::less<>> explicitly_set{};
  http::Secrets secrets{};
  http::ChangeLimits::Settings limits{};
};

/// All calls on one thread.
class Endpoints {
 public:
  /// `radio` and `memory` outlive it.
  Endpoints(Radio& radio, memory::Memory& memory, ApiSettings settings = {},
            std::function<cast::Totals()> event_clients = {});

  /// Answers as GET does when asked by HEAD; whoever sends it leaves the body out.
  Reply answer(const Request& request);

  /// Whether something is found at exactly this path, an alias of a stream included.
  static bool has(std::string_view path);
  /// Of all routes but pages and WebRTC; one that ends with a slash leads to all that go on from
  /// it.
  static std::vector<std::string_view> paths();

  Radio& radio() { return radio_; }
  /// Of /api/events.
  cast::Totals event_clients() const { return event_clients_ ? event_clients_() : cast::Totals{}; }
  memory::Memory& memory() { return memory_; }
  /// Throws Refused if the client changes something too soon after it, or another, has.
  void admit(const Request& request, bool is_skip = false);
  const http::Secrets& secrets() const { return settings_.secrets; }
  /// Remembers a setting for the next start. Says why that start will not have it; empty if it
  /// will.
  std::string keep(const std::string& variable, const std::string& value);
  std::time_t started() const { return started_; }
  /// The reply to /api/status, rendered once for each revision of the radio.
  const Reply& status();

 private:
  Radio& radio_;
  memory::Memory& memory_;
  const ApiSettings settings_;
  http::ChangeLimits limits_;
  const std::function<cast::Totals()> event_clients_;  // may be null
  const std::time_t started_;
  std::optional<std::uint64_t> revision_;  // of status_
  Reply status_;
};

}  // namespace infinara::app

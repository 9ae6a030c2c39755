// SPDX-License-Identifier: Apache-2.0
// Every route but the sound itself and WebRTC: a request's words in, the reply's words out. It
// knows no sockets, so its tests need no port.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "memory/memory.hpp"
#include "station/outputs.hpp"
#include "station/radio.hpp"

namespace infinara::app {

using http::is_cross_site;
using http::Reply;
using http::Request;
using station::Radio;

/// All calls on one thread.
class Endpoints {
 public:
  using Variables = std::set<std::string, std::less<>>;

  /// `radio` and `memory` outlive it. `explicitly_set` are the variables of the settings that the
  /// next start takes from its options and its environment.
  Endpoints(Radio& radio, memory::Memory& memory, Variables explicitly_set = {});

  /// Answers as GET does when asked by HEAD; whoever sends it leaves the body out.
  Reply answer(const Request& request);

  /// Whether something is found at exactly this path, an alias of a stream included.
  static bool has(std::string_view path);

  Radio& radio() { return radio_; }
  memory::Memory& memory() { return memory_; }
  /// Remembers a setting for the next start. Says why that start will not have it; empty if it
  /// will.
  std::string keep(const std::string& variable, const std::string& value);
  std::time_t started() const { return started_; }
  /// The reply to /api/status, rendered once for each revision of the radio.
  const Reply& status();

 private:
  Radio& radio_;
  memory::Memory& memory_;
  const Variables explicitly_set_;
  const std::time_t started_;
  std::optional<std::uint64_t> revision_;  // of status_
  Reply status_;
};

}  // namespace infinara::app

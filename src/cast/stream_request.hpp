// SPDX-License-Identifier: Apache-2.0
// What a client asks for, and what is known of a listener: plain values, for users of Broadcaster.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cast/burst_ring.hpp"

namespace infinara::cast {

/// A request for the stream.
struct StreamRequest {
  enum class Kind { kStream, kHead, kPreflight } kind = Kind::kStream;
  int minor = 1;                // of the HTTP version: 1.0 or 1.1
  bool icy = false;             // wants title blocks
  std::optional<double> burst;  // seconds; else the broadcaster's default
  /// What it gets first instead of a burst; then it goes on with the packet that is appended next.
  std::optional<std::string> opening{};
  std::string key;      // by which the client asks for its position; may be empty
  std::string agent;    // header User-Agent
  std::string address;  // of the client
};

struct ListenerInfo {
  std::string address;
  std::string agent;
  Seconds since{};          // the listener joined
  std::uint64_t bytes = 0;  // of the stream, sent to the listener
  Seconds lag{};            // of the stream, not sent yet
};

}  // namespace infinara::cast

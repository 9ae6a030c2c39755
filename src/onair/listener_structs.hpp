// SPDX-License-Identifier: Apache-2.0
// The structures that httpbroadcastsink and an application exchange about listeners, as values:
// `listener`, given with a socket to the signal `add`, and `stats`, the property. Writer and reader
// are this one file.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gstpp/ref.hpp"

namespace infinara::onair {

/// What a client asked for. Texts are the client's own: untrusted.
struct ListenerRequest {
  std::string method = "GET";   // or "HEAD", "OPTIONS"
  int minor = 1;                // HTTP/1.minor
  bool icy = false;             // it wants titles in-band
  std::optional<double> burst;  // seconds
  std::string agent, address;   // User-Agent; IP address
  std::string key;              // by which it asks for its position; may be empty
  gstpp::Ref<GBytes> ticket{};  // optional: freed when the connection is closed
};

gstpp::Structure structure_of(const ListenerRequest& request);
/// Absent fields have the values of ListenerRequest{}.
ListenerRequest listener_request_of(const GstStructure* structure);

struct ListenerStats {
  std::string agent, address;
  double since = 0;         // seconds that it has listened
  double lag = 0;           // seconds that it is behind
  std::uint64_t bytes = 0;  // sent to it
  bool operator==(const ListenerStats&) const = default;
};

/// Counters are since the element was started.
struct StreamStats {
  unsigned listeners = 0;     // now
  std::uint64_t joined = 0;   // connected
  std::uint64_t dropped = 0;  // disconnected: too far behind, or the host is gone
  std::uint64_t refused = 0;  // since the server was full
  std::uint64_t bytes_sent = 0;
  double delay = 0;                 // seconds that a listener is behind the stream
  std::vector<ListenerStats> list;  // the element lists at most 100
  bool operator==(const StreamStats&) const = default;
};

gstpp::Structure structure_of(const StreamStats& stats);
/// Absent fields are zero.
StreamStats stream_stats_of(const GstStructure* structure);

}  // namespace infinara::onair

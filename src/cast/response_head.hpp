// SPDX-License-Identifier: Apache-2.0
// The HTTP responses to requests for the stream, as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace infinara::cast {

/// What the response head says of the stream.
struct ResponseHead {
  int minor = 1;                         // HTTP/1.0 or HTTP/1.1, as the request
  std::string content_type;              // empty: not said
  std::string name;                      // of the station; empty: not said
  std::string genre;                     // empty: not said
  int bitrate = 0;                       // kbit/s; 0: not known yet
  bool icy = false;                      // title blocks follow; else no icy-metaint
  std::string programme;                 // in which positions count; empty: not said
  std::optional<std::int64_t> position;  // of the first decoded sample, samples; else not said
};

/// The response head of a stream that ends when the connection does.
std::string response_head(const ResponseHead& fields);

/// A complete response that is not a stream. `extra` are header lines, each with CR LF.
std::string short_response(int minor, std::string_view status, std::string_view extra = {},
                           std::string_view body = {});

/// The response to a browser's CORS preflight: its page may send Icy-MetaData and Range.
std::string preflight_response(int minor);

}  // namespace infinara::cast

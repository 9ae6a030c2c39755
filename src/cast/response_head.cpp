// SPDX-License-Identifier: Apache-2.0
#include "cast/response_head.hpp"

#include "cast/icy_titles.hpp"

namespace infinara::cast {

namespace {

/// A header line; values are cut at 200 bytes, which every client reads.
std::string header(std::string_view name, std::string_view value) {
  return value.empty() ? "" : std::string(name) + ": " + icy_text(value, 200) + "\r\n";
}

std::string status_line(int minor, std::string_view status) {
  return std::string("HTTP/1.") + (minor == 0 ? '0' : '1') + ' ' + std::string(status) + "\r\n";
}

// Pages of other origins may play the stream and read its headers.
constexpr std::string_view kForEveryPage =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: icy-br, icy-genre, icy-metaint, icy-name, "
    "Infinara-Position, Infinara-Programme\r\n";

}  // namespace

std::string response_head(const ResponseHead& fields) {
  std::string head = status_line(fields.minor, "200 OK");
  head += header("Content-Type", fields.content_type);
  head +=
      "Cache-Control: no-cache, no-store\r\nX-Accel-Buffering: no\r\nConnection: "
      "close\r\nAccept-Ranges: none\r\n";
  head += kForEveryPage;
  head += header("icy-name", fields.name);
  head += header("icy-genre", fields.genre);
  if (fields.bitrate > 0) head += header("icy-br", std::to_string(fields.bitrate));
  if (fields.icy) head += header("icy-metaint", std::to_string(kMetaint));
  head += header("Infinara-Programme", fields.programme);
  if (fields.position) head += header("Infinara-Position", std::to_string(*fields.position));
  return head + "\r\n";
}

std::string short_response(int minor, std::string_view status, std::string_view extra,
                           std::string_view body) {
  std::string head = status_line(minor, status);
  head += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n";
  head += "Access-Control-Allow-Origin: *\r\n";
  head += extra;
  head += "\r\n";
  head += body;
  return head;
}

std::string preflight_response(int minor) {
  return short_response(minor, "200 OK",
                        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
                        "Access-Control-Allow-Headers: Icy-MetaData, Range\r\n"
                        "Access-Control-Max-Age: 86400\r\n");
}

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
// Under which URL a client finds the station: the base of every absolute URL that is given out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "door/forwarded.hpp"
#include "door/head.hpp"

namespace infinara::http {

struct PublicUrl {
  std::string scheme;  // "http" or "https"
  std::string host;    // with its port, unless that is the scheme's own
  std::string path;    // "/radio", without a slash at its end; empty at the root

  /// "https://host/radio": a path of the station's may follow.
  std::string text() const { return scheme + "://" + host + path; }
  bool operator==(const PublicUrl&) const = default;
};

/// Reads "https://host[:port][/path][/]"; nothing if there is more, less, or another scheme.
std::optional<PublicUrl> read_public_url(std::string_view text);

/// From what a trusted proxy says of the request, else from the request itself.
PublicUrl public_url_of(const door::Request& request, const door::Forwarded& forwarded);

/// Where a path of the station's own is, when `path` may begin with a prefix that a proxy has
/// passed on: "/radio/x" becomes "/x". Nothing if `path` does not begin with it.
std::optional<std::string> without_prefix(std::string_view path, std::string_view prefix);

}  // namespace infinara::http

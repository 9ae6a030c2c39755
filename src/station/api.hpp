// SPDX-License-Identifier: Apache-2.0
// A request's words in, the reply's words out: every route but the sound itself. It knows no
// sockets, so its tests need no port.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "station/radio.hpp"

namespace infinara::station {

struct Request {
  std::string_view method = {};
  std::string_view path = {};  // without the query
  std::string_view body = {};
  sockaddr_storage from = {};  // the client, or who forwards for it
  // Headers; empty if absent.
  std::string_view host = {};
  std::string_view forwarded_proto = {};  // X-Forwarded-Proto
  std::string_view origin = {};
  std::string_view fetch_site = {};  // Sec-Fetch-Site
  std::string_view if_none_match = {};
  std::string_view if_match = {};
  std::string_view content_type = {};
};

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Answers as GET does when asked by HEAD; whoever sends it leaves the body out.
Reply answer(const Request& request, Radio& radio);

/// Whether a browser says that another site's page sends this request.
bool is_cross_site(const Request& request);

}  // namespace infinara::station

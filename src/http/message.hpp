// SPDX-License-Identifier: Apache-2.0
// HTTP requests and replies as values, without sockets.
#pragma once

#include <sys/socket.h>

#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace infinara::http {

/// What whoever sends a request may do.
struct Rights {
  bool listen = true;
  bool control = true;
  bool has_token = false;  // the control token came with it
};

/// What a client got wrong, or the station cannot do. A handler throws it; it becomes the reply.
struct Refused {
  int status;
  std::string error;
  int retry_after = 0;  // seconds; 0: do not say
};

struct Request {
  std::string_view method = {};
  std::string_view path = {};   // without the query and without the public URL's path
  std::string_view query = {};  // what follows '?', as sent
  std::string_view body = {};
  sockaddr_storage from = {};         // the client; that of trusted proxies is who they say it is
  std::string_view base = {};         // the station's public URL, without a slash at its end
  std::string_view public_host = {};  // that of RADIO_PUBLIC_URL; empty if there is none
  Rights rights = {};
  // Headers; empty if absent.
  std::string_view host = {};
  std::string_view origin = {};
  std::string_view fetch_site = {};  // Sec-Fetch-Site
  std::string_view if_none_match = {};
  std::string_view if_match = {};
  std::string_view content_type = {};
  std::string_view accept_encoding = {};
  std::string_view cookie = {};
};

struct Reply {
  int status = 200;
  std::string type = "application/json";  // empty: there is no content
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// Whether a browser says that another site's page sends this request.
bool is_cross_site(const Request& request);

/// Whether an If-None-Match header (empty: none) names this ETag, by weak comparison.
bool is_known(std::string_view if_none_match, std::string_view etag);

/// Whether an Accept-Encoding header (empty: none) takes gzip.
bool accepts_gzip(std::string_view accept_encoding);

/// As HTTP writes a time: "Sun, 29 Nov 2026 20:56:23 GMT", whatever the locale.
std::string date_of(std::time_t time);

/// The bytes of a whole response. `head_only` leaves out the body, not its length.
std::string response_of(const Reply& reply, bool head_only, bool keep_alive);

}  // namespace infinara::http

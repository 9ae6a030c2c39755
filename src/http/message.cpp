// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <algorithm>
#include <ctime>

#include "door/head.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"

namespace infinara::http {

namespace {

struct Authority {
  std::string host;
  std::string port;
  bool operator==(const Authority&) const = default;
};

Authority authority_of(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == text.npos ? 0 : bracket);
  return {text::lowered(text.substr(0, colon)),
          colon == text.npos ? "" : std::string(text.substr(colon + 1))};
}

/// A proxy may leave the port out of Host, a browser leaves a usual one out of both.
bool is_same(const Authority& origin, const Authority& host) {
  return origin.host == host.host &&
         (origin.port.empty() || host.port.empty() || origin.port == host.port);
}

}  // namespace

std::string date_of(std::time_t time) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  const auto two = [](int number) {
    return std::string(1, static_cast<char>('0' + number / 10)) +
           static_cast<char>('0' + number % 10);
  };
  return std::string(kDays[utc.tm_wday]) + ", " + two(utc.tm_mday) + " " + kMonths[utc.tm_mon] +
         " " + std::to_string(1900 + utc.tm_year) + " " + two(utc.tm_hour) + ":" + two(utc.tm_min) +
         ":" + two(utc.tm_sec) + " GMT";
}

bool is_cross_site(const Request& request) {
  if (request.fetch_site == "cross-site") return true;
  // The browser's own word, which a page cannot forge: a proxy may have put another Host.
  if (request.fetch_site == "same-origin") return false;
  if (request.origin.empty()) return false;  // no browser, or one that had no reason to ask
  const auto scheme = request.origin.find("://");
  if (scheme == request.origin.npos) return true;  // "null": a sandbox or a file
  const Authority origin = authority_of(request.origin.substr(scheme + 3));
  if (is_same(origin, authority_of(request.host))) return false;
  std::string_view base = request.base;
  base.remove_prefix(std::min(base.find("://"), base.size()));
  if (base.empty()) return true;
  base.remove_prefix(3);
  return !is_same(origin, authority_of(base.substr(0, base.find('/'))));
}

bool is_known(std::string_view if_none_match, std::string_view etag) {
  const auto items = text::items_of(if_none_match);
  return std::ranges::any_of(items, [&](std::string_view item) {
    if (item == "*") return true;
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == etag;
  });
}

bool accepts_gzip(std::string_view accept_encoding) {
  const auto items = text::items_of(accept_encoding);
  return std::ranges::any_of(items, [](std::string_view item) {
    const auto semicolon = item.find(';');
    const auto coding = text::trimmed(item.substr(0, semicolon));
    if (!text::equal_ignoring_case(coding, "gzip") && coding != "*") return false;
    if (semicolon == item.npos) return true;
    const auto weight = text::trimmed(item.substr(semicolon + 1));
    return weight.find_first_of("123456789") != weight.npos;  // q=0 and q=0.0 say no
  });
}

std::string response_of(const Reply& reply, bool head_only, bool keep_alive) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " " +
                     door::phrase_of(reply.status) + "\r\nDate: " + date_of(std::time(nullptr)) +
                     "\r\n";
  const bool has_body = reply.status != 204 && reply.status != 304;
  for (const auto& [name, value] : reply.headers) {
    // Nothing that came in from outside may begin a header of its own.
    if (std::ranges::any_of(value, text::is_control)) continue;
    text += name + ": " + value + "\r\n";
  }
  if (has_body && !reply.type.empty()) text += "Content-Type: " + reply.type + "\r\n";
  if (has_body) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  text += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return has_body && !head_only ? text + reply.body : text;
}

}  // namespace infinara::http

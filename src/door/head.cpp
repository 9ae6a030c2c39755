// SPDX-License-Identifier: Apache-2.0
#include "door/head.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/percent.hpp"
#include "text/utf8.hpp"

namespace infinara::door {

namespace {

using text::equal_ignoring_case;
using text::is_alnum;
using text::is_control;
using text::is_digit;
using text::percent_decoded;

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool has_dot_segment(std::string_view path) {
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

bool is_ipv6(std::string_view text) {
  in6_addr address;
  return ::inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

/// host[:port] of RFC 3986 with the characters that names and addresses have; no user, no spaces.
/// What is let in here libsoup can read: it refuses a request without a word.
bool is_host(std::string_view host) {
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || !is_ipv6(host.substr(1, end - 1))) return false;
    if (end + 1 < host.size() && host[end + 1] != ':') return false;
    port = host.substr(std::min(end + 2, host.size()));
  } else {
    const std::size_t colon = std::min(host.find(':'), host.size());
    const std::string_view name = host.substr(0, colon);
    if (name.empty() || !std::all_of(name.begin(), name.end(), [](char c) {
          return is_alnum(c) || c == '.' || c == '-' || c == '_';
        }))
      return false;
    port = host.substr(std::min(colon + 1, host.size()));
  }
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), is_digit) &&
         (port.size() < 5 || port <= "65535");
}

std::optional<Refusal> read_target(std::string_view target, Request& request,
                                   std::string_view& authority) {
  if (!std::all_of(target.begin(), target.end(),
                   [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; }))
    return Refusal{400, "the target holds a character that must be escaped"};
  constexpr std::string_view kScheme = "http://";
  if (equal_ignoring_case(target.substr(0, kScheme.size()), kScheme)) {
    target.remove_prefix(kScheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    authority = target.substr(0, end);
    if (!is_host(authority)) return Refusal{400, "the target names no valid host"};
    target.remove_prefix(end);
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.query = target.substr(std::min(mark + 1, target.size()));
  std::string_view path = target.substr(0, mark);
  if (path.empty() && !authority.empty()) path = "/";
  if (!path.starts_with('/')) return Refusal{400, "the target must be a path"};
  std::optional<std::string> decoded = percent_decoded(path);
  if (!decoded || !percent_decoded(request.query))
    return Refusal{400, "the target holds an invalid escape"};
  if (std::any_of(decoded->begin(), decoded->end(), is_control) || !text::is_utf8(*decoded) ||
      std::count(decoded->begin(), decoded->end(), '/') !=
          std::count(path.begin(), path.end(), '/') ||
      decoded->find('\\') != std::string::npos)
    return Refusal{400, "the path holds an escape that is not allowed"};
  if (has_dot_segment(*decoded)) return Refusal{400, "the path must not hold . or .. segments"};
  request.path = std::move(*decoded);
  return {};
}

constexpr const char* kNotServed = "this method is not served here";

std::optional<Refusal> read_method(std::string_view text, Request& request,
                                   const HeadLimits& limits) {
  for (const Method method : {Method::kGet, Method::kHead, Method::kPost, Method::kPatch,
                              Method::kDelete, Method::kOptions}) {
    if (text != name_of(method)) continue;
    request.method = method;
    if (std::ranges::count(text::items_of(limits.methods), text) != 0) return {};
    return Refusal{405, kNotServed, limits.methods};
  }
  for (const std::string_view known : {"PUT", "TRACE", "CONNECT"})
    if (text == known) return Refusal{405, kNotServed, limits.methods};
  if (is_token(text)) return Refusal{501, "this method is not known"};
  return Refusal{400, "the request line starts with no method"};
}

std::optional<Refusal> read_version(std::string_view text, Request& request) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' ||
      !is_digit(text[7]))
    return Refusal{400, "the request line must be METHOD PATH HTTP/1.1"};
  if (text[5] != '1' || text[7] > '1') return Refusal{505, "only HTTP/1.0 and HTTP/1.1 are spoken"};
  request.minor = text[7] - '0';
  return {};
}

std::optional<Refusal> read_header(std::string_view line, Request& request) {
  if (line.starts_with(' ') || line.starts_with('\t'))
    return Refusal{400, "a header must not be folded over lines"};
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return Refusal{400, "a header must be NAME: VALUE"};
  const std::string_view value = text::trimmed(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; }))
    return Refusal{400, "a header holds a control character"};
  request.headers.push_back({text::lowered(line.substr(0, colon)), std::string(value)});
  return {};
}

/// What the headers must say together: whose host, and how long the body is.
std::optional<Refusal> judge_headers(Request& request, std::string_view authority,
                                     const HeadLimits& limits) {
  const std::string* host = nullptr;
  const std::string* length = nullptr;
  const std::string* encoding = nullptr;
  const std::string* expect = nullptr;
  for (const auto& [name, value] : request.headers) {
    if (name == "host") {
      if (host != nullptr) return Refusal{400, "Host is given twice"};
      host = &value;
    } else if (name == "content-length") {
      if (length != nullptr) return Refusal{400, "Content-Length is given twice"};
      length = &value;
    } else if (name == "transfer-encoding") {
      encoding = &value;
    } else if (name == "expect") {
      expect = &value;
    }
  }
  if (host == nullptr && request.minor == 1) return Refusal{400, "Host is missing"};
  if (host != nullptr) {
    if (!is_host(*host)) return Refusal{400, "Host is not valid"};
    if (!authority.empty() && !equal_ignoring_case(authority, *host))
      return Refusal{400, "the target and Host name different hosts"};
    request.host = *host;
  } else {
    request.host = authority;
  }
  if (encoding != nullptr) {
    if (length != nullptr || request.minor == 0)
      return Refusal{400, "Transfer-Encoding is not allowed here"};
    return Refusal{411, "a body must come with Content-Length"};
  }
  if (expect != nullptr && !equal_ignoring_case(*expect, "100-continue"))
    return Refusal{417, "this Expect cannot be met"};
  if (length == nullptr) return {};
  if (length->empty() || !std::all_of(length->begin(), length->end(), is_digit))
    return Refusal{400, "Content-Length is not a number"};
  for (const char digit : *length) {
    request.body_length = request.body_length * 10 + static_cast<std::size_t>(digit - '0');
    if (request.body_length > limits.body) return Refusal{413, "the body is too long"};
  }
  if (request.body_length > 0 && request.method != Method::kPost &&
      request.method != Method::kPatch)
    return Refusal{400, "only POST and PATCH may have a body"};
  return {};
}

/// One line without its CRLF, cut from the front of `rest`; nothing while it is incomplete.
struct Line {
  std::optional<std::string_view> text;
  bool broken = false;  // a lone CR or LF
};
Line take_line(std::string_view& rest) {
  const std::size_t end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos) return {};
  if (rest[end] == '\n') return {{}, true};
  if (end + 1 == rest.size()) return {};
  if (rest[end + 1] != '\n') return {{}, true};
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return {text, false};
}

constexpr Refusal kBroken{400, "lines must end with CR LF"};

const char* phrase_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Error";
  }
}

}  // namespace

const char* name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPatch:
      return "PATCH";
    case Method::kDelete:
      return "DELETE";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "";
}

const std::string* Request::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& header) { return header.name == name; });
  return found == headers.end() ? nullptr : &found->value;
}

std::string Request::query_value(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name)
      return percent_decoded(pair.substr(std::min(equals + 1, pair.size()))).value_or("");
  }
  return {};
}

Parsed parse_head(std::string_view bytes, const HeadLimits& limits) {
  std::string_view rest = bytes;
  const Line first = take_line(rest);
  if (first.broken) return kBroken;
  if ((first.text ? *first.text : rest).size() > limits.request_line)
    return Refusal{414, "the request line is too long"};
  if (!first.text) {
    // A TLS hello or other noise shows in its first bytes; nobody needs to wait for its end.
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return is_control(c) && c != '\r'; }))
      return Refusal{400, "this is no HTTP request"};
    return NeedMore{};
  }

  Request request;
  std::string_view authority;
  const std::size_t space = first.text->find(' ');
  if (space == std::string_view::npos)
    return Refusal{400, "the request line must be METHOD PATH HTTP/1.1"};
  const std::size_t last = first.text->rfind(' ');
  if (const auto refusal = read_method(first.text->substr(0, space), request, limits))
    return *refusal;
  if (last == space) return Refusal{400, "the request line must be METHOD PATH HTTP/1.1"};
  if (const auto refusal = read_version(first.text->substr(last + 1), request)) return *refusal;
  if (const auto refusal =
          read_target(first.text->substr(space + 1, last - space - 1), request, authority))
    return *refusal;

  while (true) {
    const Line line = take_line(rest);
    if (line.broken) return kBroken;
    const std::size_t taken = bytes.size() - rest.size();
    if (taken > limits.head || (!line.text && bytes.size() >= limits.head))
      return Refusal{431, "the request head is too long"};
    if (!line.text) return NeedMore{};
    if (line.text->empty()) break;
    if (request.headers.size() == limits.headers) return Refusal{431, "too many headers"};
    if (const auto refusal = read_header(*line.text, request)) return *refusal;
  }
  request.head_length = bytes.size() - rest.size();
  if (const auto refusal = judge_headers(request, authority, limits)) return *refusal;
  return request;
}

std::string response_of(const Refusal& refusal) {
  const std::string body = std::string(R"({"ok":false,"error":")") + refusal.reason + "\"}\n";
  std::string text =
      "HTTP/1.1 " + std::to_string(refusal.status) + ' ' + phrase_of(refusal.status) +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nCache-Control: no-store\r\n";
  if (refusal.status == 405) text += std::string("Allow: ") + refusal.allow + "\r\n";
  if (refusal.status == 429 || refusal.status == 503) text += "Retry-After: 5\r\n";
  return text + "Connection: close\r\n\r\n" + body;
}

}  // namespace infinara::door

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

std::optional<Refusal> read_target(std::string_view target, Request& request,
                                   std::string& authority) {
  if (!std::all_of(target.begin(), target.end(),
                   [](char c) { return c > 0x20 && c < 0x7f && c != '#' && c != '\\'; }))
    return Refusal{400, "the target holds a character that must be escaped"};
  if (target == "*" && request.method == Method::kOptions) {
    request.path = target;
    return {};
  }
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
  if (host != nullptr && !is_host(*host)) return Refusal{400, "Host is not valid"};
  // RFC 9112, section 3.2.2: an absolute target counts, and Host is ignored.
  if (!authority.empty())
    request.host = authority;
  else if (host != nullptr)
    request.host = *host;
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

constexpr Refusal kBroken{400, "lines must end with CR LF"};

/// Of a request line, what stands beside its target: the longest method, the version, two spaces.
constexpr std::size_t kAroundTarget = sizeof "OPTIONS  HTTP/1.1" - 1;

}  // namespace

/// host[:port] of RFC 3986 with the characters that names and addresses have; no user, no spaces.
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
  return value_in(query, name);
}

std::string value_in(std::string_view query, std::string_view name) {
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

const char* phrase_of(int status) {
  struct Phrase {
    int status;
    const char* text;
  };
  static constexpr Phrase kPhrases[] = {{200, "OK"},
                                        {201, "Created"},
                                        {204, "No Content"},
                                        {301, "Moved Permanently"},
                                        {304, "Not Modified"},
                                        {308, "Permanent Redirect"},
                                        {400, "Bad Request"},
                                        {401, "Unauthorized"},
                                        {403, "Forbidden"},
                                        {404, "Not Found"},
                                        {405, "Method Not Allowed"},
                                        {408, "Request Timeout"},
                                        {409, "Conflict"},
                                        {410, "Gone"},
                                        {411, "Length Required"},
                                        {412, "Precondition Failed"},
                                        {413, "Content Too Large"},
                                        {414, "URI Too Long"},
                                        {415, "Unsupported Media Type"},
                                        {417, "Expectation Failed"},
                                        {422, "Unprocessable Content"},
                                        {428, "Precondition Required"},
                                        {429, "Too Many Requests"},
                                        {431, "Request Header Fields Too Large"},
                                        {500, "Internal Server Error"},
                                        {501, "Not Implemented"},
                                        {503, "Service Unavailable"},
                                        {504, "Gateway Timeout"},
                                        {505, "HTTP Version Not Supported"}};
  for (const auto& phrase : kPhrases)
    if (phrase.status == status) return phrase.text;
  return "Other";
}

Parsed HeadReader::take(std::string_view bytes) {
  text_ += bytes;
  while (true) {
    const std::size_t end = text_.find_first_of("\r\n", seen_);
    const std::size_t looked = std::min(end, text_.size());
    const std::string_view fresh = std::string_view(text_).substr(seen_, looked - seen_);
    examined_ += fresh.size() + 1;
    // A TLS hello or other noise shows in its first bytes; nobody needs to wait for its end.
    if (!has_request_line_ && std::any_of(fresh.begin(), fresh.end(), is_control))
      return Refusal{400, "this is no HTTP request"};
    seen_ = looked;
    if (!has_request_line_ && looked - line_ > limits_.target + kAroundTarget)
      return Refusal{414, "the request target is too long"};
    const bool is_whole = end != std::string::npos && end + 1 < text_.size();
    if (end != std::string::npos && (text_[end] == '\n' || (is_whole && text_[end + 1] != '\n')))
      return kBroken;
    if (is_whole ? end + 2 > limits_.head : text_.size() >= limits_.head)
      return Refusal{431, "the request head is too long"};
    if (!is_whole) return NeedMore{};
    const auto refusal = take_line(std::string_view(text_).substr(line_, end - line_));
    line_ = seen_ = end + 2;
    if (refusal) return *refusal;
    if (is_over_) break;
  }
  request_.head_length = line_;
  if (const auto refusal = judge_headers(request_, authority_, limits_)) return *refusal;
  return std::move(request_);
}

std::optional<Refusal> HeadReader::take_line(std::string_view line) {
  if (!has_request_line_) {
    if (line.empty()) return {};  // RFC 9112, section 2.2
    has_request_line_ = true;
    return take_request_line(line);
  }
  if (line.empty()) {
    is_over_ = true;
    return {};
  }
  if (request_.headers.size() == limits_.headers) return Refusal{431, "too many headers"};
  return read_header(line, request_);
}

std::optional<Refusal> HeadReader::take_request_line(std::string_view line) {
  constexpr Refusal kShape{400, "the request line must be METHOD PATH HTTP/1.1"};
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return kShape;
  const std::size_t last = line.rfind(' ');
  if (const auto refusal = read_method(line.substr(0, space), request_, limits_)) return refusal;
  if (last == space) return kShape;
  if (const auto refusal = read_version(line.substr(last + 1), request_)) return refusal;
  const std::string_view target = line.substr(space + 1, last - space - 1);
  if (target.size() > limits_.target) return Refusal{414, "the request target is too long"};
  return read_target(target, request_, authority_);
}

std::string HeadReader::rest() {
  std::string rest = text_.substr(line_);
  *this = HeadReader(limits_);
  return rest;
}

Parsed parse_head(std::string_view bytes, const HeadLimits& limits) {
  return HeadReader(limits).take(bytes);
}

std::string response_of(const Refusal& refusal) {
  const std::string body = std::string(R"({"ok":false,"error":")") + refusal.reason + "\"}\n";
  std::string text =
      "HTTP/1.1 " + std::to_string(refusal.status) + ' ' + phrase_of(refusal.status) +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nCache-Control: no-store\r\n";
  if (refusal.status == 405) text += std::string("Allow: ") + refusal.allow + "\r\n";
  if (refusal.status == 503) text += "Retry-After: 5\r\n";
  return text + "Connection: close\r\n\r\n" + body;
}

}  // namespace infinara::door

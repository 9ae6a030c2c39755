// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP/1 request judged strictly: bytes in, a Request or a reason to refuse out.
// Whatever two parsers could read in two ways is refused, since another one reads it after us.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace infinara::door {

enum class Method { kGet, kHead, kPost, kPatch, kDelete, kOptions };

/// The method as the request spells it.
const char* name_of(Method method);

struct Header {
  std::string name;  // in lower case
  std::string value;
};

struct Request {
  Method method = Method::kGet;
  int minor = 1;      // of the version: HTTP/1.0 or HTTP/1.1
  std::string path;   // percent-decoded UTF-8, starts with '/', has no dot segments
  std::string query;  // what follows '?', as sent
  std::string host;   // as sent, with its port; empty only for HTTP/1.0 without Host
  std::vector<Header> headers;
  std::size_t head_length = 0;  // bytes up to and with the empty line
  std::size_t body_length = 0;  // bytes that follow the head

  /// The value of the first header of this name (lower case), or nullptr.
  const std::string* header(std::string_view name) const;
  /// The decoded value of `name=value` in the query; empty if there is none.
  std::string query_value(std::string_view name) const;
};

/// `reason` is a literal: no byte of a request comes back to its sender.
struct Refusal {
  int status = 400;
  const char* reason = "";
  const char* allow = "";  // the methods that are served: said with a 405
};

/// The head is not complete yet.
struct NeedMore {};

struct HeadLimits {
  std::size_t request_line = 4096;  // bytes; a longer one is a 414
  std::size_t head = 16384;         // bytes; a longer one is a 431
  std::size_t headers = 100;        // a greater number is a 431
  std::size_t body = 65536;         // bytes; a longer one is a 413
  /// Served; any other is a 405.
  const char* methods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
};

using Parsed = std::variant<NeedMore, Refusal, Request>;

/// Judges the first bytes of a connection. An error is reported as soon as the bytes prove it.
Parsed parse_head(std::string_view bytes, const HeadLimits& limits = {});

/// The whole response for a refusal: status line, headers and `{"ok":false,"error":…}`.
std::string response_of(const Refusal& refusal);

}  // namespace infinara::door

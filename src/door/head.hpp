// SPDX-License-Identifier: Apache-2.0
// The head of an HTTP/1 request judged strictly: bytes in, a Request or a reason to refuse out.
// Whatever two parsers could read in two ways is refused, since another one reads it after us.
#pragma once

#include <cstddef>
#include <optional>
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
  std::string path;   // percent-decoded UTF-8, starts with '/', no dot segments; or "*" of OPTIONS
  std::string query;  // what follows '?', as sent
  std::string host;   // of the target or else of Host, with its port; empty only without both
  std::vector<Header> headers;
  std::size_t head_length = 0;  // bytes up to and with the empty line
  std::size_t body_length = 0;  // bytes that follow the head

  /// The value of the first header of this name (lower case), or nullptr.
  const std::string* header(std::string_view name) const;
  /// The decoded value of `name=value` in the query; empty if there is none.
  std::string query_value(std::string_view name) const;
};

/// The decoded value of `name=value` in a query; empty if there is none.
std::string value_in(std::string_view query, std::string_view name);

/// `reason` is a literal: no byte of a request comes back to its sender.
struct Refusal {
  int status = 400;
  const char* reason = "";
  const char* allow = "";  // the methods that are served: said with a 405
};

/// The head is not complete yet.
struct NeedMore {};

struct HeadLimits {
  std::size_t target = 8192;  // bytes of the request target; a longer one is a 414
  std::size_t head = 16384;   // bytes; a longer one is a 431
  std::size_t headers = 100;  // a greater number is a 431
  std::size_t body = 65536;   // bytes; a longer one is a 413
  /// Served; any other is a 405.
  const char* methods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
};

using Parsed = std::variant<NeedMore, Refusal, Request>;

/// Whether `host` is a host with an optional port, as a Host header may have it.
bool is_host(std::string_view host);

/// Reads one head in pieces. It looks at each byte a bounded number of times, however many pieces
/// the bytes arrive in.
class HeadReader {
 public:
  explicit HeadReader(const HeadLimits& limits = {}) : limits_(limits) {}

  /// The next bytes of the connection. An error is reported as soon as the bytes prove it. Not to
  /// be called again after a Refusal or a Request.
  Parsed take(std::string_view bytes);
  /// After a Request: the bytes that follow its head. Empties the reader.
  std::string rest();
  /// How many bytes have been looked at, each time counted.
  std::size_t examined() const { return examined_; }
  bool has_begun() const { return !text_.empty(); }

 private:
  std::optional<Refusal> take_line(std::string_view line);
  std::optional<Refusal> take_request_line(std::string_view line);

  HeadLimits limits_;
  std::string text_;      // all that came
  std::size_t line_ = 0;  // where the line begins that is not complete yet
  std::size_t seen_ = 0;  // where the bytes begin that are still to be looked at
  std::size_t examined_ = 0;
  bool has_request_line_ = false;
  bool is_over_ = false;
  Request request_;
  std::string authority_;  // of an absolute target
};

/// Reads the first bytes of a connection in one piece.
Parsed parse_head(std::string_view bytes, const HeadLimits& limits = {});

/// The reason phrase of a status.
const char* phrase_of(int status);

/// The whole response for a refusal: status line, headers and `{"ok":false,"error":…}`.
std::string response_of(const Refusal& refusal);

}  // namespace infinara::door

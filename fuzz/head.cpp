// SPDX-License-Identifier: Apache-2.0
// Heads of HTTP requests, and what proxies say in them. The first byte sets the size of the pieces
// that the bytes arrive in.
#include "door/head.hpp"

#include <algorithm>
#include <string>
#include <variant>

#include "door/address.hpp"
#include "door/forwarded.hpp"
#include "fuzz.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace {

using namespace infinara::door;
using infinara::fuzz::require;

bool is_line(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void check(const Request& request, std::string_view bytes, const HeadLimits& limits) {
  require(request.head_length <= bytes.size() && request.head_length <= limits.head,
          "a head ends inside its bytes and limit");
  require(bytes.substr(0, request.head_length).ends_with("\r\n\r\n"),
          "a head ends with an empty line");
  require(request.body_length <= limits.body, "a body is limited");
  require(request.path == "*" || request.path.starts_with('/'), "a path is absolute");
  require(infinara::text::is_utf8(request.path) &&
              std::ranges::none_of(request.path, infinara::text::is_control),
          "a path is text");
  const std::string framed = request.path + "/";
  require(framed.find("/../") == framed.npos && framed.find("/./") == framed.npos,
          "a path has no dot segments");
  require(is_line(request.query) && request.query.find(' ') == request.query.npos,
          "a query is one word");
  require(request.host.empty() || is_host(request.host), "a host is a host");
  require(request.minor == 0 || request.minor == 1, "the version is HTTP/1");
  require(request.headers.size() <= limits.headers, "headers are limited");
  for (const Header& header : request.headers) {
    require(!header.name.empty() && header.name == infinara::text::lowered(header.name) &&
                header.name.find_first_of(" \t:") == header.name.npos && is_line(header.name),
            "a header's name is a token in lower case");
    require(is_line(header.value), "a header's value is one line");
  }
}

/// The request in one way of many.
std::string print(const Request& request) {
  std::string target;
  for (const char c : request.path) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (infinara::text::is_alnum(c) || c == '/' || (c == '*' && request.path == "*"))
      target += c;
    else
      target += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  if (!request.query.empty()) target += "?" + request.query;
  std::string text = std::string(name_of(request.method)) + " " + target + " HTTP/1." +
                     std::to_string(request.minor) + "\r\n";
  for (const Header& header : request.headers)
    text += (header.name == "host" ? "host: " + request.host : header.name + ": " + header.value) +
            "\r\n";
  return text + "\r\n";
}

void check_proxies(const Request& request) {
  const Forwarded forwarded = forwarded_of(request);
  require(forwarded.proto.empty() || forwarded.proto == "http" || forwarded.proto == "https",
          "a scheme is http or https");
  require(forwarded.host.empty() || is_host(forwarded.host), "a forwarded host is a host");
  require(forwarded.port >= 0 && forwarded.port <= 65535, "a port has 16 bits");
  require(forwarded.prefix.empty() || is_prefix(forwarded.prefix), "a prefix is a path");
  const Address peer = *Address::read("127.0.0.1");
  const Address client = client_of(request, peer, AddressRanges::loopback());
  require(Address::read(client.text()) == client, "an address reads back as itself");
  require(client_of(request, peer, AddressRanges()) == peer, "strangers name no client");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto bytes = infinara::fuzz::text_of(data + 1, size - 1);
  const HeadLimits limits{.target = 512, .head = 2048, .headers = 20};
  const Parsed whole = parse_head(bytes, limits);

  HeadReader reader(limits);
  Parsed pieces = NeedMore{};
  std::size_t calls = 0;
  for (auto rest = bytes; !rest.empty() && std::holds_alternative<NeedMore>(pieces); ++calls) {
    const auto piece = rest.substr(0, data[0] % 64 + 1U);
    rest.remove_prefix(piece.size());
    pieces = reader.take(piece);
  }
  require(reader.examined() <= 2 * bytes.size() + calls, "the work grows with the bytes alone");
  require(pieces.index() == whole.index() || bytes.empty(), "pieces make no difference");

  if (const auto* refusal = std::get_if<Refusal>(&whole)) {
    require(refusal->status >= 400 && refusal->status < 600 && *refusal->reason != '\0',
            "a refusal has a status and a reason");
    const std::string response = response_of(*refusal);
    const auto body = response.find("\r\n\r\n");
    require(response.find("Content-Length: " + std::to_string(response.size() - body - 4) +
                          "\r\n") < body,
            "a response says its length");
  }
  const auto* request = std::get_if<Request>(&whole);
  if (request == nullptr) return 0;
  check(*request, bytes, limits);
  const auto& other = std::get<Request>(pieces);
  require(other.path == request->path && other.query == request->query &&
              other.host == request->host && other.headers.size() == request->headers.size(),
          "pieces change nothing");
  check_proxies(*request);
  const Parsed again = parse_head(print(*request), HeadLimits{.target = 4096, .head = 16384});
  const auto* same = std::get_if<Request>(&again);
  require(same != nullptr, "what is printed can be read");
  require(same->method == request->method && same->path == request->path &&
              same->query == request->query && same->body_length == request->body_length &&
              same->headers.size() == request->headers.size(),
          "printing changes nothing");
  return 0;
}

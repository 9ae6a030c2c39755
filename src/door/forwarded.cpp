// SPDX-License-Identifier: Apache-2.0
#include "door/forwarded.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/number.hpp"

namespace infinara::door {

namespace {

using text::equal_ignoring_case;
using text::is_alnum;

/// One element of a Forwarded header: what one proxy says.
struct Element {
  std::optional<std::string> client, proto, host;
};

/// A token or a quoted string at the front of `rest`; nothing if there is neither.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    // Beyond RFC 7239's token: many write an address with its port without the quotes.
    while (!rest.empty() &&
           (is_alnum(rest[0]) ||
            std::string_view("!#$%&'*+-.^_`|~:[]").find(rest[0]) != std::string_view::npos)) {
      value += rest[0];
      rest.remove_prefix(1);
    }
    if (value.empty()) return {};
    return value;
  }
  for (rest.remove_prefix(1); !rest.empty(); rest.remove_prefix(1)) {
    if (rest[0] == '"') {
      rest.remove_prefix(1);
      return value;
    }
    if (rest[0] == '\\') rest.remove_prefix(1);
    if (rest.empty()) break;
    value += rest[0];
  }
  return {};
}

void skip_space(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

/// The elements of one header line; nothing if it does not keep to the grammar.
std::optional<std::vector<Element>> elements_of(std::string_view rest) {
  std::vector<Element> elements(1);
  for (skip_space(rest); !rest.empty(); skip_space(rest)) {
    if (rest[0] == ',' || rest[0] == ';') {
      if (rest[0] == ',') elements.emplace_back();
      rest.remove_prefix(1);
      continue;
    }
    const std::size_t equals = rest.find('=');
    if (equals == rest.npos) return {};
    const std::string_view name = rest.substr(0, equals);
    if (!std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-'; }))
      return {};
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    if (!value) return {};
    skip_space(rest);
    if (!rest.empty() && rest[0] != ',' && rest[0] != ';') return {};
    if (equal_ignoring_case(name, "for"))
      elements.back().client = std::move(value);
    else if (equal_ignoring_case(name, "proto"))
      elements.back().proto = std::move(value);
    else if (equal_ignoring_case(name, "host"))
      elements.back().host = std::move(value);
  }
  return elements;
}

/// An address, perhaps with a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1, [2001:db8::1]:80.
std::optional<Address> read_node(std::string_view node) {
  if (node.size() > 1 && node.starts_with('"') && node.ends_with('"'))
    node = node.substr(1, node.size() - 2);
  if (node.starts_with('[')) {
    const std::size_t end = node.find(']');
    if (end == node.npos || (end + 1 < node.size() && node[end + 1] != ':')) return {};
    node = node.substr(1, end - 1);
    return node.find(':') == node.npos ? std::nullopt : Address::read(node);
  }
  if (std::count(node.begin(), node.end(), ':') == 1) node = node.substr(0, node.find(':'));
  return Address::read(node);
}

using Hops = std::vector<std::optional<Address>>;  // nothing: one that does not say its address

std::optional<Address> walk_back(const Hops& hops, const Address& peer,
                                 const AddressRanges& trusted) {
  if (hops.empty()) return {};
  Address client = peer;
  for (auto hop = hops.rbegin(); hop != hops.rend() && *hop && trusted.contains(client); ++hop)
    client = **hop;
  return client;
}

/// The first item of the first header of this name.
std::string_view first_of(const Request& request, std::string_view name) {
  const std::string* value = request.header(name);
  return value == nullptr ? std::string_view() : text::items_of(*value).front();
}

}  // namespace

bool is_prefix(std::string_view path) {
  if (!path.starts_with('/') || path.ends_with('/') || path.find("//") != path.npos) return false;
  for (std::string_view rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment == "." || segment == "..") return false;
    rest.remove_prefix(segment.size());
  }
  return std::all_of(path.begin(), path.end(), [](char c) {
    return is_alnum(c) || std::string_view("/-._~!$&'()*+;=@").find(c) != std::string_view::npos;
  });
}

Forwarded forwarded_of(const Request& request) {
  Element element;
  if (const std::string* line = request.header("forwarded"))
    if (auto elements = elements_of(*line)) element = std::move(elements->front());

  Forwarded forwarded;
  for (const std::string_view proto :
       {first_of(request, "x-forwarded-proto"),
        element.proto ? std::string_view(*element.proto) : std::string_view()})
    for (const char* known : {"http", "https"})
      if (forwarded.proto.empty() && equal_ignoring_case(proto, known)) forwarded.proto = known;
  for (const std::string_view host :
       {first_of(request, "x-forwarded-host"),
        element.host ? std::string_view(*element.host) : std::string_view()})
    if (forwarded.host.empty() && is_host(host) && !host.starts_with('.') &&
        host.find("..") == host.npos)
      forwarded.host = host;
  const auto port = text::number<int>(first_of(request, "x-forwarded-port"));
  if (port && *port >= 1 && *port <= 65535) forwarded.port = *port;
  std::string_view prefix = first_of(request, "x-forwarded-prefix");
  if (prefix.size() > 1 && prefix.ends_with('/')) prefix.remove_suffix(1);
  if (is_prefix(prefix)) forwarded.prefix = prefix;
  return forwarded;
}

Address client_of(const Request& request, const Address& peer, const AddressRanges& trusted) {
  if (!trusted.contains(peer)) return peer;
  Hops listed, elements;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") {
      for (const auto item : text::items_of(value))
        if (!item.empty()) listed.push_back(read_node(item));
    } else if (name == "forwarded") {
      const auto line = elements_of(value);
      if (!line) {
        elements.emplace_back();
        continue;
      }
      for (const auto& element : *line)
        if (element.client) elements.push_back(read_node(*element.client));
    }
  }
  const auto one = walk_back(listed, peer, trusted);
  const auto other = walk_back(elements, peer, trusted);
  if (one && other && *one != *other) return peer;
  return one.value_or(other.value_or(peer));
}

}  // namespace infinara::door

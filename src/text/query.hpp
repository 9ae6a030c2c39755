// SPDX-License-Identifier: Apache-2.0
// The parts of a URI, and the NAME=VALUE pairs of its query. Written for the elements that are
// given an order as a URI.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/ascii.hpp"
#include "text/percent.hpp"
#include "text/result.hpp"
#include "text/utf8.hpp"

namespace infinara::text {

/// The five parts of a URI (RFC 3986, appendix B), as they are written: nothing is decoded. They
/// borrow from the text that was split. `authority`, `query` and `fragment` are absent where the
/// mark that begins them ("//", "?", "#") is.
struct UriParts {
  std::string_view scheme{};
  std::optional<std::string_view> authority{};  // "user@host:port"
  std::string_view path{};
  std::optional<std::string_view> query{};
  std::optional<std::string_view> fragment{};
  bool operator==(const UriParts&) const = default;
};

constexpr UriParts split_uri(std::string_view text) {
  UriParts out;
  const auto cut_at = [&](char mark) -> std::optional<std::string_view> {
    const auto at = text.find(mark);
    if (at == text.npos) return std::nullopt;
    const auto tail = text.substr(at + 1);
    text = text.substr(0, at);
    return tail;
  };
  out.fragment = cut_at('#');
  out.query = cut_at('?');
  if (const auto colon = text.find(':'); colon != text.npos && colon < text.find('/')) {
    out.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const auto slash = std::min(text.find('/'), text.size());
    out.authority = text.substr(0, slash);
    text.remove_prefix(slash);
  }
  out.path = text;
  return out;
}

/// One NAME=VALUE, decoded.
struct QueryItem {
  std::string name{};
  std::string value{};
  bool operator==(const QueryItem&) const = default;
};

/// The items of `query` (without its "?") in their order, decoded as HTML forms encode them: "+"
/// and "%20" are a space, "%2B" is a plus. Empty items between two "&" are skipped; an item without
/// "=" has an empty value. The string is the reason why the query is refused: a broken escape, text
/// that is not UTF-8, a control character other than a tab or a line break, an empty name, or a
/// name that comes twice.
inline Result<std::vector<QueryItem>, std::string> parse_query(std::string_view query) {
  const auto decoded = [](std::string_view raw) {
    std::string spaced(raw);
    std::ranges::replace(spaced, '+', ' ');
    return percent_decoded(spaced);
  };
  const auto unprintable = [](char c) {
    return is_control(c) && c != '\t' && c != '\n' && c != '\r';
  };
  std::vector<QueryItem> out;
  while (!query.empty()) {
    const std::string_view item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(item.size() + 1, query.size()));
    if (item.empty()) continue;
    const std::string_view raw_name = item.substr(0, item.find('='));
    const auto name = decoded(raw_name);
    const auto value = decoded(item.substr(std::min(raw_name.size() + 1, item.size())));
    if (!name || !is_utf8(*name) || std::ranges::any_of(*name, is_control))
      return "a name in the query is not text; \"%\" begins an escape such as %20";
    if (name->empty()) return "a value in the query has no name; write NAME=VALUE&NAME=VALUE";
    if (!value)
      return "the value of " + *name + " has a broken escape; a percent sign is written %25";
    if (!is_utf8(*value) || std::ranges::any_of(*value, unprintable))
      return "the value of " + *name + " is not UTF-8 text";
    if (std::ranges::find(out, *name, &QueryItem::name) != out.end())
      return *name + " is given twice";
    out.push_back({*name, *value});
  }
  return out;
}

/// `text` as a form encodes it, so that parse_query() reads it back: letters, digits and "-._~*"
/// stay, a space becomes "+", every other byte "%XX".
inline std::string form_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_alnum(c) || std::string_view("-._~*").find(c) != std::string_view::npos)
      out += c;
    else if (c == ' ')
      out += '+';
    else
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return out;
}

/// The query that parse_query() reads as `items`.
inline std::string print_query(const std::vector<QueryItem>& items) {
  std::string out;
  for (const QueryItem& item : items)
    out += (out.empty() ? "" : "&") + form_encoded(item.name) + "=" + form_encoded(item.value);
  return out;
}

}  // namespace infinara::text

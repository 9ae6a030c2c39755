// SPDX-License-Identifier: Apache-2.0
#include "remote/json.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace infinara::remote {
namespace {

/// The value of the "uXXXX" that `rest` begins with, or nothing.
std::optional<unsigned> code_unit(std::string_view rest) {
  unsigned unit = 0;
  if (rest.size() < 5 || rest[0] != 'u') return {};
  for (const char digit : rest.substr(1, 4)) {
    if (!g_ascii_isxdigit(digit)) return {};
    unit = unit * 16 + static_cast<unsigned>(g_ascii_xdigit_value(digit));
  }
  return unit;
}

/// How many characters after a backslash belong to it; 0 if they are no escape of JSON's, or half a
/// surrogate pair: after those, json-glib skips quotes.
std::size_t escape_length(std::string_view rest) {
  if (rest.empty() || std::string_view("\"\\/bfnrtu").find(rest[0]) == rest.npos) return 0;
  if (rest[0] != 'u') return 1;
  const auto unit = code_unit(rest);
  if (!unit) return 0;
  if (*unit < 0xd800 || *unit > 0xdfff) return 5;
  if (*unit > 0xdbff || rest.size() < 11 || rest[5] != '\\') return 0;
  const auto second = code_unit(rest.substr(6));
  return second && *second >= 0xdc00 && *second <= 0xdfff ? 11 : 0;
}

/// The length of the number that `rest` begins with; 0 if it is none of JSON's, or an integer that
/// 64 bits do not hold. json-glib takes 010 for 8, 0x10 for 16 and 18446744073709551617 for -1.
std::size_t number_length(std::string_view rest) {
  std::size_t i = 0;
  const auto at = [&] { return i < rest.size() ? rest[i] : '\0'; };
  const auto digits = [&] {
    const std::size_t begin = i;
    while (g_ascii_isdigit(at())) ++i;
    return i > begin;
  };
  if (at() == '-') ++i;
  const bool zero = at() == '0';
  const std::size_t first = i;
  if (!digits() || (zero && i > first + 1)) return 0;
  bool whole = true;
  if (at() == '.') {
    whole = false;
    ++i;
    if (!digits()) return 0;
  }
  if (at() == 'e' || at() == 'E') {
    whole = false;
    ++i;
    if (at() == '+' || at() == '-') ++i;
    if (!digits()) return 0;
  }
  std::int64_t value = 0;
  if (whole && std::from_chars(rest.data(), rest.data() + i, value).ec != std::errc{}) return 0;
  return i;
}

/// The length of the number or of the word true, false or null that `rest` begins with, or 0.
std::size_t scalar_length(std::string_view rest) {
  std::size_t length = 0;
  for (const std::string_view word : {"true", "false", "null"})
    if (rest.starts_with(word)) length = word.size();
  if (length == 0) length = number_length(rest);
  const bool ends = length == rest.size() ||
                    !(g_ascii_isalnum(rest[length]) ||
                      std::string_view("+-._").find(rest[length]) != std::string_view::npos);
  return ends ? length : 0;
}

// json-glib 1.6 recurses once per bracket and dies on 90 kB of them. Whatever would let its idea of
// "inside a string" differ from ours (comments, single quotes) is refused, so no bracket can hide.
bool is_harmless(std::string_view text) {
  if (text.size() > kJsonBytes) return false;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') return false;
    if (in_string) {
      if (c == '\\') {
        const std::size_t length = escape_length(text.substr(i + 1));
        if (length == 0) return false;
        i += length;
      } else if (c == '"')
        in_string = false;
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        break;
      case '[':
      case '{':
        if (++depth > kJsonDepth) return false;
        break;
      case ']':
      case '}':
        if (--depth < 0) return false;
        break;
      case ' ':
      case '\t':
      case '\r':
      case '\n':
      case ',':
      case ':':
        break;
      default:
        const std::size_t length = scalar_length(text.substr(i));
        if (length == 0) return false;
        i += length - 1;
    }
  }
  return depth == 0 && !in_string;
}

}  // namespace

JsonValue JsonValue::operator[](const char* name) const {
  if (!is_object()) return {};
  return json_object_get_member(json_node_get_object(node_), name);
}

std::size_t JsonValue::size() const {
  return is_array() ? json_array_get_length(json_node_get_array(node_)) : 0;
}

JsonValue JsonValue::at(std::size_t index) const {
  if (index >= size()) return {};
  return json_array_get_element(json_node_get_array(node_), static_cast<guint>(index));
}

std::optional<std::string> JsonValue::text() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  const char* text = json_node_get_string(node_);
  return text != nullptr && g_utf8_validate(text, -1, nullptr) ? std::optional<std::string>(text)
                                                               : std::nullopt;
}

std::optional<double> JsonValue::number() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  const GType type = json_node_get_value_type(node_);
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE) return std::nullopt;
  const double x = json_node_get_double(node_);
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

std::optional<std::int64_t> JsonValue::integer() const {
  const auto x = number();
  if (!x || std::trunc(*x) != *x || std::abs(*x) > 9007199254740992.0) return std::nullopt;
  return static_cast<std::int64_t>(*x);
}

std::optional<bool> JsonValue::truth() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  if (json_node_get_value_type(node_) != G_TYPE_BOOLEAN) return std::nullopt;
  return json_node_get_boolean(node_) != FALSE;
}

std::optional<Json> Json::parse(std::string_view text) {
  if (!is_harmless(text)) return std::nullopt;
  const std::unique_ptr<JsonParser, decltype(&g_object_unref)> parser(json_parser_new_immutable(),
                                                                      g_object_unref);
  if (!json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()),
                                  nullptr))
    return std::nullopt;
  Json out;
  out.json_node_.reset(json_parser_steal_root(parser.get()));
  if (out.json_node_ == nullptr) return std::nullopt;  // a blank text "parses" to no root
  return out;
}

}  // namespace infinara::remote

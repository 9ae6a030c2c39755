// SPDX-License-Identifier: Apache-2.0
#include "remote/json.hpp"

#include <cmath>

namespace infinara::remote {
namespace {

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
      if (c == '\\')
        ++i;
      else if (c == '"')
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
      case '+':
      case '-':
      case '.':
        break;
      default:
        if (!g_ascii_isalnum(c)) return false;
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
  return text != nullptr ? std::optional<std::string>(text) : std::nullopt;
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

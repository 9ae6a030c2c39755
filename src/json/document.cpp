// SPDX-License-Identifier: Apache-2.0
#include "json/document.hpp"

#include <cmath>

namespace infinara::json {

Node Node::operator[](const char* name) const {
  if (!is_object()) return {};
  return json_object_get_member(json_node_get_object(node_), name);
}

std::size_t Node::size() const {
  return is_array() ? json_array_get_length(json_node_get_array(node_)) : 0;
}

Node Node::at(std::size_t index) const {
  if (index >= size()) return {};
  return json_array_get_element(json_node_get_array(node_), static_cast<guint>(index));
}

std::optional<std::string> Node::text() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  const char* text = json_node_get_string(node_);
  return text != nullptr ? std::optional<std::string>(text) : std::nullopt;
}

std::optional<double> Node::number() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  const GType type = json_node_get_value_type(node_);
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE) return std::nullopt;
  const double x = json_node_get_double(node_);
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

std::optional<std::int64_t> Node::integer() const {
  const auto x = number();
  if (!x || std::trunc(*x) != *x || std::abs(*x) > 9007199254740992.0) return std::nullopt;
  return static_cast<std::int64_t>(*x);
}

std::optional<bool> Node::truth() const {
  if (node_ == nullptr || !JSON_NODE_HOLDS_VALUE(node_)) return std::nullopt;
  if (json_node_get_value_type(node_) != G_TYPE_BOOLEAN) return std::nullopt;
  return json_node_get_boolean(node_) != FALSE;
}

std::optional<Document> Document::parse(std::string_view text) {
  if (check(text).fault != nullptr) return std::nullopt;
  const auto parser = glibpp::Ref<JsonParser>::adopt(json_parser_new_immutable());
  if (!json_parser_load_from_data(parser, text.data(), static_cast<gssize>(text.size()), nullptr))
    return std::nullopt;
  Document out;
  out.root_ = glibpp::Ref<JsonNode>::adopt(json_parser_steal_root(parser));
  if (!out.root_) return std::nullopt;
  return out;
}

}  // namespace infinara::json

// SPDX-License-Identifier: Apache-2.0
// Untrusted JSON, read by json-glib after the checks of json/guard.hpp.
#pragma once

#include <json-glib/json-glib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "glibpp/ref.hpp"
#include "json/guard.hpp"

template <>
struct glibpp::Counted<JsonNode> {
  static void ref(JsonNode* node) { json_node_ref(node); }
  static void unref(JsonNode* node) { json_node_unref(node); }
};

namespace infinara::json {

/// A place in a document, or nothing; every question may be asked of nothing. It lives as long as
/// the Document it came from.
class Node {
 public:
  Node(JsonNode* node = nullptr) : node_(node) {}

  bool is_object() const { return node_ != nullptr && JSON_NODE_HOLDS_OBJECT(node_); }
  bool is_array() const { return node_ != nullptr && JSON_NODE_HOLDS_ARRAY(node_); }
  /// Neither absent nor null.
  explicit operator bool() const { return node_ != nullptr && !JSON_NODE_HOLDS_NULL(node_); }

  Node operator[](const char* name) const;
  std::size_t size() const;
  Node at(std::size_t index) const;

  /// Valid UTF-8.
  std::optional<std::string> text() const;
  /// A finite number; never one written as text.
  std::optional<double> number() const;
  /// A whole number within ±2^53.
  std::optional<std::int64_t> integer() const;
  std::optional<bool> truth() const;

  /// The object of is_object().
  JsonObject* object() const { return json_node_get_object(node_); }

 private:
  JsonNode* node_;
};

/// A whole document.
class Document {
 public:
  /// Nothing if the guard or json-glib refuses it.
  static std::optional<Document> parse(std::string_view text);
  Node root() const { return root_.get(); }

 private:
  glibpp::Ref<JsonNode> root_;
};

}  // namespace infinara::json

// SPDX-License-Identifier: Apache-2.0
// JSON of a stranger, read without harm: json-glib sees a text only after its size, its nesting and
// its grammar outside of strings were checked here.
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace infinara::remote {

inline constexpr std::size_t kJsonBytes = 1 << 20;
inline constexpr int kJsonDepth = 64;

/// A place in a document, or nothing; every question may be asked of nothing. It lives as long as
/// the Json it came from.
class JsonValue {
 public:
  JsonValue(JsonNode* node = nullptr) : node_(node) {}

  bool is_object() const { return node_ != nullptr && JSON_NODE_HOLDS_OBJECT(node_); }
  bool is_array() const { return node_ != nullptr && JSON_NODE_HOLDS_ARRAY(node_); }
  /// Neither absent nor null.
  explicit operator bool() const { return node_ != nullptr && !JSON_NODE_HOLDS_NULL(node_); }

  JsonValue operator[](const char* name) const;
  std::size_t size() const;
  JsonValue at(std::size_t index) const;

  /// Valid UTF-8; what follows a NUL is left out.
  std::optional<std::string> text() const;
  /// A finite number; never one written as text.
  std::optional<double> number() const;
  /// A whole number within ±2^53.
  std::optional<std::int64_t> integer() const;
  std::optional<bool> truth() const;

 private:
  JsonNode* node_;
};

/// A whole document.
class Json {
 public:
  /// Nothing if it is over kJsonBytes, nests deeper than kJsonDepth, or is not JSON by RFC 8259 (no
  /// comments, single quotes or assignments, which json-glib would take).
  static std::optional<Json> parse(std::string_view text);
  JsonValue root() const { return json_node_.get(); }

 private:
  struct Free {
    void operator()(JsonNode* node) const { json_node_unref(node); }
  };
  std::unique_ptr<JsonNode, Free> json_node_;
};

}  // namespace infinara::remote

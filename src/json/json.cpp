// SPDX-License-Identifier: Apache-2.0
#include "json/json.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "json/document.hpp"
#include "text/number.hpp"
#include "text/utf8.hpp"

namespace infinara::json {
namespace {

/// Nothing if it is a number that a double does not hold.
std::optional<Value> value_of(JsonNode* json) {
  const Node node(json);
  if (node.is_object() || node.is_array()) return Nested{};
  if (!node) return nullptr;
  if (const auto text = node.text()) return *text;
  if (const auto truth = node.truth()) return *truth;
  if (const auto number = node.number()) return *number;
  return std::nullopt;
}

}  // namespace

Result<Fields, Fault> read_object(std::string_view text) {
  const Checked checked = check(text, kMaxRequestBytes);
  if (checked.fault != nullptr) return Fault{checked.fault};
  const auto document = Document::parse(text);
  if (!document) return Fault{"it is not JSON"};
  if (!document->root().is_object()) return Fault{"it is JSON, but no object"};
  JsonObject* object = document->root().object();
  if (json_object_get_size(object) != checked.members) return Fault{"a name is repeated"};
  Fields fields;
  JsonObjectIter iter;
  const char* name = nullptr;
  JsonNode* member = nullptr;
  json_object_iter_init(&iter, object);
  while (json_object_iter_next(&iter, &name, &member)) {
    auto value = value_of(member);
    if (!value) return Fault{"a number is too large"};
    fields.emplace(name, *std::move(value));
  }
  return fields;
}

std::string text_of(std::string_view value) {
  std::string out = "\"";
  while (!value.empty()) {
    const char c = value.front();
    const std::size_t length = text::utf8_length(value);
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kHex[] = "0123456789abcdef";
      ((out += "\\u00") += kHex[c >> 4]) += kHex[c & 15];
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out + '"';
}

std::string text_of(double value) {
  return std::isfinite(value) ? text::shown(value) : "null";
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}

std::string Object::text() const {
  std::string out = "{";
  for (const auto& [name, value] : members_)
    ((out += out.size() > 1 ? "," : "") += text_of(std::string_view(name)) + ":") += value;
  return out + "}";
}

}  // namespace infinara::json

// SPDX-License-Identifier: Apache-2.0
// JSON of another server: read by json-glib behind our checks of size and nesting, walked whole,
// printed and read again.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "fuzz.hpp"
#include "remote/json.hpp"

namespace {

using infinara::fuzz::require;
using infinara::remote::Json;
using infinara::remote::JsonValue;

bool is_printable = true;  // by json-glib, so that it reads back the same

/// Asks every question of every place; returns how deep it nests.
int walk(JsonNode* node) {
  const JsonValue value(node);
  if (const auto x = value.number()) require(std::isfinite(*x), "a number is finite");
  // json-glib prints 1e308 as 1e+308.0, 1e400 as inf.0, and half a surrogate pair as broken UTF-8.
  const GType type =
      node != nullptr && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : 0;
  if (type == G_TYPE_DOUBLE &&
      !(std::abs(json_node_get_double(node)) < 1e15 && std::abs(json_node_get_double(node)) > 1e-4))
    is_printable = false;
  if (type == G_TYPE_STRING && !value.text()) is_printable = false;
  if (const auto x = value.integer())
    require(*x >= -(std::int64_t{1} << 53) && *x <= std::int64_t{1} << 53, "an integer is exact");
  const auto text = value.text();
  require(!text || g_utf8_validate(text->data(), static_cast<gssize>(text->size()), nullptr),
          "a text is UTF-8");
  value.truth();
  require(!value["no such name"] || value.is_object(), "only objects have members");
  int deepest = 0;
  if (value.is_array()) {
    JsonArray* array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); ++i)
      deepest = std::max(deepest, walk(json_array_get_element(array, i)));
    require(!value.at(value.size()), "nothing lies beyond an array's end");
    ++deepest;
  } else if (value.is_object()) {
    JsonObjectIter iter;
    const char* name = nullptr;
    JsonNode* member = nullptr;
    json_object_iter_init(&iter, json_node_get_object(node));
    while (json_object_iter_next(&iter, &name, &member)) {
      if (!g_utf8_validate(name, -1, nullptr)) is_printable = false;
      deepest = std::max(deepest, walk(member));
    }
    ++deepest;
  }
  return deepest;
}

JsonNode* node_of(JsonValue value) {
  static_assert(sizeof value == sizeof(JsonNode*));
  JsonNode* node = nullptr;
  std::memcpy(&node, &value, sizeof node);
  return node;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = Json::parse(infinara::fuzz::text_of(data, size));
  if (!json) return 0;
  require(size <= infinara::remote::kJsonBytes, "a text that is too large is refused");
  is_printable = true;
  JsonNode* root = node_of(json->root());
  require(walk(root) <= infinara::remote::kJsonDepth, "nesting is limited");
  if (!is_printable) return 0;
  const std::unique_ptr<char, decltype(&g_free)> printed(json_to_string(root, FALSE), g_free);
  const auto again = Json::parse(printed.get());
  require(again.has_value(), "what is printed can be read");
  require(json_node_equal(root, node_of(again->root())), "printing changes nothing");
  return 0;
}

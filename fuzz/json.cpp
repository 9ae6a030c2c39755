// SPDX-License-Identifier: Apache-2.0
// JSON of clients and of other servers: read by json-glib behind our guard, walked whole, printed
// and read again; as a request's body as well.
#include "json/json.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "fuzz.hpp"
#include "json/document.hpp"

namespace {

namespace json = infinara::json;
using infinara::fuzz::require;

bool same(const json::Value& a, const json::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<double>(&a)) return *x == std::get<double>(b);
  if (const auto* x = std::get_if<bool>(&a)) return *x == std::get<bool>(b);
  if (const auto* x = std::get_if<std::string>(&a)) return *x == std::get<std::string>(b);
  return true;
}

std::string print(const json::Fields& fields) {
  json::Object out;
  for (const auto& [name, value] : fields) {
    if (const auto* x = std::get_if<double>(&value))
      out.set(name, *x);
    else if (const auto* x = std::get_if<bool>(&value))
      out.set(name, *x);
    else if (const auto* x = std::get_if<std::string>(&value))
      out.set(name, std::string_view(*x));
    else
      out.raw(name, std::holds_alternative<std::nullptr_t>(value) ? "null" : "[]");
  }
  return out.text();
}

/// Whether the double is one that json-glib and we print so that it reads back the same, with the
/// same type: json-glib prints 1e308 as 1e+308.0, and we print 1e18 as a whole number.
bool prints_well(double x) {
  return std::abs(x) < 1e15 && (x == 0 || std::abs(x) > 1e-4);
}

bool is_printable = true;  // by json-glib

/// Asks every question of every place; returns how deep it nests.
int walk(JsonNode* node) {
  const json::Node value(node);
  if (const auto x = value.number()) require(std::isfinite(*x), "a number is finite");
  const GType type =
      node != nullptr && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : 0;
  if (type == G_TYPE_DOUBLE && !prints_well(json_node_get_double(node))) is_printable = false;
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
    json_object_iter_init(&iter, value.object());
    while (json_object_iter_next(&iter, &name, &member)) {
      require(g_utf8_validate(name, -1, nullptr), "a name is UTF-8");
      deepest = std::max(deepest, walk(member));
    }
    ++deepest;
  }
  return deepest;
}

JsonNode* node_of(json::Node value) {
  return std::bit_cast<JsonNode*>(value);
}

void check_document(const json::Document& document) {
  is_printable = true;
  JsonNode* root = node_of(document.root());
  require(walk(root) <= json::kMaxDepth, "nesting is limited");
  if (!is_printable) return;
  const std::unique_ptr<char, decltype(&g_free)> printed(json_to_string(root, FALSE), g_free);
  const auto again = json::Document::parse(printed.get());
  require(again.has_value(), "what json-glib prints can be read");
  require(json_node_equal(root, node_of(again->root())), "printing changes nothing");
}

void check_fields(const json::Fields& fields) {
  for (const auto& [name, value] : fields)
    if (const auto* x = std::get_if<double>(&value); x != nullptr && !prints_well(*x)) return;
  const std::string printed = print(fields);
  if (printed.size() > json::kMaxRequestBytes) return;
  const auto other = json::read_object(printed);
  require(other && other->size() == fields.size(), "what we print can be read");
  for (auto a = fields.begin(), b = other->begin(); a != fields.end(); ++a, ++b)
    require(a->first == b->first && same(a->second, b->second), "printing changes no value");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = infinara::fuzz::text_of(data, size);
  // Any text can be sent as a string, its broken bytes replaced; a zero in it is never read.
  const auto sent = text.substr(0, 8192);
  const auto wrapped = json::read_object("{\"x\":" + json::text_of(sent) + "}");
  require(bool(wrapped) == (sent.find('\0') == sent.npos), "any text is printed");

  const auto document = json::Document::parse(text);
  require(!document || size <= json::kMaxBytes, "a text that is too large is refused");
  if (document) check_document(*document);

  const auto fields = json::read_object(text);
  if (fields) {
    require(size <= json::kMaxRequestBytes, "a body that is too large is refused");
    require(document && document->root().is_object(), "a body is a document");
    check_fields(*fields);
  } else {
    require(*fields.error().why != '\0', "a fault has a reason");
  }
  return 0;
}

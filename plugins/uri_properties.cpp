// SPDX-License-Identifier: Apache-2.0
#include "uri_properties.hpp"

#include <algorithm>
#include <concepts>
#include <limits>
#include <utility>
#include <vector>

#include "text/ascii.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"
#include "text/query.hpp"

namespace infinara {
namespace {

// A GValue that is cleared with its owner.
class Value {
 public:
  explicit Value(GType type) { g_value_init(&value_, type); }
  Value(Value&& other) noexcept : value_(std::exchange(other.value_, GValue{})) {}
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() {
    if (G_IS_VALUE(&value_)) g_value_unset(&value_);
  }
  GValue* get() { return &value_; }

 private:
  GValue value_ = G_VALUE_INIT;
};

using text::shown;
std::string shown(std::integral auto x) {
  return std::to_string(x);
}

// Each of the following fills `value` and returns an empty text, or says what was expected.

template <class T>
std::string read_number(std::string_view text, T low, T high, T& out) {
  const auto x = text::number<T>(text);
  if (x && *x >= low && *x <= high) {
    out = *x;
    return {};
  }
  std::string wanted = std::is_floating_point_v<T> ? "a number" : "a whole number";
  const bool has_low = low > std::numeric_limits<T>::lowest();
  const bool has_high = high < std::numeric_limits<T>::max();
  if (has_low && has_high) return wanted + " from " + shown(low) + " to " + shown(high);
  if (has_low) return wanted + " of at least " + shown(low);
  if (has_high) return wanted + " of at most " + shown(high);
  return wanted;
}

template <class Spec, class T>
std::string read_number(std::string_view text, GParamSpec* spec, GValue* value,
                        void (*set)(GValue*, T)) {
  const auto* limits = reinterpret_cast<const Spec*>(spec);
  T x{};
  std::string wanted = read_number<T>(text, limits->minimum, limits->maximum, x);
  if (wanted.empty()) set(value, x);
  return wanted;
}

std::string read_flag(std::string_view text, GValue* value) {
  const std::string small = text::lowered(text);
  for (const auto& [yes, no] :
       {std::pair{"true", "false"}, {"yes", "no"}, {"on", "off"}, {"1", "0"}})
    if (small == yes || small == no) {
      g_value_set_boolean(value, small == yes);
      return {};
    }
  return "true or false";
}

std::string read_choice(std::string_view text, GParamSpec* spec, GValue* value) {
  const GEnumClass* choices = G_PARAM_SPEC_ENUM(spec)->enum_class;
  std::string wanted;
  for (guint i = 0; i < choices->n_values; ++i) {
    if (text == choices->values[i].value_nick) {
      g_value_set_enum(value, choices->values[i].value);
      return {};
    }
    wanted += (i == 0 ? "one of " : ", ") + std::string(choices->values[i].value_nick);
  }
  return wanted;
}

std::string read_value(const UriProperty& property, const std::string& text, GParamSpec* spec,
                       GValue* value) {
  if (property.expected != nullptr && !(text.empty() && G_IS_PARAM_SPEC_STRING(spec)))
    if (std::string wanted = property.expected(text); !wanted.empty()) return wanted;
  switch (G_PARAM_SPEC_VALUE_TYPE(spec)) {
    case G_TYPE_STRING:
      g_value_set_string(value, text.c_str());
      return {};
    case G_TYPE_INT:
      return read_number<GParamSpecInt>(text, spec, value, g_value_set_int);
    case G_TYPE_UINT:
      return read_number<GParamSpecUInt>(text, spec, value, g_value_set_uint);
    case G_TYPE_INT64:
      return read_number<GParamSpecInt64>(text, spec, value, g_value_set_int64);
    case G_TYPE_UINT64:
      return read_number<GParamSpecUInt64>(text, spec, value, g_value_set_uint64);
    case G_TYPE_DOUBLE:
      return read_number<GParamSpecDouble>(text, spec, value, g_value_set_double);
    case G_TYPE_BOOLEAN:
      return read_flag(text, value);
    default:
      break;
  }
  return G_IS_PARAM_SPEC_ENUM(spec) ? read_choice(text, spec, value) : "left out";
}

std::string print_value(GParamSpec* spec, const GValue* value) {
  switch (G_PARAM_SPEC_VALUE_TYPE(spec)) {
    case G_TYPE_STRING:
      return g_value_get_string(value) != nullptr ? g_value_get_string(value) : "";
    case G_TYPE_INT:
      return shown(g_value_get_int(value));
    case G_TYPE_UINT:
      return shown(g_value_get_uint(value));
    case G_TYPE_INT64:
      return shown(g_value_get_int64(value));
    case G_TYPE_UINT64:
      return shown(g_value_get_uint64(value));
    case G_TYPE_DOUBLE:
      return shown(g_value_get_double(value));
    case G_TYPE_BOOLEAN:
      return g_value_get_boolean(value) != FALSE ? "true" : "false";
    default:
      break;
  }
  if (!G_IS_PARAM_SPEC_ENUM(spec)) return {};
  const GEnumValue* choice =
      g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, g_value_get_enum(value));
  return choice != nullptr ? choice->value_nick : "";
}

GParamSpec* spec_of(GObject* object, const UriProperty& property) {
  return g_object_class_find_property(G_OBJECT_GET_CLASS(object), property.name);
}

std::string in_quotes(std::string_view text) {
  return text::printable(text, 60, " ", "\xef\xbf\xbd");
}

}  // namespace

bool refuse_uri(GError** error, const std::string& why) {
  g_set_error_literal(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, why.c_str());
  return false;
}

std::optional<text::UriParts> split_new_uri(GstURIHandler* handler, const gchar* uri,
                                            GError** error) {
  if (GST_STATE(handler) > GST_STATE_READY) {
    g_set_error_literal(
        error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE,
        "the URI can only change in the states NULL and READY; stop the element first");
    return std::nullopt;
  }
  const text::UriParts parts = text::split_uri(uri);
  if (!parts.fragment) return parts;
  refuse_uri(error, "a # begins a fragment; in a value it is written %23");
  return std::nullopt;
}

bool set_uri_properties(GObject* object, std::span<const UriProperty> table, std::string_view query,
                        GError** error) {
  const auto items = text::parse_query(query);
  if (!items) return refuse_uri(error, items.error());
  std::vector<std::pair<GParamSpec*, Value>> values;
  for (const UriProperty& property : table) {
    GParamSpec* spec = spec_of(object, property);
    values.emplace_back(spec, Value(G_PARAM_SPEC_VALUE_TYPE(spec)));
    g_param_value_set_default(spec, values.back().second.get());
  }
  for (const text::QueryItem& item : *items) {
    const auto found = std::ranges::find_if(
        table, [&](const UriProperty& property) { return item.name == property.name; });
    if (found == table.end()) {
      std::string known;
      for (const UriProperty& property : table)
        known += (known.empty() ? "" : ", ") + std::string(property.name);
      return refuse_uri(error,
                        "unknown name \"" + in_quotes(item.name) + "\"; a URI may set " + known);
    }
    auto& [spec, value] = values[static_cast<std::size_t>(found - table.begin())];
    const std::string wanted = read_value(*found, item.value, spec, value.get());
    if (!wanted.empty())
      return refuse_uri(error, item.name + "=" + in_quotes(item.value) + " is not " + wanted);
  }
  g_object_freeze_notify(object);
  for (auto& [spec, value] : values) g_object_set_property(object, spec->name, value.get());
  g_object_thaw_notify(object);
  return true;
}

std::string print_uri_properties(GObject* object, std::span<const UriProperty> table) {
  std::vector<text::QueryItem> items;
  for (const UriProperty& property : table) {
    GParamSpec* spec = spec_of(object, property);
    Value value(G_PARAM_SPEC_VALUE_TYPE(spec));
    g_object_get_property(object, spec->name, value.get());
    // Compared as text: a property without a default of its own has NULL or an empty text.
    Value initial(G_PARAM_SPEC_VALUE_TYPE(spec));
    g_param_value_set_default(spec, initial.get());
    std::string text = print_value(spec, value.get());
    if (text != print_value(spec, initial.get())) items.push_back({property.name, std::move(text)});
  }
  return text::print_query(items);
}

}  // namespace infinara

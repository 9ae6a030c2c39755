// SPDX-License-Identifier: Apache-2.0
// The JSON of the API: one flat object in, one object out. A text by RFC 8259 whose names are not
// repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "text/result.hpp"

namespace infinara::json {

/// An array or an object: checked, but of no interest here.
struct Nested {};

using Value = std::variant<std::nullptr_t, bool, double, std::string, Nested>;
using Fields = std::map<std::string, Value, std::less<>>;

/// Why a text is no object, as the end of a sentence: "a name is repeated".
struct Fault {
  const char* why;
};

inline constexpr std::size_t kMaxRequestBytes = 65536;

/// Reads one flat object of at most kMaxRequestBytes.
Result<Fields, Fault> read_object(std::string_view text);

/// Values as JSON text; numbers in the shortest form that reads back the same.
std::string text_of(std::string_view value);
std::string text_of(double value);  // null unless finite
std::string text_of(bool value);

/// A list: `each` makes JSON text of an item.
template <class Items, class Each>
std::string list_of(const Items& items, Each each) {
  std::string all = "[";
  for (const auto& item : items) (all += all.size() > 1 ? "," : "") += each(item);
  return all + "]";
}

/// An object being written; its names come out in alphabetical order.
class Object {
 public:
  Object& set(std::string name, std::string_view value) {
    return raw(std::move(name), text_of(value));
  }
  Object& set(std::string name, const char* value) {
    return set(std::move(name), std::string_view(value));
  }
  /// A bool, or a number; an integer is written as one, whatever its size.
  template <class T>
  requires std::is_arithmetic_v<T> Object& set(std::string name, T value) {
    std::string text;
    if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>)
      text = text_of(value);
    else
      text = std::to_string(value);
    return raw(std::move(name), text);
  }
  Object& set(std::string name, const Object& value) { return raw(std::move(name), value.text()); }
  /// `json` is JSON text already.
  Object& raw(std::string name, std::string json) {
    members_[std::move(name)] = std::move(json);
    return *this;
  }
  std::string text() const;

 private:
  std::map<std::string, std::string> members_;
};

}  // namespace infinara::json

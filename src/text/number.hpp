// SPDX-License-Identifier: Apache-2.0
// Numbers from text and to text, independent of the locale.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace infinara::text {

/// The number that is all of `text`, as std::from_chars reads it: a point, no sign but -, no space.
/// Nothing if it is none, does not fit into T, or is infinite or NaN.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(value)) return std::nullopt;
  return value;
}

/// The shortest text from which number() gives `x` back.
inline std::string shown(double x) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, x);
  return error == std::errc{} ? std::string(text, end) : std::to_string(x);
}

}  // namespace infinara::text

// SPDX-License-Identifier: Apache-2.0
// Letters without their case, as protocols compare them: ASCII's alone, whatever the locale.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace infinara::text {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

}  // namespace infinara::text

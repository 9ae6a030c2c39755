// SPDX-License-Identifier: Apache-2.0
// Lists as settings write them: "one, two".
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace infinara::text {

/// `text` without the white space before and after it.
constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

/// What stands between the commas, trimmed. Nothing between two of them is an empty item; a text
/// without commas is one.
inline std::vector<std::string_view> items_of(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const auto comma = text.find(',');
    items.push_back(trimmed(text.substr(0, comma)));
    if (comma == text.npos) return items;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace infinara::text

// SPDX-License-Identifier: Apache-2.0
// Percent-encoding, as in URLs.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/ascii.hpp"

namespace infinara::text {

/// `text` with each escape %XX (RFC 3986) as the byte that it stands for; nothing if one is broken.
inline std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) return {};
    out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
    i += 2;
  }
  return out;
}

}  // namespace infinara::text

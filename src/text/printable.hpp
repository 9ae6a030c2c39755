// SPDX-License-Identifier: Apache-2.0
// Untrusted text, made safe to show.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace infinara::text {

/// `text` as one line of valid UTF-8 for a log, a tag or JSON, at most `most` bytes and never cut
/// inside of a character. `control` stands for each control character, C1 (U+0080 to U+009F) among
/// them, since they steer terminals too; `broken` for each byte that is no UTF-8.
inline std::string printable(std::string_view text, std::size_t most = 200,
                             std::string_view control = "?", std::string_view broken = "?") {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const bool c1 = length == 2 && text[0] == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0;
    const std::string_view piece = length == 0                 ? broken
                                   : c1 || is_control(text[0]) ? control
                                                               : text.substr(0, length);
    if (out.size() + piece.size() > most) break;
    out += piece;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace infinara::text

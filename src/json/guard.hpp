// SPDX-License-Identifier: Apache-2.0
// Checks of an untrusted text before json-glib reads it: what json-glib does not check, or takes by
// a grammar of its own.
#pragma once

#include <cstddef>
#include <string_view>

namespace infinara::json {

inline constexpr std::size_t kMaxBytes = 1 << 20;
inline constexpr int kMaxDepth = 64;

struct Checked {
  const char* fault = nullptr;  // why it is refused, as the end of a sentence; null: it is not
  std::size_t members = 0;      // of the outermost object, each of a repeated name counted
};

/// Refuses a text that is too large or nests too deeply, strings that are not UTF-8 or hold a
/// control character, a zero (\u0000) or an escape that JSON does not have, numbers that JSON does
/// not have, whole ones that 64 bits do not hold, words other than true, false and null, and what
/// follows the document. Commas, colons and the order of things are left to json-glib.
Checked check(std::string_view text, std::size_t max_bytes = kMaxBytes);

}  // namespace infinara::json

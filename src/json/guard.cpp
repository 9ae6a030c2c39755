// SPDX-License-Identifier: Apache-2.0
#include "json/guard.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace infinara::json {
namespace {

using text::is_digit;

/// The value of the "uXXXX" that `rest` begins with, or nothing.
std::optional<unsigned> code_unit(std::string_view rest) {
  if (rest.size() < 5 || rest[0] != 'u') return {};
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + 5, unit, 16);
  if (error != std::errc{} || end != rest.data() + 5) return {};
  return unit;
}

/// How many characters after a backslash belong to it; 0 if they are no escape of JSON's, a zero,
/// at which json-glib's strings end, or half a surrogate pair, after which it skips quotes.
std::size_t escape_length(std::string_view rest) {
  if (rest.empty() || std::string_view("\"\\/bfnrtu").find(rest[0]) == rest.npos) return 0;
  if (rest[0] != 'u') return 1;
  const auto unit = code_unit(rest);
  if (!unit || *unit == 0) return 0;
  if (*unit < 0xd800 || *unit > 0xdfff) return 5;
  if (*unit > 0xdbff || rest.size() < 11 || rest[5] != '\\') return 0;
  const auto second = code_unit(rest.substr(6));
  return second && *second >= 0xdc00 && *second <= 0xdfff ? 11 : 0;
}

/// The length of the number that `rest` begins with; 0 if it is none of JSON's, or an integer that
/// 64 bits do not hold. json-glib takes 010 for 8, 0x10 for 16 and 18446744073709551617 for -1.
std::size_t number_length(std::string_view rest) {
  std::size_t i = 0;
  const auto at = [&] { return i < rest.size() ? rest[i] : '\0'; };
  const auto digits = [&] {
    const std::size_t begin = i;
    while (is_digit(at())) ++i;
    return i > begin;
  };
  if (at() == '-') ++i;
  const bool zero = at() == '0';
  const std::size_t first = i;
  if (!digits() || (zero && i > first + 1)) return 0;
  bool whole = true;
  if (at() == '.') {
    whole = false;
    ++i;
    if (!digits()) return 0;
  }
  if (at() == 'e' || at() == 'E') {
    whole = false;
    ++i;
    if (at() == '+' || at() == '-') ++i;
    if (!digits()) return 0;
  }
  std::int64_t value = 0;
  if (whole && std::from_chars(rest.data(), rest.data() + i, value).ec != std::errc{}) return 0;
  return i;
}

/// The length of the number or of the word true, false or null that `rest` begins with, or 0.
std::size_t scalar_length(std::string_view rest) {
  std::size_t length = 0;
  for (const std::string_view word : {"true", "false", "null"})
    if (rest.starts_with(word)) length = word.size();
  if (length == 0) length = number_length(rest);
  const bool ends = length == rest.size() ||
                    !(text::is_alnum(rest[length]) ||
                      std::string_view("+-._").find(rest[length]) != std::string_view::npos);
  return ends ? length : 0;
}

/// Reads the string that `rest` begins with, its quotes included. `length` is 0 if it is refused.
struct String {
  std::size_t length = 0;
  const char* fault = nullptr;
};
String string_at(std::string_view rest) {
  std::size_t i = 1;
  while (i < rest.size()) {
    if (rest[i] == '"') return {i + 1, nullptr};
    if (static_cast<unsigned char>(rest[i]) < 0x20)
      return {0, "a string holds a control character"};
    std::size_t length = 0;
    if (rest[i] == '\\') {
      length = escape_length(rest.substr(i + 1));
      if (length == 0) return {0, "a string holds an unknown escape, a zero or half a character"};
      ++length;
    } else {
      length = text::utf8_length(rest.substr(i));
      if (length == 0) return {0, "a string is not UTF-8"};
    }
    i += length;
  }
  return {0, "a string does not end"};
}

}  // namespace

// json-glib 1.6 recurses once per bracket and dies of 90 kB of them. Whatever would let its idea of
// "inside a string" differ from ours (comments, single quotes) is refused, so no bracket can hide.
Checked check(std::string_view text, std::size_t max_bytes) {
  if (text.size() > max_bytes) return {"it is too large"};
  Checked checked;
  int depth = 0;
  bool is_over = false;      // the document is complete
  bool is_in_array = false;  // the outermost value is one
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
      continue;
    }
    if (is_over) return {"something follows it"};
    std::size_t length = 1;
    switch (c) {
      case '"': {
        const String string = string_at(text.substr(i));
        if (string.fault != nullptr) return {string.fault};
        length = string.length;
        break;
      }
      case '[':
      case '{':
        if (depth == 0) is_in_array = c == '[';
        if (++depth > kMaxDepth) return {"it is nested too deeply"};
        break;
      case ']':
      case '}':
        if (--depth < 0) return {"a bracket closes nothing"};
        break;
      case ':':
        if (depth == 1 && !is_in_array) ++checked.members;
        break;
      case ',':
        break;
      default:
        length = scalar_length(text.substr(i));
        if (length == 0) return {"a value is missing or is none of JSON's"};
    }
    i += length;
    is_over = depth == 0;
  }
  if (!is_over) return {text.empty() ? "it is empty" : "it does not end"};
  return checked;
}

}  // namespace infinara::json

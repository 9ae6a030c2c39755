// SPDX-License-Identifier: Apache-2.0
#include "json/json.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace infinara::json {
namespace {

using text::is_digit;

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0 | point >> 6);
    put(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    put(0xe0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  } else {
    put(0xf0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3f));
    put(0x80 | (point >> 6 & 0x3f));
    put(0x80 | (point & 0x3f));
  }
}

/// Walks over the text once; every step throws a Fault at the first byte that is wrong.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Fields whole() {
    space();
    if (rest_.empty()) throw Fault{"it is empty"};
    if (peek() != '{') {
      skip_value(0);
      throw Fault{"it is JSON, but no object"};
    }
    Fields fields;
    members(0, [&](std::string name) {
      if (!fields.try_emplace(std::move(name), value()).second) throw Fault{"a name is repeated"};
    });
    space();
    if (!rest_.empty()) throw Fault{"something follows the object"};
    return fields;
  }

 private:
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void need(std::string_view word, const char* why) {
    if (!take(word)) throw Fault{why};
  }
  void space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }

  template <class Each>
  void members(int depth, Each each) {
    if (depth >= kMostDepth) throw Fault{"it is nested too deeply"};
    need("{", "an object must start with {");
    space();
    if (take("}")) return;
    do {
      space();
      std::string name = string();
      space();
      need(":", "a colon is missing");
      space();
      each(std::move(name));
      space();
    } while (take(","));
    need("}", "a comma or } is missing");
  }

  Value value() {
    switch (peek()) {
      case '"':
        return string();
      case '{':
      case '[':
        skip_value(1);
        return Nested{};
      default:
        if (take("true")) return true;
        if (take("false")) return false;
        if (take("null")) return nullptr;
        return number();
    }
  }

  void skip_value(int depth) {
    if (peek() == '{') {
      members(depth, [&](const std::string&) { skip_value(depth + 1); });
    } else if (take("[")) {
      if (depth >= kMostDepth) throw Fault{"it is nested too deeply"};
      space();
      if (take("]")) return;
      do {
        space();
        skip_value(depth + 1);
        space();
      } while (take(","));
      need("]", "a comma or ] is missing");
    } else {
      value();
    }
  }

  double number() {
    std::size_t i = 0;
    const auto at = [&] { return i < rest_.size() ? rest_[i] : '\0'; };
    const auto digits = [&] {
      if (!is_digit(at())) throw Fault{"a value is missing or is none of JSON's"};
      while (is_digit(at())) ++i;
    };
    if (at() == '-') ++i;
    if (at() == '0')
      ++i;
    else
      digits();
    if (at() == '.') {
      ++i;
      digits();
    }
    if (at() == 'e' || at() == 'E') {
      ++i;
      if (at() == '+' || at() == '-') ++i;
      digits();
    }
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + i, value);
    if (error != std::errc{}) throw Fault{"a number is too large or too close to 0"};
    rest_.remove_prefix(i);
    return value;
  }

  std::uint32_t four_hex() {
    std::uint32_t value = 0;
    const std::string_view digits = rest_.substr(0, 4);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 4 || error != std::errc{} || end != digits.data() + 4)
      throw Fault{"\\u needs four hexadecimal digits"};
    rest_.remove_prefix(4);
    return value;
  }

  std::uint32_t escaped_point() {
    const std::uint32_t first = four_hex();
    if (first < 0xd800 || first > 0xdfff) return first;
    if (first > 0xdbff || !take("\\u")) throw Fault{"half a character is escaped"};
    const std::uint32_t second = four_hex();
    if (second < 0xdc00 || second > 0xdfff) throw Fault{"half a character is escaped"};
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
  }

  std::string string() {
    need("\"", "a name or string in double quotes is missing");
    std::string out;
    while (!take("\"")) {
      if (rest_.empty()) throw Fault{"a string does not end"};
      if (static_cast<unsigned char>(peek()) < 0x20)
        throw Fault{"a string holds a control character"};
      if (take("\\")) {
        static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
        if (take("u")) {
          append_utf8(out, escaped_point());
          continue;
        }
        const auto which = rest_.empty() ? kLetters.npos : kLetters.find(peek());
        if (which == kLetters.npos) throw Fault{"a string holds an unknown escape"};
        out += kMeant[which];
        rest_.remove_prefix(1);
        continue;
      }
      const std::size_t length = text::utf8_length(rest_);
      if (length == 0) throw Fault{"a string is not UTF-8"};
      out += rest_.substr(0, length);
      rest_.remove_prefix(length);
    }
    return out;
  }

  std::string_view rest_;
};

}  // namespace

std::variant<Fields, Fault> read_object(std::string_view text) {
  if (text.size() > kMostBytes) return Fault{"it is too large"};
  try {
    return Reader(text).whole();
  } catch (const Fault& fault) {
    return fault;
  }
}

std::string text_of(std::string_view value) {
  std::string out = "\"";
  while (!value.empty()) {
    const char c = value.front();
    const std::size_t length = text::utf8_length(value);
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kHex[] = "0123456789abcdef";
      ((out += "\\u00") += kHex[c >> 4]) += kHex[c & 15];
    } else {
      out += value.substr(0, length);
    }
    value.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out + '"';
}

std::string text_of(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string text_of(bool value) {
  return value ? "true" : "false";
}

std::string Object::text() const {
  std::string out = "{";
  for (const auto& [name, value] : members_)
    ((out += out.size() > 1 ? "," : "") += text_of(std::string_view(name)) + ":") += value;
  return out + "}";
}

}  // namespace infinara::json

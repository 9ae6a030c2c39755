// SPDX-License-Identifier: Apache-2.0
// JSON bodies of the API's requests. What our strict reader accepts is printed, read again, and
// read by json-glib, which must agree.
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>

#include "fuzz.hpp"
#include "json/json.hpp"
#include "remote/json.hpp"

namespace {

namespace json = infinara::json;
using infinara::fuzz::require;

bool same(const json::Value& a, const json::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* x = std::get_if<double>(&a)) return *x == std::get<double>(b);
  if (const auto* x = std::get_if<bool>(&a)) return *x == std::get<bool>(b);
  if (const auto* x = std::get_if<std::string>(&a)) return *x == std::get<std::string>(b);
  return true;
}

std::string print(const json::Fields& fields) {
  json::Object out;
  for (const auto& [name, value] : fields) {
    if (const auto* x = std::get_if<double>(&value))
      out.set(name, *x);
    else if (const auto* x = std::get_if<bool>(&value))
      out.set(name, *x);
    else if (const auto* x = std::get_if<std::string>(&value))
      out.set(name, std::string_view(*x));
    else
      out.raw(name, std::holds_alternative<std::nullptr_t>(value) ? "null" : "[]");
  }
  return out.text();
}

/// Whether so many digits follow one another anywhere in the text.
bool has_digits(std::string_view text, int count) {
  int run = 0;
  return std::ranges::any_of(text, [&](char c) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    return run >= count;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = infinara::fuzz::text_of(data, size);
  const auto read = json::read_object(text);
  // Any text can be sent as a string, and comes back with its broken bytes replaced.
  const std::string wrapped = "{\"x\":" + json::text_of(text.substr(0, 8192)) + "}";
  require(std::holds_alternative<json::Fields>(json::read_object(wrapped)), "any text is printed");

  const auto* fields = std::get_if<json::Fields>(&read);
  if (fields == nullptr) {
    require(*std::get<json::Fault>(read).why != '\0', "a fault has a reason");
    return 0;
  }
  require(size <= json::kMostBytes, "a body that is too large is refused");
  const std::string printed = print(*fields);
  const auto again = json::read_object(printed);
  if (printed.size() <= json::kMostBytes) {
    const auto* other = std::get_if<json::Fields>(&again);
    require(other != nullptr && other->size() == fields->size(), "what is printed can be read");
    for (auto a = fields->begin(), b = other->begin(); a != fields->end(); ++a, ++b)
      require(a->first == b->first && same(a->second, b->second), "printing changes no value");
  }

  const auto document = infinara::remote::Json::parse(text);
  if (!document) {  // it refuses integers that do not fit 64 bits, which the API reads as doubles
    require(has_digits(text, 19), "json-glib accepts what the API accepts");
    return 0;
  }
  require(document->root().is_object(), "json-glib accepts what the API accepts");
  // json-glib's names end at a zero, so that two names may become one.
  for (const auto& [name, value] : *fields)
    if (name.find('\0') != name.npos) return 0;
  for (const auto& [name, value] : *fields) {
    const auto there = document->root()[name.c_str()];
    if (const auto* x = std::get_if<double>(&value); x != nullptr && std::abs(*x) < 1e15) {
      const double y = there.number().value_or(NAN);
      require(std::abs(*x - y) <= 1e-9 * std::abs(*x), "both read the same number");
    } else if (const auto* x = std::get_if<bool>(&value)) {
      require(there.truth() == *x, "both read the same truth");
    } else if (const auto* x = std::get_if<std::string>(&value); x && x->find('\0') == x->npos) {
      require(there.text() == *x, "both read the same text");
    }
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The fields of a request's body, each of the type that it must have.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "http/message.hpp"
#include "json/json.hpp"

namespace infinara::app {

using http::Refused;

/// The fields of the body; `like` is an example of a good one.
inline json::Fields fields_of(const http::Request& request, const char* like) {
  auto read = json::read_object(request.body);
  if (!read)
    throw Refused{
        request.body.size() > json::kMaxRequestBytes ? 413 : 400,
        std::string("the body must be a JSON object like ") + like + "; " + read.error().why};
  return *std::move(read);
}

/// The value of a field that must have type T; nothing if it is absent.
template <class T>
std::optional<T> field(const json::Fields& fields, const char* name, const char* must_be) {
  const auto found = fields.find(name);
  if (found == fields.end()) return std::nullopt;
  const auto* value = std::get_if<T>(&found->second);
  if (value == nullptr) throw Refused{400, std::string(name) + " must be " + must_be};
  return *value;
}

template <class T>
T needed(const json::Fields& fields, const char* name, const char* must_be) {
  auto value = field<T>(fields, name, must_be);
  if (!value) throw Refused{400, std::string(name) + " is missing; it must be " + must_be};
  return *std::move(value);
}

}  // namespace infinara::app

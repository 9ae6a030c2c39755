// SPDX-License-Identifier: Apache-2.0
// The API on a radio without sound.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "app/api.hpp"
#include "json/json.hpp"
#include "station/fake_radio.hpp"

namespace infinara::app {

using namespace station;

inline json::Fields fields(const Reply& reply) {
  EXPECT_EQ(reply.type, "application/json");
  const auto read = json::read_object(reply.body);
  if (!read) {
    ADD_FAILURE() << reply.body;
    return {};
  }
  return *read;
}

inline std::string header(const Reply& reply, std::string_view name) {
  const auto found = std::ranges::find(reply.headers, name, [](const auto& h) { return h.first; });
  return found == reply.headers.end() ? "" : found->second;
}

struct Api : testing::Test {
  FakeRadio radio;
  memory::Memory memory;
  Endpoints endpoints{radio, memory};
  Reply answer(const Request& request) { return endpoints.answer(request); }
  Reply get(std::string_view path, std::string_view method = "GET") {
    return answer({.method = method, .path = path});
  }
  Reply post(std::string_view path, std::string_view body) {
    return answer({.method = "POST", .path = path, .body = body});
  }
  void expect_refused(const Reply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.body;
    const auto said = fields(reply);
    ASSERT_EQ(said.size(), 2u) << reply.body;
    EXPECT_FALSE(std::get<bool>(said.at("ok")));
    EXPECT_FALSE(std::get<std::string>(said.at("error")).empty());
  }
};

}  // namespace infinara::app

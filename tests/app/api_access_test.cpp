// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "app/api_fixture.hpp"

namespace infinara::app {
namespace {

TEST_F(Api, OnlyStatusStreamsAndPlaylistsAreOpenToOtherSites) {
  EXPECT_EQ(header(get("/api/status"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(get("/stream", "OPTIONS"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(get("/stream", "OPTIONS"), "Access-Control-Allow-Headers"),
            "Icy-MetaData, Range");
  for (const char* path : {"/", "/healthz", "/api/config", "/api/genre", "/api/skip"})
    for (const char* method : {"GET", "OPTIONS", "POST"})
      EXPECT_EQ(header(get(path, method), "Access-Control-Allow-Origin"), "") << path;
}

/// With both secrets: who may ask what.
TEST_F(Api, EachRouteTakesTheRightThatItNeeds) {
  memory.remember({.order = {.id = 1, .genre = "jazz"}}, 0);
  const http::Secrets secrets{"listen-to-me", "control-me"};
  Endpoints locked(radio, memory, {.secrets = secrets});
  const std::string people = "Basic eDpsaXN0ZW4tdG8tbWU=";  // x:listen-to-me
  struct Row {
    const char *method, *path, *body;
    int nobody, listener, controller;
  };
  for (const auto& [method, path, body, nobody, listener, controller] :
       {Row{"GET", "/", "", 401, 200, 200}, Row{"GET", "/page.js", "", 401, 200, 200},
        Row{"GET", "/stream", "", 401, 404, 404},  // answered by others
        Row{"HEAD", "/stream.ogg", "", 401, 404, 404}, Row{"GET", "/healthz", "", 200, 200, 200},
        Row{"GET", "/api/access", "", 200, 200, 200}, Row{"GET", "/api/status", "", 200, 200, 200},
        Row{"GET", "/api/history", "", 200, 200, 200},
        Row{"GET", "/api/listeners", "", 401, 401, 200},
        Row{"POST", "/api/skip", "", 401, 401, 200},
        Row{"POST", "/api/genre", R"({"genre":"jazz"})", 401, 401, 200},
        Row{"POST", "/api/autodj", R"({"enabled":true})", 401, 401, 200},
        Row{"POST", "/api/config", "{}", 401, 401, 200},
        Row{"POST", "/api/rate", R"({"id":"1","rating":1})", 401, 200, 200},
        Row{"OPTIONS", "/api/skip", "", 204, 204, 204}, Row{"PUT", "/api/skip", "", 405, 405, 405},
        Row{"GET", "/nothing", "", 404, 404, 404}}) {
    for (const auto& [authorization, status] : {std::pair<std::string, int>{"", nobody},
                                                {people, listener},
                                                {"Bearer listen-to-me", listener},
                                                {"Bearer control-me", controller},
                                                {"Bearer wrong-token", nobody},
                                                {"Basic eDp3cm9uZw==", nobody}}) {
      const Reply reply = locked.answer({.method = method,
                                         .path = path,
                                         .body = body,
                                         .rights = http::rights_of(authorization, secrets)});
      EXPECT_EQ(reply.status, status) << method << " " << path << " " << authorization;
      EXPECT_EQ(!header(reply, "WWW-Authenticate").empty(), status == 401);
      EXPECT_EQ(reply.body.find("-me"), std::string::npos);
    }
  }
  EXPECT_EQ(
      locked
          .answer(
              {.method = "GET", .path = "/api/access", .rights = http::rights_of(people, secrets)})
          .body,
      R"({"control_token":true,"listen_password":true,"may_control":false,"may_listen":true})"
      "\n");
}

TEST_F(Api, ChangesAreLimited) {
  Endpoints limited(radio, memory, {.limits = {.skip_seconds = 3600, .per_minute = 3}});
  const auto post = [&](const char* path, const char* body) {
    return limited.answer({.method = "POST", .path = path, .body = body});
  };
  EXPECT_EQ(post("/api/skip", "").status, 200);
  const Reply again = post("/api/skip", "");
  EXPECT_EQ(again.status, 429);
  EXPECT_GT(std::stoi(header(again, "Retry-After")), 3500);
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(post("/api/config", "{}").status, 200);  // changes nothing
    EXPECT_EQ(post("/api/genre", "{}").status, 400);
  }
  EXPECT_EQ(post("/api/genre", R"({"genre":"jazz"})").status, 200);
  EXPECT_EQ(post("/api/autodj", R"({"enabled":true})").status, 200);
  radio.told.clear();
  EXPECT_EQ(post("/api/config", R"({"crossfade":2})").status, 429);
  EXPECT_TRUE(radio.told.empty());
}

TEST_F(Api, APageOfAStrangeNameOrFormChangesNothing) {
  struct Row {
    const char *host, *origin, *site, *type;
    int status;
  };
  for (const auto& [host, origin, site, type, status] :
       {Row{"evil.example", "http://evil.example", "same-origin", "application/json", 403},
        Row{"evil.example", "", "", "application/x-www-form-urlencoded", 403},
        Row{"radio.example:8080", "", "", "", 200},                               // the public one
        Row{"localhost:8080", "", "", "application/x-www-form-urlencoded", 200},  // curl -d
        Row{"localhost", "http://localhost", "same-origin", "text/plain", 415},
        Row{"localhost", "http://localhost", "", "", 415},
        Row{"localhost", "", "same-origin", "application/x-www-form-urlencoded", 415},
        Row{"localhost", "http://localhost", "same-origin", "Application/JSON ; charset=utf-8",
            200},
        Row{"localhost", "http://evil.example", "cross-site", "application/json", 403}}) {
    radio.told.clear();
    Request request{.method = "POST",
                    .path = "/api/skip",
                    .public_host = "radio.example",
                    .host = host,
                    .origin = origin,
                    .fetch_site = site,
                    .content_type = type};
    EXPECT_EQ(answer(request).status, status) << host << " " << origin << " " << type;
    EXPECT_EQ(radio.told.empty(), status != 200);
    request.rights.has_token = true;  // what no page can know
    EXPECT_EQ(answer(request).status, 200);
  }
}

TEST_F(Api, ThePageAtThePublicUrlIsOfTheSameSite) {
  const auto status = [&](std::string_view origin, std::string_view base) {
    return answer({.method = "POST",
                   .path = "/api/skip",
                   .base = base,
                   .host = "127.0.0.1:8080",
                   .origin = origin,
                   .content_type = "application/json"})
        .status;
  };
  EXPECT_EQ(status("https://radio.example", "https://radio.example/radio"), 200);
  EXPECT_EQ(status("https://radio.example:8443", "https://radio.example:8443"), 200);
  EXPECT_EQ(status("https://evil.example", "https://radio.example/radio"), 403);
  EXPECT_EQ(status("https://radio.example:9", "https://radio.example:8443/x"), 403);
}

struct Visitor {
  const char *host, *origin, *site;
  bool cross;
};

TEST_F(Api, PagesOfOtherSitesMayNotChangeAnything) {
  for (const auto& [host, origin, site, cross] :
       {Visitor{"radio:8080", "", "", false},
        Visitor{"radio:8080", "http://radio:8080", "same-origin", false},
        Visitor{"Radio.Local", "http://radio.local", "", false},
        Visitor{"radio", "https://radio:9443", "", false},
        Visitor{"[::1]:8080", "http://[::1]:8080", "", false},
        Visitor{"127.0.0.1:8080", "https://radio.example", "same-origin", false},
        Visitor{"127.0.0.1:8080", "https://radio.example", "", true},
        Visitor{"127.0.0.1:8080", "https://other.radio.example", "same-site", true},
        Visitor{"radio:8080", "http://evil.example", "", true},
        Visitor{"radio:8080", "http://evil.example:8080", "", true},
        Visitor{"radio:8080", "null", "", true},
        Visitor{"radio:8080", "http://radio:9000", "", true}, Visitor{"", "http://evil", "", true},
        Visitor{"[::1]:8080", "http://[::2]:8080", "", true},
        Visitor{"radio", "http://radio.evil", "", true},
        Visitor{"radio:8080", "", "cross-site", true}}) {
    radio.told.clear();
    const auto reply = answer({.method = "POST",
                               .path = "/api/skip",
                               .host = host,
                               .origin = origin,
                               .fetch_site = site,
                               .content_type = "application/json"});
    EXPECT_EQ(reply.status, cross ? 403 : 200) << host << " " << origin;
    EXPECT_EQ(radio.told.empty(), cross);
  }
}

}  // namespace
}  // namespace infinara::app

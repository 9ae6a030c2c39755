// SPDX-License-Identifier: Apache-2.0
// A table of routes of a test's own, and the pages of the station.
#include "http/routes.hpp"

#include <gtest/gtest.h>

namespace infinara::http {
namespace {

struct Shop {
  int sold = 0;
};

constexpr Route<Shop> kRoutes[] = {
    {.path = "/price",
     .get = [](const Request&, Shop& shop) -> Reply {
       return {.type = "text/plain", .body = std::to_string(shop.sold)};
     }},
    {.path = "/buy",
     .get = [](const Request&, Shop&) -> Reply { return {.body = "what?"}; },
     .post = [](const Request& request, Shop& shop) -> Reply {
       if (request.body.empty()) throw Refused{400, "buy what?"};
       return {.body = std::to_string(++shop.sold)};
     },
     .is_open = true},
    {.path = "/order", .post = [](const Request&, Shop&) -> Reply { return {.status = 202}; }},
    {.path = "/shelf/",
     .get = [](const Request& request, Shop&) -> Reply {
       return {.body = std::string(request.path)};
     }},
    {.path = "/stream", .is_open = true, .is_sent_apart = true},
};

std::string header(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return "";
}

/// Whether it is JSON that tells this error, in whatever order.
testing::AssertionResult says(const Reply& reply, const std::string& error) {
  const bool does = reply.body.find("\"ok\":false") != std::string::npos &&
                    reply.body.find("\"error\":\"" + error + "\"") != std::string::npos;
  return (does ? testing::AssertionSuccess() : testing::AssertionFailure()) << reply.body;
}

class Routes : public testing::Test {
 protected:
  Reply ask(const Request& request) {
    return reply_by(std::span<const Route<Shop>>(kRoutes), request, shop_);
  }
  Shop shop_;
};

TEST_F(Routes, LeadToTheHandlerOfTheMethod) {
  EXPECT_EQ(ask({.method = "POST", .path = "/buy", .body = "tea"}).body, "1");
  EXPECT_EQ(ask({.method = "GET", .path = "/buy"}).body, "what?");
  EXPECT_EQ(ask({.method = "HEAD", .path = "/price"}).body, "1");
  EXPECT_EQ(ask({.method = "POST", .path = "/order"}).status, 202);
}

TEST_F(Routes, LeadOnFromASlash) {
  for (const char* path : {"/shelf/", "/shelf/7", "/shelf/7/x"})
    EXPECT_EQ(ask({.method = "GET", .path = path}).body, path);
  for (const char* path : {"/shelf", "/shelves/7"})
    EXPECT_EQ(ask({.method = "GET", .path = path}).status, 404) << path;
  EXPECT_EQ(ask({.method = "POST", .path = "/shelf/7"}).status, 405);
}

TEST_F(Routes, AnswerEveryMethodThatIsNotServedWithThoseThatAre) {
  struct Row {
    std::string_view method, path;
    int status;
    std::string_view allow;
  };
  for (const Row& row : {
           Row{"POST", "/price", 405, "GET, HEAD, OPTIONS"},
           Row{"GET", "/order", 405, "POST, OPTIONS"},
           Row{"HEAD", "/order", 405, "POST, OPTIONS"},
           Row{"DELETE", "/buy", 405, "GET, HEAD, POST, OPTIONS"},
           Row{"POST", "/", 405, "GET, HEAD, OPTIONS"},
           Row{"OPTIONS", "/buy", 204, "GET, HEAD, POST, OPTIONS"},
           Row{"OPTIONS", "/order", 204, "POST, OPTIONS"},
           Row{"OPTIONS", "/", 204, "GET, HEAD, OPTIONS"},
           Row{"OPTIONS", "*", 204, "GET, HEAD, POST, PATCH, DELETE, OPTIONS"},
           Row{"GET", "/nowhere", 404, ""},
           Row{"OPTIONS", "/nowhere", 404, ""},
           Row{"GET", "*", 404, ""},
           Row{"GET", "/stream", 404, ""},  // others answer it
           Row{"POST", "/stream", 405, "GET, HEAD, OPTIONS"},
       }) {
    const Reply reply = ask({.method = row.method, .path = row.path});
    EXPECT_EQ(reply.status, row.status) << row.method << " " << row.path;
    EXPECT_EQ(header(reply, "Allow"), row.allow) << row.method << " " << row.path;
    EXPECT_EQ(header(reply, "X-Content-Type-Options"), "nosniff");
  }
  EXPECT_TRUE(says(ask({.method = "PUT", .path = "/order"}), "only POST, OPTIONS work here"));
}

TEST_F(Routes, AreOpenToOtherSitesIfTheySaySo) {
  for (const auto& [path, is_open] : {std::pair{"/buy", true}, {"/price", false}, {"/", false}}) {
    const Reply preflight = ask({.method = "OPTIONS", .path = path});
    EXPECT_EQ(!header(preflight, "Access-Control-Allow-Methods").empty(), is_open) << path;
    EXPECT_EQ(header(preflight, "Access-Control-Allow-Headers"),
              is_open ? "Icy-MetaData, Range" : "")
        << path;
    EXPECT_EQ(header(preflight, "Access-Control-Max-Age"), is_open ? "86400" : "") << path;
    EXPECT_EQ(header(ask({.method = "GET", .path = path}), "Access-Control-Allow-Origin"),
              is_open ? "*" : "")
        << path;
  }
}

TEST_F(Routes, NeverActForAnotherSitesPage) {
  const Request forged{
      .method = "POST", .path = "/buy", .body = "tea", .host = "a", .origin = "http://b"};
  EXPECT_EQ(ask(forged).status, 403);
  EXPECT_EQ(shop_.sold, 0);
  EXPECT_EQ(ask({.method = "GET", .path = "/buy", .host = "a", .origin = "http://b"}).status, 200);
}

TEST_F(Routes, SayWhatAHandlerRefuses) {
  const Reply reply = ask({.method = "POST", .path = "/buy"});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.type, "application/json");
  EXPECT_TRUE(says(reply, "buy what?"));
  EXPECT_EQ(header(reply, "Cache-Control"), "no-store");
}

TEST(Replies, SayWhenToTryAgain) {
  EXPECT_EQ(header(reply_of(Refused{429, "too soon", 1}), "Retry-After"), "1");
  EXPECT_EQ(header(reply_of(Refused{429, "too soon"}), "Retry-After"), "");
}

TEST_F(Routes, ServeThePagesOfTheStation) {
  struct Row {
    std::string_view path, type, begin;
  };
  for (const Row& row : {Row{"/", "text/html; charset=utf-8", "<!"},
                         Row{"/style.css", "text/css; charset=utf-8", "/*"},
                         Row{"/page.js", "text/javascript; charset=utf-8", "//"},
                         Row{"/favicon.svg", "image/svg+xml", "<svg"}}) {
    const Reply page = ask({.method = "GET", .path = row.path});
    EXPECT_EQ(page.status, 200) << row.path;
    EXPECT_EQ(page.type, row.type) << row.path;
    EXPECT_TRUE(page.body.starts_with(row.begin)) << page.body.substr(0, 20);
    EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
    EXPECT_NE(header(page, "Content-Security-Policy").find("default-src 'self'"),
              std::string::npos);
    const std::string etag = header(page, "ETag");
    EXPECT_EQ(etag.size(), 22U) << etag;
    const Reply again = ask({.method = "GET", .path = row.path, .if_none_match = etag});
    EXPECT_EQ(again.status, 304) << row.path;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(ask({.method = "GET", .path = row.path, .if_none_match = "\"other\""}).status, 200);
  }
  EXPECT_EQ(ask({.method = "GET", .path = "/index.html"}).status, 404);
}

}  // namespace
}  // namespace infinara::http

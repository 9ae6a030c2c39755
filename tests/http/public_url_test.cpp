// SPDX-License-Identifier: Apache-2.0
#include "http/public_url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace infinara::http {
namespace {

TEST(PublicUrl, IsRead) {
  for (const auto& [text, shown] :
       {std::pair{"http://radio.example", "http://radio.example"},
        {"HTTPS://radio.example/", "https://radio.example"},
        {"https://radio.example:8443/radio/", "https://radio.example:8443/radio"},
        {"https://radio.example:443/a/b", "https://radio.example/a/b"},
        {"http://radio.example:443", "http://radio.example:443"},
        {"http://[2001:db8::1]:80/x", "http://[2001:db8::1]/x"}}) {
    const auto url = read_public_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->text(), shown);
  }
  for (const char* text :
       {"", "radio.example", "ftp://a", "http://", "http:///x", "http://a b", "http://a/b c",
        "http://a?x", "http://a/?x", "http://a/#x", "http://me@a", "http://a:99999", "http://a//",
        "http://a/../b", "http://a/b//c", "https:/a", "http://a/\r\nX: y", "//a/b", "http://a:b"})
    EXPECT_FALSE(read_public_url(text)) << text;
}

std::string url(const door::Forwarded& forwarded, const char* host = "own:8080") {
  door::Request request;
  request.host = host;
  return public_url_of(request, forwarded).text();
}

TEST(PublicUrl, FollowsWhatProxiesSay) {
  EXPECT_EQ(url({}), "http://own:8080");
  EXPECT_EQ(url({}, "own:80"), "http://own");
  EXPECT_EQ(url({.proto = "https"}, "own"), "https://own");
  EXPECT_EQ(url({.proto = "https", .port = 443}), "https://own");
  EXPECT_EQ(url({.proto = "https", .port = 8443}), "https://own:8443");
  EXPECT_EQ(url({.host = "radio.example"}), "http://radio.example");
  EXPECT_EQ(url({.proto = "https", .host = "radio.example:444", .prefix = "/radio"}),
            "https://radio.example:444/radio");
  EXPECT_EQ(url({.host = "[2001:db8::1]", .port = 81}), "http://[2001:db8::1]:81");
  EXPECT_EQ(url({.host = "[2001:db8::1]:81"}), "http://[2001:db8::1]:81");
}

TEST(PublicUrl, APrefixIsStrippedAtASlash) {
  EXPECT_EQ(without_prefix("/radio/x", "/radio"), "/x");
  EXPECT_EQ(without_prefix("/radio/", "/radio"), "/");
  EXPECT_EQ(without_prefix("/radio", "/radio"), std::nullopt);
  EXPECT_EQ(without_prefix("/radiox", "/radio"), std::nullopt);
  EXPECT_EQ(without_prefix("/x", "/radio"), std::nullopt);
  EXPECT_EQ(without_prefix("/x", ""), std::nullopt);
}

}  // namespace
}  // namespace infinara::http

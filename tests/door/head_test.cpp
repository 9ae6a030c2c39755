// SPDX-License-Identifier: Apache-2.0
#include "door/head.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <variant>
#include <vector>

#include "text/printable.hpp"

namespace infinara::door {
namespace {

using namespace std::string_literals;

int status_of(const Parsed& parsed) {
  if (std::holds_alternative<NeedMore>(parsed)) return 100;
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) return refusal->status;
  return 200;
}

std::string with_target(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: radio.local\r\n\r\n";
}

std::string with_headers(const std::string& headers, const std::string& method = "POST") {
  return method + " /api/skip HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n" + headers + "\r\n";
}

TEST(Head, IsReadAsSent) {
  const std::string text =
      "POST /api/genre%20x?a=1&b=%41%20b&c HTTP/1.1\r\nHost: radio.local:8080\r\n"
      "User-Agent:\tVLC/3.0 \r\nCONTENT-LENGTH: 17\r\nicy-metadata:1\r\n\r\n{\"genre\":\"jazz\"}";
  const Parsed parsed = parse_head(text);
  ASSERT_EQ(status_of(parsed), 200);
  const Request& request = std::get<Request>(parsed);
  EXPECT_EQ(request.method, Method::kPost);
  EXPECT_EQ(request.minor, 1);
  EXPECT_EQ(request.path, "/api/genre x");
  EXPECT_EQ(request.query, "a=1&b=%41%20b&c");
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "A b");
  EXPECT_EQ(request.query_value("c"), "");
  EXPECT_EQ(request.query_value("d"), "");
  EXPECT_EQ(request.host, "radio.local:8080");
  EXPECT_EQ(request.body_length, 17u);
  EXPECT_EQ(text.substr(request.head_length, 1), "{");
  ASSERT_NE(request.header("user-agent"), nullptr);
  EXPECT_EQ(*request.header("user-agent"), "VLC/3.0");
  EXPECT_EQ(*request.header("icy-metadata"), "1");
  EXPECT_EQ(request.header("range"), nullptr);
}

struct Case {
  std::string text;
  int status;
};

class HeadTable : public testing::TestWithParam<Case> {};

TEST_P(HeadTable, IsJudged) {
  const Parsed parsed = parse_head(GetParam().text);
  EXPECT_EQ(status_of(parsed), GetParam().status) << GetParam().text.substr(0, 300);
}

INSTANTIATE_TEST_SUITE_P(
    RequestLine, HeadTable,
    testing::Values(
        Case{"GET / HTTP/1.0\r\n\r\n", 200}, Case{"HEAD /stream HTTP/1.0\r\n\r\n", 200},
        Case{"OPTIONS /stream HTTP/1.1\r\nHost: a\r\n\r\n", 200}, Case{"", 100}, Case{"GE", 100},
        Case{"GET / HTTP/1.1\r", 100}, Case{"GET / HTTP/1.1\r\n", 100},
        Case{"GET / HTTP/1.1\r\nHost: a\r\n", 100}, Case{"GET / HTTP/1.1\r\nHost: a\r\n\r", 100},
        Case{"\r\nGET / HTTP/1.0\r\n\r\n", 200}, Case{"\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n", 200},
        Case{"\r\n", 100}, Case{"\nGET / HTTP/1.0\r\n\r\n", 400}, Case{"GET / HTTP/1.0\n\n", 400},
        Case{"\r\n \r\nGET / HTTP/1.0\r\n\r\n", 400}, Case{"GET / HTTP/1.0\r\r\n\r\n", 400},
        Case{"GET / HTTP/1.0\r\n\n", 400}, Case{"GET / HTTP/1.0\r\nA: b\nC: d\r\n\r\n", 400},
        Case{"GET /\r\n\r\n", 400}, Case{"GET\r\n\r\n", 400}, Case{"GET  / HTTP/1.0\r\n\r\n", 400},
        Case{"GET /  HTTP/1.0\r\n\r\n", 400}, Case{"GET / x HTTP/1.0\r\n\r\n", 400},
        Case{" GET / HTTP/1.0\r\n\r\n", 400}, Case{"GET / HTTP/1.0 \r\n\r\n", 400},
        Case{"GET /\tHTTP/1.0\r\n\r\n", 400}, Case{"get / HTTP/1.0\r\n\r\n", 501},
        Case{"FOO / HTTP/1.0\r\n\r\n", 501}, Case{"G(T / HTTP/1.0\r\n\r\n", 400},
        Case{"PUT / HTTP/1.0\r\n\r\n", 405}, Case{"delete / HTTP/1.0\r\n\r\n", 501},
        Case{"TRACE / HTTP/1.0\r\n\r\n", 405}, Case{"CONNECT a:1 HTTP/1.0\r\n\r\n", 405},
        Case{"GET / HTTP/0.9\r\n\r\n", 505}, Case{"GET / HTTP/1.2\r\n\r\n", 505},
        Case{"GET / HTTP/2.0\r\n\r\n", 505}, Case{"GET / HTTP/11\r\n\r\n", 400},
        Case{"GET / HTTP/1.1x\r\n\r\n", 400}, Case{"GET / http/1.1\r\n\r\n", 400},
        Case{"GET / ICY/1.0\r\n\r\n", 400}, Case{"\x16\x03\x01\x02\x00\x01\x00"s, 400},
        Case{"GET /\x01", 400}, Case{std::string(8300, 'A'), 414},
        Case{std::string(8000, 'A'), 100}, Case{with_target('/' + std::string(8192, 'a')), 414},
        Case{with_target('/' + std::string(8191, 'a')), 200},
        Case{with_target("/stream?" + std::string(6000, 'a')), 200},
        Case{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200}, Case{"OPTIONS * HTTP/1.0\r\n\r\n", 200},
        Case{"OPTIONS *x HTTP/1.0\r\n\r\n", 400}));

INSTANTIATE_TEST_SUITE_P(
    Target, HeadTable,
    testing::Values(
        Case{with_target("/"), 200}, Case{with_target("/stream?burst=2"), 200},
        Case{with_target("/?"), 200}, Case{with_target("/a//b"), 200},
        Case{with_target("/..."), 200}, Case{with_target("/%C3%A9"), 200},
        Case{with_target("*"), 400}, Case{with_target("stream"), 400}, Case{with_target("?x"), 400},
        Case{with_target("/%"), 400}, Case{with_target("/%4"), 400}, Case{with_target("/%zz"), 400},
        Case{with_target("/?%zz"), 400}, Case{with_target("/%00"), 400},
        Case{with_target("/%0d%0aX:y"), 400}, Case{with_target("/%7f"), 400},
        Case{with_target("/%ff"), 400}, Case{with_target("/%c0%af"), 400},
        Case{with_target("/%ed%a0%80"), 400}, Case{with_target("/%c3"), 400},
        Case{with_target("/a%2fb"), 400}, Case{with_target("/a%5cb"), 400},
        Case{with_target("/a\\b"), 400}, Case{with_target("/.."), 400},
        Case{with_target("/../etc/passwd"), 400}, Case{with_target("/a/./b"), 400},
        Case{with_target("/a/%2e%2e/b"), 400}, Case{with_target("/a/.%2E"), 400},
        Case{with_target("/a#b"), 400}, Case{with_target("/\xc3\xa9"), 400},
        Case{with_target("http://radio.local/"), 200}, Case{with_target("HTTP://RADIO.local"), 200},
        Case{with_target("http://radio.local?x"), 200},
        Case{with_target("https://radio.local"), 400}, Case{with_target("http://other/"), 200},
        Case{with_target("http://radio.local:65536/"), 400},
        Case{with_target("http://radio.local:81/"), 200}, Case{with_target("http://"), 400},
        Case{with_target("http://a@radio.local/"), 400},
        Case{with_target("ftp://radio.local/"), 400},
        Case{"GET http://a.b/x HTTP/1.0\r\n\r\n", 200}));

INSTANTIATE_TEST_SUITE_P(
    Headers, HeadTable,
    testing::Values(
        Case{"GET / HTTP/1.1\r\n\r\n", 400}, Case{"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200},
        Case{"GET / HTTP/1.1\r\nHost: [::1]8080\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [:::::]\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [abc]\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [::1.2.3.4]\r\n\r\n", 200},
        Case{"GET / HTTP/1.1\r\nHost: a:65535\r\n\r\n", 200},
        Case{"GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: [::1]:99999\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Case{"GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", 400}, Case{with_headers(""), 200},
        Case{with_headers("Content-Length: 0\r\n"), 200},
        Case{with_headers("Content-Length: 65536\r\n"), 200},
        Case{with_headers("Content-Length: 65537\r\n"), 413},
        Case{with_headers("Content-Length: 314572800\r\n"), 413},
        Case{with_headers("Content-Length: 18446744073709551616\r\n"), 413},
        Case{with_headers("Content-Length: " + std::string(300, '9') + "\r\n"), 413},
        Case{with_headers("Content-Length: +5\r\n"), 400},
        Case{with_headers("Content-Length: -1\r\n"), 400},
        Case{with_headers("Content-Length: 5x\r\n"), 400},
        Case{with_headers("Content-Length: x\r\n"), 400},
        Case{with_headers("Content-Length: 0x5\r\n"), 400},
        Case{with_headers("Content-Length:\r\n"), 400},
        Case{with_headers("Content-Length: 5, 5\r\n"), 400},
        Case{with_headers("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        Case{with_headers("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
        Case{with_headers("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
        Case{with_headers("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
        Case{with_headers("Transfer-Encoding: chunked\r\n"), 411},
        Case{with_headers("Transfer-Encoding: x, chunked\r\n"), 411},
        Case{with_headers("Transfer-Encoding : chunked\r\n"), 400},
        Case{with_headers("Content-Length: 5\r\n", "GET"), 400},
        Case{with_headers("Content-Length: 0\r\n", "GET"), 200},
        Case{with_headers("Expect: 100-continue\r\n"), 200},
        Case{with_headers("Expect: 200-ok\r\n"), 417}, Case{with_headers(" folded\r\n"), 400},
        Case{with_headers("A: b\r\n\tfolded\r\n"), 400}, Case{with_headers("no colon\r\n"), 400},
        Case{with_headers(": empty name\r\n"), 400}, Case{with_headers("A B: c\r\n"), 400},
        Case{with_headers("A: b\x01\r\n"), 400}, Case{with_headers("A: b\0c\r\n"s), 400},
        Case{with_headers("A: b\x7f\r\n"), 400}, Case{with_headers("A: b\x1b[31m\r\n"), 400},
        Case{with_headers("A: caf\xc3\xa9\tb\r\n"), 200}, Case{with_headers("A:\r\n"), 200},
        Case{with_headers("X: " + std::string(16384, 'x') + "\r\n"), 431},
        Case{"GET / HTTP/1.0\r\nX: " + std::string(16384, 'x'), 431},
        Case{"GET / HTTP/1.0\r\nX: " + std::string(15000, 'x'), 100}));

TEST(Head, HasAtMostAHundredHeaders) {
  const auto head_with = [](int headers) {
    std::string text = "GET / HTTP/1.0\r\n";
    for (int i = 0; i < headers; ++i) text += "a:b\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(status_of(parse_head(head_with(100))), 200);
  EXPECT_EQ(status_of(parse_head(head_with(101))), 431);
}

TEST(Head, IsJudgedTheSameHoweverItArrives) {
  const std::string whole = with_headers("Content-Length: 5\r\nUser-Agent: mpv\r\n") + "12345";
  const std::size_t head = whole.size() - 5;
  for (std::size_t size = 0; size < head; ++size)
    EXPECT_EQ(status_of(parse_head(whole.substr(0, size))), 100) << size;
  for (std::size_t size = head; size <= whole.size(); ++size)
    EXPECT_EQ(status_of(parse_head(whole.substr(0, size))), 200) << size;
}

TEST(Head, AnAbsoluteTargetCountsAndHostDoesNot) {
  const auto parsed = parse_head(with_target("http://Other:81/stream?x"));
  ASSERT_EQ(status_of(parsed), 200);
  const auto& request = std::get<Request>(parsed);
  EXPECT_EQ(request.host, "Other:81");
  EXPECT_EQ(request.path, "/stream");
  EXPECT_EQ(request.query, "x");
}

// The quantity is counted, so that no clock is asked: bytes looked at for each byte that came.
TEST(Head, CostsAsMuchInPiecesAsWhole) {
  const std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(16000, 'x') + "\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, head.size()}) {
    HeadReader reader;
    Parsed parsed;
    for (std::size_t at = 0; at < head.size(); at += piece)
      parsed = reader.take(std::string_view(head).substr(at, piece));
    EXPECT_EQ(status_of(parsed), 200);
    EXPECT_LE(reader.examined(), 3 * head.size()) << "in pieces of " << piece;
  }
}

TEST(Head, WhatFollowsItIsKept) {
  HeadReader reader;
  EXPECT_FALSE(reader.has_begun());
  EXPECT_EQ(status_of(reader.take("GET / HTTP/1.0\r\n\r")), 100);
  EXPECT_TRUE(reader.has_begun());
  EXPECT_EQ(status_of(reader.take("\nmore")), 200);
  EXPECT_EQ(reader.rest(), "more");
  EXPECT_FALSE(reader.has_begun());
  EXPECT_EQ(status_of(reader.take("HEAD / HTTP/1.0\r\n\r\n")), 200);
}

TEST(Head, AMethodThatIsNotServedIsToldWhichAre) {
  HeadLimits limits;
  limits.methods = "GET, OPTIONS";
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE"}) {
    const auto parsed = parse_head(std::string(method) + " / HTTP/1.0\r\n\r\n", limits);
    EXPECT_EQ(status_of(parsed), 405) << method;
    EXPECT_STREQ(std::get<Refusal>(parsed).allow, "GET, OPTIONS");
  }
  EXPECT_EQ(status_of(parse_head("GET / HTTP/1.0\r\n\r\n", limits)), 200);
}

TEST(Head, MayBeAsLongAsItsLimitAndNoLonger) {
  const std::string head = "GET / HTTP/1.0\r\nX: y\r\n\r\n";
  HeadLimits limits;
  limits.head = head.size();
  EXPECT_EQ(status_of(parse_head(head, limits)), 200);
  EXPECT_EQ(status_of(parse_head(head + "and a body", limits)), 200);
  EXPECT_EQ(status_of(parse_head("GET / HTTP/1.0\r\nX: yz\r\n\r\n", limits)), 431);
  EXPECT_EQ(status_of(parse_head("GET / HTTP/1.0\r\nX: yyyyyyyyyyyy", limits)), 431);
}

TEST(Head, EachStatusHasTheReasonPhraseOfRfc9110) {
  struct Row {
    int status;
    const char* phrase;
  };
  for (const Row& row : {Row{200, "OK"},
                         Row{201, "Created"},
                         Row{204, "No Content"},
                         Row{301, "Moved Permanently"},
                         Row{304, "Not Modified"},
                         Row{308, "Permanent Redirect"},
                         Row{400, "Bad Request"},
                         Row{401, "Unauthorized"},
                         Row{403, "Forbidden"},
                         Row{404, "Not Found"},
                         Row{405, "Method Not Allowed"},
                         Row{408, "Request Timeout"},
                         Row{409, "Conflict"},
                         Row{410, "Gone"},
                         Row{411, "Length Required"},
                         Row{412, "Precondition Failed"},
                         Row{413, "Content Too Large"},
                         Row{414, "URI Too Long"},
                         Row{415, "Unsupported Media Type"},
                         Row{417, "Expectation Failed"},
                         Row{422, "Unprocessable Content"},
                         Row{428, "Precondition Required"},
                         Row{429, "Too Many Requests"},
                         Row{431, "Request Header Fields Too Large"},
                         Row{500, "Internal Server Error"},
                         Row{501, "Not Implemented"},
                         Row{503, "Service Unavailable"},
                         Row{504, "Gateway Timeout"},
                         Row{505, "HTTP Version Not Supported"},
                         Row{299, "Other"}})
    EXPECT_STREQ(phrase_of(row.status), row.phrase);
}

TEST(Head, RefusalsAreWholeResponses) {
  const std::string text = response_of({405, "this method is not served here", "GET, OPTIONS"});
  EXPECT_EQ(text.find("HTTP/1.1 405 Method Not Allowed\r\n"), 0u);
  EXPECT_NE(text.find("\r\nAllow: GET, OPTIONS\r\n"), std::string::npos);
  EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos);
  const std::string body = text.substr(text.find("\r\n\r\n") + 4);
  EXPECT_EQ(body, "{\"ok\":false,\"error\":\"this method is not served here\"}\n");
  EXPECT_NE(text.find("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"),
            std::string::npos);
  EXPECT_NE(response_of({503, ""}).find("\r\nRetry-After: "), std::string::npos);
  EXPECT_EQ(response_of({400, ""}).find("\r\nRetry-After: "), std::string::npos);
}

// Good requests are cut, repeated, spliced and bitten; whatever comes out must be judged without
// reading out of bounds, and what is accepted must keep its promises.
TEST(Head, SurvivesMutations) {
  const std::vector<std::string> seeds = {
      with_target("/stream?burst=2"),
      with_target("http://radio.local/%C3%A9"),
      with_headers("Content-Length: 5\r\nUser-Agent: mpv\r\nAccept: */*\r\n"),
      with_headers("Transfer-Encoding: chunked\r\n"),
      "GET / HTTP/1.0\r\n\r\n",
      "HEAD / HTTP/1.1\r\nHost: [::1]\r\nIcy-MetaData: 1\r\nRange: bytes=0-\r\n\r\n"};
  const std::vector<std::string> tokens = {"\r\n",
                                           "\n",
                                           "\r",
                                           "%",
                                           "%00",
                                           "%2e",
                                           "/",
                                           "..",
                                           "Host: a\r\n",
                                           ": ",
                                           "Content-Length: 7\r\n",
                                           " ",
                                           "\t",
                                           "\xff",
                                           "\0"s,
                                           "HTTP/1.1",
                                           "?",
                                           "#"};
  std::mt19937 rng(2024);
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : rng() % n; };
  std::size_t accepted = 0;
  for (int round = 0; round < 200000; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t i = below(5); i > 0; --i) {
      const std::size_t at = below(text.size() + 1);
      switch (below(6)) {
        case 0:
          text.insert(at, tokens[below(tokens.size())]);
          break;
        case 1:
          text.erase(at, below(8));
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(rng());
          break;
        case 3:
          if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
          break;
        case 4: {
          const std::string& other = seeds[below(seeds.size())];
          text = text.substr(0, at) + other.substr(below(other.size()));
          break;
        }
        default:
          text.insert(at, text.substr(at, below(40)));
      }
    }
    const Parsed parsed = parse_head(text);
    const auto* request = std::get_if<Request>(&parsed);
    if (request == nullptr) continue;
    ++accepted;
    ASSERT_LE(request->head_length, text.size());
    ASSERT_EQ(text.substr(request->head_length - 4, 4), "\r\n\r\n");
    ASSERT_TRUE(request->path.starts_with('/') ||
                (request->path == "*" && request->method == Method::kOptions));
    ASSERT_EQ(text::printable(request->path, SIZE_MAX), request->path);
    ASSERT_EQ(request->path.find("/../"), std::string::npos);
    ASSERT_LE(request->body_length, 65536u);
    ASSERT_EQ(text.substr(0, request->head_length).find('\0'), std::string::npos);
    for (const Header& header : request->headers) {
      ASSERT_EQ(header.value.find_first_of("\r\n"), std::string::npos);
      ASSERT_NE(header.name, "transfer-encoding");
    }
  }
  EXPECT_GT(accepted, 10000u);
}

}  // namespace
}  // namespace infinara::door

// SPDX-License-Identifier: Apache-2.0
#include "http/message.hpp"

#include <gtest/gtest.h>

namespace infinara::http {
namespace {

TEST(Message, ARequestOfAnotherSitesPageIsKnown) {
  struct Row {
    std::string_view fetch_site, origin, host, base;
    bool is_cross_site;
  };
  constexpr std::string_view kBase = "https://radio.example/live";
  for (const Row& row : {
           // what a browser says of itself comes first
           Row{"cross-site", "http://a", "a", "http://a", true},
           Row{"same-origin", "https://public.example", "inside:8080", "", false},
           Row{"same-site", "http://b", "a", "", true},
           Row{"same-site", "http://a", "a", "", false},
           // no browser
           Row{"", "", "a", "", false},
           // a sandbox, a file
           Row{"", "null", "a", "", true},
           Row{"", "file", "file", "", true},
           // Origin beside Host; a port may be left out of either
           Row{"", "http://a", "a", "", false},
           Row{"", "http://A:8080", "a:8080", "", false},
           Row{"", "http://a:8080", "a", "", false},
           Row{"", "http://a", "a:8080", "", false},
           Row{"", "http://a:8080", "a:8081", "", true},
           Row{"", "http://b", "a", "", true},
           Row{"", "http://[::1]:8080", "[::1]:8080", "", false},
           Row{"", "http://[::1]:8080", "[::2]:8080", "", true},
           Row{"", "http://[::1]:8080", "[::1]:8081", "", true},
           Row{"", "http://[::1]", "[::1]:8081", "", false},
           // Origin beside the public URL, where a proxy has put another Host
           Row{"", "https://radio.example", "inside:8080", kBase, false},
           Row{"", "https://radio.example:443", "inside:8080", kBase, false},
           Row{"", "https://radio.example:444", "inside:8080", "https://radio.example:443", true},
           Row{"", "https://live", "inside:8080", kBase, true},
           Row{"", "https://other.example", "inside:8080", kBase, true},
       })
    EXPECT_EQ(is_cross_site({.base = row.base,
                             .host = row.host,
                             .origin = row.origin,
                             .fetch_site = row.fetch_site}),
              row.is_cross_site)
        << row.fetch_site << " " << row.origin << " " << row.host << " " << row.base;
}

TEST(Message, AnETagIsKnownByWeakComparison) {
  struct Row {
    std::string_view header;
    bool is_known;
  };
  for (const Row& row : {Row{"", false}, Row{"\"a\"", true}, Row{"W/\"a\"", true}, Row{"*", true},
                         Row{"\"b\"", false}, Row{"W/\"b\"", false}, Row{"a", false},
                         Row{"\"b\", W/\"a\"", true}, Row{"\"b\",\"c\"", false}})
    EXPECT_EQ(is_known(row.header, "\"a\""), row.is_known) << row.header;
}

TEST(Message, ATimeIsWrittenAsHttpWritesIt) {
  struct Row {
    std::time_t time;
    std::string_view text;
  };
  for (const Row& row :
       {Row{0, "Thu, 01 Jan 1970 00:00:00 GMT"}, Row{951782400, "Tue, 29 Feb 2000 00:00:00 GMT"},
        Row{1796029199, "Mon, 30 Nov 2026 08:59:59 GMT"},
        Row{4102444799, "Thu, 31 Dec 2099 23:59:59 GMT"}})
    EXPECT_EQ(date_of(row.time), row.text);
}

/// A response without the time at which it was made.
std::string without_date(std::string text) {
  const auto date = text.find("Date: ");
  EXPECT_NE(date, text.npos);
  return text.erase(date, text.find("\r\n", date) + 2 - date);
}

TEST(Message, AResponseHasALengthAndABodyWhereItMay) {
  const Reply reply{.status = 200, .type = "text/plain", .body = "hello", .headers = {{"A", "b"}}};
  EXPECT_EQ(without_date(response_of(reply, false, false)),
            "HTTP/1.1 200 OK\r\nA: b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
            "Connection: close\r\n\r\nhello");
  EXPECT_EQ(without_date(response_of(reply, true, true)),
            "HTTP/1.1 200 OK\r\nA: b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
            "Connection: keep-alive\r\n\r\n");
  const Reply bare{.status = 201, .type = ""};
  EXPECT_EQ(without_date(response_of(bare, false, false)),
            "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  for (const int status : {204, 304}) {
    const auto text = response_of({.status = status, .body = "none"}, false, false);
    EXPECT_EQ(text.find("Content-"), text.npos) << text;
    EXPECT_TRUE(text.ends_with("\r\n\r\n")) << text;
  }
}

TEST(Message, GzipIsAcceptedWhereItIsNamedAndNotRefused) {
  struct Row {
    const char* header;
    bool accepts;
  };
  for (const Row& row : {Row{"gzip", true}, Row{"GZip", true}, Row{"deflate, gzip;q=0.5", true},
                         Row{"br , gzip ; q=1.0", true}, Row{"*", true}, Row{"gzip;q=0", false},
                         Row{"gzip;q=0.000", false}, Row{"identity", false}, Row{"gzipped", false},
                         Row{"", false}, Row{"*;q=0", false}, Row{"gzip;q=0.001", true}})
    EXPECT_EQ(accepts_gzip(row.header), row.accepts) << row.header;
}

TEST(Message, AHeaderThatWouldBeginAnotherIsLeftOut) {
  for (const std::string& bad :
       {std::string("a\r\nSet-Cookie: b"), std::string("a\nb"), std::string("a\0b", 3)}) {
    const auto text = response_of({.headers = {{"Location", bad}, {"Allow", "GET"}}}, false, false);
    EXPECT_EQ(text.find("Location"), text.npos) << text;
    EXPECT_NE(text.find("Allow: GET\r\n"), text.npos) << text;
  }
}

}  // namespace
}  // namespace infinara::http

// SPDX-License-Identifier: Apache-2.0
#include "door/forwarded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace infinara::door {
namespace {

using Headers = std::vector<Header>;

Request with(Headers headers) {
  Request request;
  request.host = "own:8080";
  request.headers = std::move(headers);
  return request;
}

std::string client(const char* peer, const char* trusted, Headers headers) {
  return client_of(with(std::move(headers)), *Address::read(peer), *AddressRanges::read(trusted))
      .text();
}

TEST(Address, IsReadAndWritten) {
  for (const auto& [text, shown] :
       std::vector<std::pair<const char*, const char*>>{{"192.0.2.1", "192.0.2.1"},
                                                        {"::ffff:192.0.2.1", "192.0.2.1"},
                                                        {"2001:DB8::0001", "2001:db8::1"},
                                                        {"::1", "::1"},
                                                        {"::", "::"}})
    EXPECT_EQ(Address::read(text)->text(), shown);
  for (const char* text : {"", "1", "1.2.3", "256.0.0.1", "01.2.3.4", "::g", "[::1]", "1.2.3.4:80",
                           "fe80::1%eth0", "localhost", " ::1", "::1 ", "1.2.3.4.5"})
    EXPECT_FALSE(Address::read(text)) << text;
}

struct RangeCase {
  const char *list, *in, *out;
};

TEST(AddressRanges, HoldWhatTheyName) {
  for (const auto& [list, in, out] :
       {RangeCase{"127.0.0.0/8, ::1", "127.3.2.1", "128.0.0.1"},
        RangeCase{"127.0.0.0/8, ::1", "::1", "::2"}, RangeCase{"10.1.2.3", "10.1.2.3", "10.1.2.4"},
        RangeCase{"10.1.2.3/32", "10.1.2.3", "10.1.2.2"},
        RangeCase{"192.168.4.0/22", "192.168.7.255", "192.168.8.0"},
        RangeCase{"192.168.5.9/22", "192.168.4.1", "192.168.3.255"},
        RangeCase{"0.0.0.0/0", "8.8.8.8", "2001:db8::1"},
        RangeCase{"::/0", "2001:db8::1", "8.8.8.8"}, RangeCase{"fd00::/8", "fdff::1", "fe00::1"},
        RangeCase{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        RangeCase{"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"},
        RangeCase{"10.0.0.0/8", "::ffff:10.9.9.9", "::10.9.9.9"}}) {
    const auto ranges = AddressRanges::read(list);
    ASSERT_TRUE(ranges) << list;
    EXPECT_TRUE(ranges->contains(*Address::read(in))) << list << " " << in;
    EXPECT_FALSE(ranges->contains(*Address::read(out))) << list << " " << out;
  }
  EXPECT_FALSE(AddressRanges::read("none")->contains(*Address::read("127.0.0.1")));
}

TEST(AddressRanges, AreWrongAsAWhole) {
  for (const char* list :
       {"", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0.0/8/8", "10.0.0.0/x",
        "10.0.0.0/8,", "10.0.0.0/8 fd00::/8", "proxy.local", "10.0.0.0/8, none", "[::1]", "*",
        "10.*", "all", "::1%lo"})
    EXPECT_FALSE(AddressRanges::read(list)) << list;
}

struct HopCase {
  Headers headers;
  const char* client;
};

TEST(Forwarded, TheClientIsFoundBehindTrustedHops) {
  const auto list = [](const char* value) { return Headers{{"x-forwarded-for", value}}; };
  const auto line = [](const char* value) { return Headers{{"forwarded", value}}; };
  for (const auto& [headers, expected] : std::vector<HopCase>{
           {{}, "127.0.0.1"},
           {list("203.0.113.9"), "203.0.113.9"},
           {list("6.6.6.6, 203.0.113.9"), "203.0.113.9"},
           {list("6.6.6.6, 203.0.113.9, 10.0.0.7"), "203.0.113.9"},
           {list("203.0.113.9,10.0.0.7 , 10.0.0.8"), "203.0.113.9"},
           {list("10.0.0.6, 10.0.0.7"), "10.0.0.6"},
           {list("203.0.113.9:4711"), "203.0.113.9"},
           {list("[2001:db8::9]:4711"), "2001:db8::9"},
           {list("2001:db8::9"), "2001:db8::9"},
           {list("[2001:db8::9]"), "2001:db8::9"},
           {list("::ffff:203.0.113.9"), "203.0.113.9"},
           {list("unknown"), "127.0.0.1"},
           {list("203.0.113.9, unknown, 10.0.0.7"), "10.0.0.7"},
           {list("6.6.6.6, nonsense"), "127.0.0.1"},
           {list(""), "127.0.0.1"},
           {list(", ,"), "127.0.0.1"},
           {{{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "203.0.113.9"}}, "203.0.113.9"},
           {line("for=203.0.113.9"), "203.0.113.9"},
           {line("For=203.0.113.9;proto=https;by=10.0.0.1"), "203.0.113.9"},
           {line("for=\"203.0.113.9:80\""), "203.0.113.9"},
           {line("for=203.0.113.9:80"), "203.0.113.9"},
           {line("for=\"[2001:db8::9]:4711\";proto=http"), "2001:db8::9"},
           {line("for=\"[2001:db8::9]\" , for=10.0.0.7"), "2001:db8::9"},
           {line("for=6.6.6.6, for=203.0.113.9, for=\"10.0.0.7:_port\""), "203.0.113.9"},
           {line("proto=https;for=\"203\\.0.113.9\""), "203.0.113.9"},
           {line("for=unknown"), "127.0.0.1"},
           {line("for=_hidden, for=10.0.0.7"), "10.0.0.7"},
           {line("for=\"_SEVKISEK\""), "127.0.0.1"},
           {line("for=203.0.113.9, for=\"10.0.0.7"), "127.0.0.1"},
           {line("for=\"x, for=\"[2001:db8::9]\""), "127.0.0.1"},
           {line("for 203.0.113.9"), "127.0.0.1"},
           {line("proto=https"), "127.0.0.1"},
           {{{"forwarded", "for=\"6.6.6.6"}, {"forwarded", "for=203.0.113.9"}}, "203.0.113.9"},
           {{{"x-forwarded-for", "203.0.113.9"}, {"forwarded", "for=203.0.113.9"}}, "203.0.113.9"},
           {{{"x-forwarded-for", "203.0.113.9"}, {"forwarded", "proto=https"}}, "203.0.113.9"},
           // A proxy that writes one header passes on what the client has put into the other.
           {{{"x-forwarded-for", "203.0.113.9"}, {"forwarded", "for=6.6.6.6"}}, "127.0.0.1"}})
    EXPECT_EQ(client("127.0.0.1", "127.0.0.0/8, 10.0.0.0/8", headers), expected)
        << (headers.empty() ? "" : headers.front().value);
}

TEST(Forwarded, OthersNameNobody) {
  for (const char* peer : {"203.0.113.1", "2001:db8::1"})
    for (const char* name : {"x-forwarded-for", "forwarded"})
      EXPECT_EQ(client(peer, "127.0.0.0/8", {{name, name[0] == 'x' ? "6.6.6.6" : "for=6.6.6.6"}}),
                peer);
}

struct UrlCase {
  Headers headers;
  const char *proto, *host;
  int port;
  const char* prefix;
};

TEST(Forwarded, HowTheClientFoundTheProxy) {
  const auto proto = [](const char* value) { return Header{"x-forwarded-proto", value}; };
  const auto host = [](const char* value) { return Header{"x-forwarded-host", value}; };
  const auto port = [](const char* value) { return Header{"x-forwarded-port", value}; };
  const auto prefix = [](const char* value) { return Header{"x-forwarded-prefix", value}; };
  const auto line = [](const char* value) { return Header{"forwarded", value}; };
  for (const auto& [headers, p, h, n, x] : std::vector<UrlCase>{
           {{}, "", "", 0, ""},
           {{proto("https")}, "https", "", 0, ""},
           {{proto("HTTPS")}, "https", "", 0, ""},
           {{proto("https, http")}, "https", "", 0, ""},
           {{proto("http,https")}, "http", "", 0, ""},
           {{proto("gopher")}, "", "", 0, ""},
           {{proto("gopher"), line("proto=HTTPS")}, "https", "", 0, ""},
           {{host("radio.example, inner")}, "", "radio.example", 0, ""},
           {{host("radio.example:8443")}, "", "radio.example:8443", 0, ""},
           {{host("[2001:db8::1]:80")}, "", "[2001:db8::1]:80", 0, ""},
           {{host("a b")}, "", "", 0, ""},
           {{host("a/b")}, "", "", 0, ""},
           {{host("a@b")}, "", "", 0, ""},
           {{host("..")}, "", "", 0, ""},
           {{host("a..b")}, "", "", 0, ""},
           {{host("<script>")}, "", "", 0, ""},
           {{host("a:99999")}, "", "", 0, ""},
           {{host("a b"), line("host=\"radio.example:81\"")}, "", "radio.example:81", 0, ""},
           {{port("8443")}, "", "", 8443, ""},
           {{port("8443, 80")}, "", "", 8443, ""},
           {{port("0")}, "", "", 0, ""},
           {{port("65536")}, "", "", 0, ""},
           {{port("-1")}, "", "", 0, ""},
           {{port("80x")}, "", "", 0, ""},
           {{prefix("/radio")}, "", "", 0, "/radio"},
           {{prefix("/radio/")}, "", "", 0, "/radio"},
           {{prefix("/a/b, /c")}, "", "", 0, "/a/b"},
           {{prefix("/")}, "", "", 0, ""},
           {{prefix("radio")}, "", "", 0, ""},
           {{prefix("//evil.example")}, "", "", 0, ""},
           {{prefix("/a//b")}, "", "", 0, ""},
           {{prefix("/../x")}, "", "", 0, ""},
           {{prefix("/a?b")}, "", "", 0, ""},
           {{prefix("/a b")}, "", "", 0, ""},
           {{prefix("/a\"b")}, "", "", 0, ""},
           {{prefix("http://evil")}, "", "", 0, ""},
           {{line("for=1.2.3.4;Proto=https;HOST=radio.example, proto=http;host=inner")},
            "https",
            "radio.example",
            0,
            ""},
           {{line("garbage")}, "", "", 0, ""}}) {
    const auto said = forwarded_of(with(headers));
    const std::string shown = headers.empty() ? "" : headers.front().value;
    EXPECT_EQ(said.proto, p) << shown;
    EXPECT_EQ(said.host, h) << shown;
    EXPECT_EQ(said.port, n) << shown;
    EXPECT_EQ(said.prefix, x) << shown;
  }
}

}  // namespace
}  // namespace infinara::door

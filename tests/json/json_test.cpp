// SPDX-License-Identifier: Apache-2.0
#include "json/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "json/guard.hpp"

namespace infinara::json {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

Fields good(std::string_view text) {
  const auto read = read_object(text);
  if (!read) {
    ADD_FAILURE() << text << ": " << read.error().why;
    return {};
  }
  return *read;
}

TEST(Json, ReadsAFlatObject) {
  const auto fields =
      good("\r\n\t {\"a\":\"x\" , \"b\" : true,\"c\":false,\"d\":null,\"e\":-1.5e2} \n");
  EXPECT_EQ(std::get<std::string>(fields.at("a")), "x");
  EXPECT_TRUE(std::get<bool>(fields.at("b")));
  EXPECT_FALSE(std::get<bool>(fields.at("c")));
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(fields.at("d")));
  EXPECT_EQ(std::get<double>(fields.at("e")), -150);
  EXPECT_TRUE(good("{}").empty());
}

TEST(Json, DecodesStrings) {
  const auto fields = good(R"({"s":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83c\udfb7é€🎷"})");
  EXPECT_EQ(std::get<std::string>(fields.at("s")), "\"\\/\b\f\n\r\tAé€🎷é€🎷");
  EXPECT_EQ(std::get<std::string>(good(R"({"s":" lo fi "})").at("s")), " lo fi ");
}

TEST(Json, ChecksNestedValuesButKeepsNone) {
  const auto fields = good(R"({"a":[1,[],{"b":[{}]}],"c":{"d":{}}})");
  EXPECT_TRUE(std::holds_alternative<Nested>(fields.at("a")));
  EXPECT_TRUE(std::holds_alternative<Nested>(fields.at("c")));
}

TEST(Json, RefusesWhatIsNoObjectOrNoJson) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "5",
                           "\"x\"",
                           "[]",
                           "[{}]",
                           "true",
                           "nul",
                           "{",
                           "}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\":1 \"b\":2}",
                           "{a:1}",
                           "{'a':1}",
                           "{\"a\":'x'}",
                           "{\"a\":01}",
                           "{\"a\":+1}",
                           "{\"a\":.5}",
                           "{\"a\":1.}",
                           "{\"a\":1e}",
                           "{\"a\":0x10}",
                           "{\"a\":NaN}",
                           "{\"a\":Infinity}",
                           "{\"a\":1e999}",
                           "{\"a\":-}",
                           "{\"a\":tru}",
                           "{} x",
                           "{}{}",
                           "{} //c",
                           "/**/{}",
                           "var x = {};",
                           "{\"a\":\"\\x\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"\\ud800\"}",
                           "{\"a\":\"\\udc00\"}",
                           "{\"a\":\"\\ud800\\u0041\"}",
                           "{\"a\":\"\\u0000b\"}",
                           "{\"a\":18446744073709551617}",
                           "{\"a\":\"b",
                           "{\"a\":\"b\n\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\xc0\x80\"}",
                           "{\"a\":\"\xed\xa0\x80\"}",
                           "{\"a\":\"\xf4\x90\x80\x80\"}",
                           "{\"a\":\"\xe2\x82\"}",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":1,\"\\u0061\":2}",
                           "{\"a\":[1,]}",
                           "{\"a\":[1 2]}",
                           "{\"a\":[}",
                           "{\"a\":\"\\",
                           "\xef\xbb\xbf{}"})
    EXPECT_FALSE(read_object(text)) << text;
  EXPECT_FALSE(read_object(std::string_view("{}\0", 3)));
}

TEST(Json, DepthAndSizeHaveAnEnd) {
  const auto nested = [](int depth) {
    return "{\"a\":" + repeated("[", depth) + repeated("]", depth) + "}";
  };
  EXPECT_TRUE(read_object(nested(kMaxDepth - 1)));
  EXPECT_FALSE(read_object(nested(kMaxDepth)));
  EXPECT_FALSE(read_object(nested(30000)));
  EXPECT_FALSE(read_object(repeated("[", 65536)));
  EXPECT_FALSE(read_object(repeated("{\"a\":", 13000)));
  const std::string large = "{\"a\":\"" + std::string(kMaxRequestBytes - 8, 'x') + "\"}";
  EXPECT_TRUE(read_object(large));
  EXPECT_FALSE(read_object(large + " "));
}

TEST(Json, ARequestHasAtMost65536Bytes) {
  const std::string longest = "{\"a\":\"" + std::string(65536 - 8, 'x') + "\"}";
  ASSERT_EQ(longest.size(), 65536u);
  EXPECT_TRUE(read_object(longest));
  EXPECT_FALSE(read_object(longest + "\n"));
}

TEST(Json, NumbersAreThoseOfTheGrammar) {
  for (const char* good_one :
       {"0", "-0", "0.5", "10", "100", "1e3", "0e0", "0.0", "-12.5E-3", "9223372036854775807",
        "-9223372036854775808", "99999999999999999999.5", "123456789012345678901e-2"})
    EXPECT_TRUE(read_object("{\"a\":" + std::string(good_one) + "}")) << good_one;
  for (const char* bad_one :
       {"00", "01", "-01", "00.5", "-", ".5", "5.", "1e", "1e+", "+1", "0x10", "1_0", "0.5.5",
        "9223372036854775808", "-9223372036854775809", "18446744073709551617"})
    EXPECT_FALSE(read_object("{\"a\":" + std::string(bad_one) + "}")) << bad_one;
  EXPECT_EQ(std::get<double>(good("{\"a\":0}").at("a")), 0);
}

TEST(Json, AnythingAtAllIsEitherReadOrRefused) {
  std::mt19937 rng(7);
  const std::string seed =
      R"({"genre":"lofi hip hop","when":"now","n":[1.5e3,{"x":null}],"u":"\u20ac"})";
  for (int round = 0; round < 20000; ++round) {
    std::string text = seed;
    for (int i = 0; i < 4; ++i) {
      const auto at = rng() % text.size();
      if (rng() % 3 == 0)
        text.erase(at, 1 + rng() % 5);
      else
        text[at] = static_cast<char>(rng() % 4 == 0 ? rng() : seed[rng() % seed.size()]);
      if (text.empty()) text = "{";
    }
    const auto read = read_object(text);
    EXPECT_STRNE(read ? "read" : read.error().why, "") << text;
  }
}

TEST(Json, WhatIsWrittenReadsBack) {
  for (const std::string& text :
       {std::string("plain"), std::string("q\"b\\s/\n\x01\x1f\x7f"), std::string("é€🎷")}) {
    const auto fields = good(Object().set("s", std::string_view(text)).text());
    EXPECT_EQ(std::get<std::string>(fields.at("s")), text);
  }
  EXPECT_EQ(text_of(std::string_view("a\0b", 3)), R"("a\u0000b")");
  EXPECT_EQ(text_of(std::string_view("a\xff\xfe")), "\"a\\ufffd\\ufffd\"");
}

TEST(Json, WritesNumbersShortly) {
  EXPECT_EQ(text_of(18.0), "18");
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "null");
  // Some readers take 1e+05 for no integer.
  EXPECT_EQ(Object().set("n", 100000u).set("m", std::int64_t{-9007199254740993}).text(),
            R"({"m":-9007199254740993,"n":100000})");
  EXPECT_EQ(Object().set("n", std::numeric_limits<std::uint64_t>::max()).text(),
            R"({"n":18446744073709551615})");
  EXPECT_EQ(Object().set("b", 2).set("a", true).set("c", Object()).text(),
            R"({"a":true,"b":2,"c":{}})");
}

}  // namespace
}  // namespace infinara::json

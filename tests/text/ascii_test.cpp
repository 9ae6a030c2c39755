// SPDX-License-Identifier: Apache-2.0
#include "text/ascii.hpp"

#include <gtest/gtest.h>

namespace infinara::text {
namespace {

TEST(Ascii, OnlyItsCapitalsAreLowered) {
  EXPECT_EQ(lowered("Audio/MPEG; A=1"), "audio/mpeg; a=1");
  EXPECT_EQ(lowered("@[`{AZaz"), "@[`{azaz");
  EXPECT_EQ(lowered("\xc3\x84\xff"), "\xc3\x84\xff");
  EXPECT_EQ(lowered(""), "");
}

TEST(Ascii, EveryByteIsOfTheKindsThatItShouldBe) {
  const std::string_view digits = "0123456789",
                         letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (int i = -128; i < 128; ++i) {
    const char c = static_cast<char>(i);
    const bool digit = digits.find(c) != digits.npos;
    EXPECT_EQ(is_digit(c), digit) << i;
    EXPECT_EQ(is_alnum(c), digit || letters.find(c) != letters.npos) << i;
    EXPECT_EQ(is_control(c), (i >= 0 && i < 32) || i == 127) << i;
    const auto hex = std::string_view("0123456789abcdefABCDEF").find(c);
    EXPECT_EQ(hex_value(c), hex == digits.npos ? -1 : static_cast<int>(hex < 16 ? hex : hex - 6))
        << i;
  }
}

TEST(Ascii, EqualIgnoringCaseComparesTheWhole) {
  EXPECT_TRUE(equal_ignoring_case("100-Continue", "100-cONTINUE"));
  EXPECT_TRUE(equal_ignoring_case("", ""));
  EXPECT_FALSE(equal_ignoring_case("abc", "ab"));
  EXPECT_FALSE(equal_ignoring_case("[", "{"));
}

}  // namespace
}  // namespace infinara::text

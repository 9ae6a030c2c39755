// SPDX-License-Identifier: Apache-2.0
#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace infinara::text;

/// As RFC 3629 encodes it, whatever it is.
std::string encoded(unsigned point) {
  const auto low = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3f)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xc0 | point >> 6), low(0)};
  if (point < 0x10000) return {static_cast<char>(0xe0 | point >> 12), low(6), low(0)};
  return {static_cast<char>(0xf0 | point >> 18), low(12), low(6), low(0)};
}

TEST(Utf8, KnowsEveryCharacterAndNoSurrogate) {
  for (unsigned point = 0; point < 0x120000; ++point) {
    const std::string text = encoded(point);
    const bool good = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    ASSERT_EQ(utf8_length(text), good ? text.size() : 0) << std::hex << point;
    ASSERT_EQ(utf8_length(text + "x"), good ? text.size() : 0) << std::hex << point;
    const std::string cut = text.substr(0, text.size() - 1);
    ASSERT_TRUE(cut.empty() || utf8_length(cut) == 0) << std::hex << point;
  }
}

TEST(Utf8, RefusesWhatIsLongerThanItMustBeOrNeverBegins) {
  for (const std::string text : {"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                                 "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\x80", "\xbf", "\xff",
                                 "\xfe", "\xf5\x80\x80\x80", "\xc3(", "\xe2\x82(", "\xe2(\xac"})
    EXPECT_FALSE(is_utf8(text)) << testing::PrintToString(text);
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("Bossa nova à la carte – 波 🎷"));
  EXPECT_FALSE(is_utf8("good, then \xc3"));
}

}  // namespace

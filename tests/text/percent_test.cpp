// SPDX-License-Identifier: Apache-2.0
#include "text/percent.hpp"

#include <gtest/gtest.h>

namespace infinara::text {
namespace {

TEST(Percent, EscapesBecomeTheirBytes) {
  EXPECT_EQ(percent_decoded("/lofi%20hip%20Hop"), "/lofi hip Hop");
  EXPECT_EQ(percent_decoded("%c3%BC%25%00"), std::string("ü%\0", 4));
  EXPECT_EQ(percent_decoded("a+b"), "a+b");
  EXPECT_EQ(percent_decoded(""), "");
}

TEST(Percent, ABrokenEscapeSpoilsAll) {
  for (const char* text : {"%", "a%2", "%2g", "%g2", "%%20"})
    EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
}

}  // namespace
}  // namespace infinara::text

// SPDX-License-Identifier: Apache-2.0
#include "text/number.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace infinara::text {
namespace {

TEST(Number, IsAllOfTheText) {
  EXPECT_EQ(number<int>("-12"), -12);
  EXPECT_EQ(number<double>("2.5"), 2.5);
  EXPECT_EQ(number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", " 1", "1 ", "+1", "1s", "0x1", "1.0.0", "one"}) {
    EXPECT_EQ(number<int>(text), std::nullopt) << text;
    EXPECT_EQ(number<double>(text), std::nullopt) << text;
  }
}

TEST(Number, IsNoneThatDoesNotFit) {
  EXPECT_EQ(number<int>("2147483648"), std::nullopt);
  EXPECT_EQ(number<unsigned>("-1"), std::nullopt);
  EXPECT_EQ(number<double>("1e999"), std::nullopt);
  for (const char* text : {"inf", "-inf", "nan", "infinity"})
    EXPECT_EQ(number<double>(text), std::nullopt) << text;
}

}  // namespace
}  // namespace infinara::text

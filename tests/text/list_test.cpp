// SPDX-License-Identifier: Apache-2.0
#include "text/list.hpp"

#include <gtest/gtest.h>

using infinara::text::items_of;
using infinara::text::trimmed;
using Items = std::vector<std::string_view>;

TEST(List, ItemsStandBetweenCommasWithoutTheirSpace) {
  EXPECT_EQ(items_of("one"), (Items{"one"}));
  EXPECT_EQ(items_of(" one,\ttwo words ,three\n"), (Items{"one", "two words", "three"}));
}

TEST(List, NothingBetweenCommasIsAnItem) {
  EXPECT_EQ(items_of(""), (Items{""}));
  EXPECT_EQ(items_of(" , a,"), (Items{"", "a", ""}));
}

TEST(List, TrimmedKeepsWhatStandsInside) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \t "), "");
}

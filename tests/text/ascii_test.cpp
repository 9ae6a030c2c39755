// SPDX-License-Identifier: Apache-2.0
#include "text/ascii.hpp"

#include <gtest/gtest.h>

using infinara::text::lowered;

TEST(Ascii, OnlyItsCapitalsAreLowered) {
  EXPECT_EQ(lowered("Audio/MPEG; A=1"), "audio/mpeg; a=1");
  EXPECT_EQ(lowered("@[`{AZaz"), "@[`{azaz");
  EXPECT_EQ(lowered("\xc3\x84\xff"), "\xc3\x84\xff");
  EXPECT_EQ(lowered(""), "");
}

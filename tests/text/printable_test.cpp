// SPDX-License-Identifier: Apache-2.0
#include "text/printable.hpp"

#include <gtest/gtest.h>

namespace infinara::text {
namespace {

using namespace std::string_literals;

TEST(Printable, IsOneLineWithoutWhatSteersATerminal) {
  EXPECT_EQ(printable("VLC/3.0 é"), "VLC/3.0 é");
  EXPECT_EQ(printable("a\r\nb\x1b[31m\x7f\0c"s), "a??b?[31m??c");
  EXPECT_EQ(printable("a\xff\xc3"), "a??");
  EXPECT_EQ(printable("\xc2\x9b\xc2\xa0"), "?\xc2\xa0");
}

TEST(Printable, IsCutBetweenCharacters) {
  EXPECT_EQ(printable("ééé", 5), "éé");
  EXPECT_EQ(printable(std::string(5000, 'a')).size(), 200u);
  EXPECT_EQ(printable("abc", 0), "");
}

TEST(Printable, SaysWhatStandsForTheRest) {
  EXPECT_EQ(printable("a\tb\xff", 9, " ", "\xef\xbf\xbd"), "a b\xef\xbf\xbd");
  EXPECT_EQ(printable("a\tb\xff", 5, " ", "\xef\xbf\xbd"), "a b");
}

}  // namespace
}  // namespace infinara::text

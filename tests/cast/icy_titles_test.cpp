// SPDX-License-Identifier: Apache-2.0
#include "cast/icy_titles.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace infinara::cast {
namespace {

using namespace std::string_literals;

/// What a player reads from a block: the text without its length byte and filling.
std::string text_of(const std::string& block) {
  EXPECT_EQ(block.size(), 1 + 16 * static_cast<std::size_t>(static_cast<unsigned char>(block[0])));
  return block.substr(1, block.find('\0', 1) - 1);
}

TEST(TitleBlock, IsCountedInSixteens) {
  EXPECT_EQ(title_block("Rain"), "\x02StreamTitle='Rain';StreamUrl='';");
  EXPECT_EQ(title_block("Rain!"), "\x03StreamTitle='Rain!';StreamUrl='';"s + std::string(15, '\0'));
  for (std::size_t length = 0; length < 100; ++length) {
    const std::string title(length, 'x');
    EXPECT_EQ(text_of(title_block(title)), "StreamTitle='" + title + "';StreamUrl='';");
  }
  EXPECT_EQ(text_of(title_block("a", "http://radio.local/")),
            "StreamTitle='a';StreamUrl='http://radio.local/';");
}

TEST(TitleBlock, IsSafeWhateverTheTitle) {
  for (const auto& [title, expected] : std::vector<std::pair<std::string, std::string>>{
           {"Café — 雨", "Café — 雨"},
           {"It's", "It\u2019s"},
           {"a';StreamUrl='http://evil", "a\u2019;StreamUrl=\u2019http://evil"},
           {"a\r\nb\0c\x1b[0m\x7f"s, "a  b c [0m "},
           {"\xff\xfe", "\uFFFD\uFFFD"},
           {"\xc3", "\uFFFD"},
           {"a\xed\xa0\x80z", "a\uFFFD\uFFFD\uFFFDz"},
           {"a\xc2\x85z", "a z"},
           {"", ""}})
    EXPECT_EQ(text_of(title_block(title)), "StreamTitle='" + expected + "';StreamUrl='';");
}

TEST(TitleBlock, NeverGrowsTooLongAndCutsWholeCharacters) {
  for (std::size_t size = 3900; size < 4200; ++size)
    EXPECT_LE(title_block(std::string(size, 'a')).size(), 1 + 255 * 16u);
  std::string wide;
  for (int i = 0; i < 5000; ++i) wide += "雨";
  const std::string text = text_of(title_block(wide));
  EXPECT_TRUE(text.ends_with("雨';StreamUrl='';"));
  EXPECT_EQ(title_block(std::string(5000, '\'')).size(), 1 + 255 * 16u);
  EXPECT_TRUE(
      text_of(title_block("a", "http://" + std::string(5000, 'x'))).ends_with("';StreamUrl='';"));
}

TEST(Titles, HoldFromTheirPositionOn) {
  Titles titles;
  EXPECT_EQ(titles.at(0), nullptr);
  titles.set(100, "one");
  titles.set(200, "two");
  EXPECT_EQ(titles.at(99), nullptr);
  EXPECT_EQ(*titles.at(100), title_block("one"));
  EXPECT_EQ(*titles.at(199), title_block("one"));
  EXPECT_EQ(*titles.at(200), title_block("two"));
  titles.set(200, "three");  // before a byte of "two"
  EXPECT_EQ(*titles.at(200), title_block("three"));
  titles.set(300, "three");  // the same again
  EXPECT_EQ(titles.at(300), titles.at(200));
}

TEST(Titles, KeepTheOneThatStillHolds) {
  Titles titles;
  titles.set(0, "one");
  titles.set(100, "two");
  titles.set(200, "three");
  titles.forget_before(150);
  EXPECT_EQ(titles.at(50), nullptr);
  EXPECT_EQ(*titles.at(150), title_block("two"));
  titles.forget_before(10000);
  EXPECT_EQ(*titles.at(10000), title_block("three"));
}

}  // namespace
}  // namespace infinara::cast

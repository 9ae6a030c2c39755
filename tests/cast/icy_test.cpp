// SPDX-License-Identifier: Apache-2.0
#include "cast/icy.hpp"

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
  titles.set(300, "three");  // no news
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

TEST(ResponseHead, NamesTheStation) {
  HeadFacts facts;
  facts.content_type = "audio/mpeg";
  facts.name = "Infinara";
  facts.genre = "jazz";
  facts.bitrate = 192;
  facts.icy = true;
  EXPECT_EQ(response_head(facts),
            "HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nCache-Control: no-cache, no-store\r\n"
            "Connection: close\r\nAccept-Ranges: none\r\nAccess-Control-Allow-Origin: *\r\n"
            "Access-Control-Expose-Headers: icy-br, icy-genre, icy-metaint, icy-name\r\n"
            "icy-name: Infinara\r\nicy-genre: jazz\r\nicy-br: 192\r\nicy-metaint: 16000\r\n\r\n");
  facts = {};
  facts.minor = 0;
  const std::string bare = response_head(facts);
  EXPECT_EQ(bare.find("HTTP/1.0 200 OK\r\n"), 0u);
  EXPECT_EQ(bare.find("icy-name:"), std::string::npos);
  EXPECT_EQ(bare.find("icy-br:"), std::string::npos);
  EXPECT_EQ(bare.find("icy-metaint:"), std::string::npos);
}

TEST(ResponseHead, HasNoHeaderThatANameSmugglesIn) {
  HeadFacts facts;
  facts.name = "a\r\nSet-Cookie: b=c\r\n\r\nbody" + std::string(5000, 'x');
  const std::string head = response_head(facts);
  EXPECT_EQ(head.find("\r\nSet-Cookie"), std::string::npos);
  EXPECT_EQ(head.find("\r\n\r\n"), head.size() - 4);
  EXPECT_LT(head.size(), 600u);
}

TEST(ShortResponse, IsWhole) {
  EXPECT_EQ(short_response(0, "503 Service Unavailable", "Retry-After: 10\r\n", "full"),
            "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n"
            "Access-Control-Allow-Origin: *\r\nRetry-After: 10\r\n\r\nfull");
  EXPECT_NE(preflight_response(1).find("Access-Control-Allow-Headers: Icy-MetaData, Range\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace infinara::cast

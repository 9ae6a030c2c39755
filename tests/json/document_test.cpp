// SPDX-License-Identifier: Apache-2.0
#include "json/document.hpp"

#include <gtest/gtest.h>

namespace infinara::json {
namespace {

TEST(Document, IsReadStrictlyWhereJsonGlibIsLenient) {
  for (const char* text :
       {"[010]", "[0x10]", "[0b1]", "[1.]", "[.5]", "[- 5]", "[+1]", "[18446744073709551617]",
        R"(["\ud8]d"])", R"(["\x41"])", R"(["\u12"])", "[truefalse]", "[1a]", "[True]",
        R"(["\ud800", "x"])", R"(["\udc00"])", R"(["\ud800\u0041"])"})
    EXPECT_FALSE(Document::parse(text)) << text;
  for (const char* text :
       {"[0]", "[-0.5e+10]", "[1E5]", "[9223372036854775807]", "[true,false,null]",
        R"(["\ud83d\ude00\u00e9\"\\\/\b\f\n\r\t"])", "[12345678901234567890.0]"})
    EXPECT_TRUE(Document::parse(text)) << text;
}

TEST(Document, IsRefusedBeforeItCanHurt) {
  for (const char bracket : {'[', '{'}) {
    EXPECT_FALSE(Document::parse(std::string(1'000'000, bracket)));
    EXPECT_FALSE(Document::parse(std::string(70, bracket)));
  }
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Document::parse(nested(kMaxDepth)));
  EXPECT_FALSE(Document::parse(nested(kMaxDepth + 1)));
  EXPECT_FALSE(Document::parse("\"" + std::string(kMaxBytes, 'x') + "\""));
  EXPECT_TRUE(Document::parse("\"" + std::string(kMaxBytes - 2, 'x') + "\""));
  // Brackets behind what only json-glib takes for the end of a string.
  EXPECT_FALSE(Document::parse("// \"\n" + nested(100'000)));
  EXPECT_FALSE(Document::parse("/*\"*/" + nested(100'000)));
  EXPECT_FALSE(Document::parse("['\"'," + nested(100'000) + "]"));
  EXPECT_FALSE(Document::parse(R"("a\"b)"));
  EXPECT_FALSE(Document::parse(std::string("\"a\0b\"", 5)));
}

TEST(Document, NumbersAreFiniteAndWhole) {
  const auto document = Document::parse(R"({"a":1e999,"b":2.0,"c":2.5,"d":"7","e":1e18,"f":true})");
  ASSERT_TRUE(document);
  EXPECT_FALSE(document->root()["a"].number());
  EXPECT_EQ(document->root()["b"].integer(), 2);
  EXPECT_FALSE(document->root()["c"].integer());
  EXPECT_FALSE(document->root()["d"].integer());
  EXPECT_FALSE(document->root()["e"].integer());
  EXPECT_FALSE(document->root()["f"].number());
}

TEST(Document, EveryQuestionMayBeAskedOfAnything) {
  const auto document = Document::parse(R"({"object":{},"list":[1],"text":"x","null":null})");
  ASSERT_TRUE(document);
  const Node root = document->root();
  for (const Node& node : {Node(), root["missing"], root["text"]["missing"], root["list"].at(1),
                           root["null"], root["object"], root["list"]}) {
    EXPECT_FALSE(node.text());
    EXPECT_FALSE(node.number());
    EXPECT_FALSE(node.integer());
    EXPECT_FALSE(node.truth());
    EXPECT_FALSE(node["x"]);
    EXPECT_FALSE(node.at(1));
  }
  EXPECT_FALSE(root["null"]);
  EXPECT_TRUE(root["object"].is_object());
  EXPECT_EQ(root["object"].size(), 0u);
  EXPECT_EQ(root["list"].size(), 1u);
  EXPECT_EQ(root["text"].text(), "x");
  EXPECT_FALSE(root["text"].truth());
  EXPECT_EQ(root["text"].size(), 0u);
}

}  // namespace
}  // namespace infinara::json

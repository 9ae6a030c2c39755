// SPDX-License-Identifier: Apache-2.0
#include "text/query.hpp"

#include <gtest/gtest.h>

namespace infinara::text {
namespace {

using Items = std::vector<QueryItem>;

Items items(std::string_view query) {
  const auto parsed = parse_query(query);
  if (parsed) return *parsed;
  ADD_FAILURE() << query << ": " << parsed.error();
  return {};
}

std::string refusal(std::string_view query) {
  const auto parsed = parse_query(query);
  EXPECT_FALSE(parsed) << query;
  return parsed ? "" : parsed.error();
}

TEST(Uri, IsSplitAtItsMarks) {
  const UriParts all = split_uri("acestep://key@gpu:8001/a/b?x=1?2#end#");
  EXPECT_EQ(all.scheme, "acestep");
  EXPECT_EQ(all.authority, "key@gpu:8001");
  EXPECT_EQ(all.path, "/a/b");
  EXPECT_EQ(all.query, "x=1?2");
  EXPECT_EQ(all.fragment, "end#");
  EXPECT_EQ(split_uri("a:"), (UriParts{.scheme = "a"}));
  EXPECT_EQ(split_uri("a://?x=/:"), (UriParts{.scheme = "a", .authority = "", .query = "x=/:"}));
  EXPECT_EQ(split_uri("a:b/c"), (UriParts{.scheme = "a", .path = "b/c"}));
  EXPECT_EQ(split_uri("//[::1]:9"), (UriParts{.authority = "[::1]:9"}));
  EXPECT_EQ(split_uri("/x:y"), (UriParts{.path = "/x:y"}));
  EXPECT_EQ(split_uri(""), UriParts{});
  EXPECT_EQ(split_uri("#?"), (UriParts{.fragment = "?"}));
}

TEST(Query, IsDecodedAsAForm) {
  EXPECT_EQ(items("genre=drum+and%20bass&key=F%23+minor&bpm=174"),
            (Items{{"genre", "drum and bass"}, {"key", "F# minor"}, {"bpm", "174"}}));
  EXPECT_EQ(items("a=%2B+%2b&b=1=2&c=&d"),
            (Items{{"a", "+ +"}, {"b", "1=2"}, {"c", ""}, {"d", ""}}));
  EXPECT_EQ(items("a+b=%26%3D"), (Items{{"a b", "&="}}));
  EXPECT_EQ(items("lyrics=%5BIntro%5D%0A%0Ala"), (Items{{"lyrics", "[Intro]\n\nla"}}));
  EXPECT_EQ(items(""), Items{});
  EXPECT_EQ(items("&a=1&&b=2&"), (Items{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(items("t=na%C3%AFve"), (Items{{"t", "na\xc3\xafve"}}));
}

TEST(Query, IsRefusedWithItsReason) {
  EXPECT_NE(refusal("x=100%").find("x has a broken escape"), std::string::npos);
  EXPECT_NE(refusal("x=%2").find("%25"), std::string::npos);
  EXPECT_NE(refusal("x=%zz").find("broken"), std::string::npos);
  EXPECT_NE(refusal("x=%ff").find("x is not UTF-8"), std::string::npos);
  EXPECT_NE(refusal("x=a%00b").find("x is not"), std::string::npos);
  EXPECT_NE(refusal("x=%1b[2J").find("x is not"), std::string::npos);
  EXPECT_NE(refusal("=1").find("no name"), std::string::npos);
  EXPECT_NE(refusal("%=1").find("a name"), std::string::npos);
  EXPECT_NE(refusal("a%0ab=1").find("a name"), std::string::npos);
  EXPECT_EQ(refusal("a=1&b=2&a=1"), "a is given twice");
  EXPECT_EQ(refusal("a=1&%61=2"), "a is given twice");
}

TEST(Query, ReadsBackWhatIsPrinted) {
  Items all{{"genre", "lofi hip hop"}, {"key", "F# minor"}, {"a&b=c", "100 % +/?#\t\n"}};
  all.push_back({"title", "Caf\xc3\xa9 \xe2\x99\xaf"});
  const std::string printed = print_query(all);
  EXPECT_EQ(items(printed), all);
  EXPECT_EQ(printed.find_first_of(" #?\n"), std::string::npos) << printed;
  EXPECT_EQ(print_query({}), "");
}

}  // namespace
}  // namespace infinara::text

// SPDX-License-Identifier: Apache-2.0
#include "app/api_memory.hpp"

#include <gtest/gtest.h>

#include "app/api_fixture.hpp"

namespace infinara::app {
namespace {

struct ApiOfMemory : Api {
  ApiOfMemory() {
    for (std::uint64_t id = 1; id <= 5; ++id)
      memory.remember({.order = {.id = id,
                                 .genre = "jazz",
                                 .title = "Hour \"" + std::to_string(id) + "\"",
                                 .caption = "slow",
                                 .duration = 90,
                                 .seed = 7},
                       .generator = "housebandsrc",
                       .artist = "The House Band",
                       .bpm = 92.5,
                       .key = "A minor",
                       .link = "file:///srv/secret.flac"},
                      static_cast<std::int64_t>(1764000000000 + id * 1500));
  }
  Reply rate(std::string_view body, std::string_view cookie = "", std::string_view base = "") {
    return answer(
        {.method = "POST", .path = "/api/rate", .body = body, .base = base, .cookie = cookie});
  }
};

TEST_F(ApiOfMemory, ATrackIsToldWhole) {
  const std::string track =
      R"({"artist":"The House Band","began":1764000007.5,"bpm":92.5,"caption":"slow","dislikes":0,)"
      R"("duration":90,"generator":"housebandsrc","genre":"jazz","join":null,"key":"A minor","likes":0,)"
      R"("rating":0,"seed":7,"track_id":"5","track_name":"Hour \"5\""})";
  EXPECT_EQ(get("/api/tracks/5").body, track + "\n");
  EXPECT_EQ(answer({.method = "GET", .path = "/api/history", .query = "limit=1"}).body,
            R"({"before":"5","tracks":[)" + track + "]}\n");
  memory.remember({.order = {.id = 6, .genre = "jazz"}}, 0);
  for (const char* part : {R"("bpm":null)", R"("key":"")", R"("track_name":"")"})
    EXPECT_NE(get("/api/tracks/6").body.find(part), std::string::npos) << part;
  memory.remember_join(6, {.from = 5, .dip = -1.25, .rise = 0.5, .basses = 2, .fifths = 1});
  const std::string join =
      R"("join":{"basses":2,"beats_apart":null,"dip":-1.3,"fifths":1,"from":"5","rise":0.5})";
  EXPECT_NE(get("/api/tracks/6").body.find(join), std::string::npos) << get("/api/tracks/6").body;
}

TEST_F(ApiOfMemory, HistoryIsPaged) {
  struct Page {
    const char *query, *ids, *before;
  };
  for (const auto& [query, ids, before] :
       {Page{"", "54321", "null"}, Page{"limit=2", "54", R"("4")"},
        Page{"limit=2&before=4", "32", R"("2")"}, Page{"before=2&limit=2", "1", "null"},
        Page{"before=1", "", "null"}, Page{"before=99&limit=200", "54321", "null"},
        Page{"limit=5", "54321", "null"}, Page{"limit=&before=", "54321", "null"}}) {
    const auto body = answer({.method = "GET", .path = "/api/history", .query = query}).body;
    std::string found;
    const std::string mark = R"("track_id":")";
    for (auto at = body.find(mark); at != body.npos; at = body.find(mark, at + 1))
      found += body[at + mark.size()];
    EXPECT_EQ(found, ids) << query;
    EXPECT_EQ(body.find(std::string(R"({"before":)") + before + ","), 0u) << query << body;
  }
  for (const char* query : {"limit=0", "limit=201", "limit=-1", "limit=x", "limit=1.5", "before=x",
                            "before=-1", "before=99999999999999999999", "limit=1e2"})
    expect_refused(answer({.method = "GET", .path = "/api/history", .query = query}), 400);
}

TEST_F(ApiOfMemory, ATrackThatIsNotThereIs404) {
  for (const char* path :
       {"/api/tracks/", "/api/tracks/0", "/api/tracks/6", "/api/tracks/x", "/api/tracks/1/",
        "/api/tracks/-1", "/api/tracks/1%00", "/api/tracks/18446744073709551616"})
    expect_refused(get(path), 404);
  expect_refused(rate(R"({"id":"6","rating":1})"), 404);
  EXPECT_EQ(get("/api/tracks/1", "POST").status, 405);
}

TEST_F(ApiOfMemory, TheLastVoteOfABrowserCounts) {
  const auto first = rate(R"({"id":"5","rating":1})");
  EXPECT_EQ(first.body, R"({"dislikes":0,"id":"5","likes":1,"ok":true,"rating":1})"
                        "\n");
  const std::string set = header(first, "Set-Cookie");
  EXPECT_EQ(set.find("listener="), 0u) << set;
  EXPECT_EQ(set.substr(41), "; Max-Age=31536000; HttpOnly; SameSite=Lax");
  const std::string cookie = "theme=dark; " + set.substr(0, 41) + "; x=y";
  const auto again = rate(R"({"id":5,"rating":-1})", cookie);
  EXPECT_EQ(again.body, R"({"dislikes":1,"id":"5","likes":0,"ok":true,"rating":-1})"
                        "\n");
  EXPECT_EQ(header(again, "Set-Cookie"), "");  // it has one
  const auto mine = answer({.method = "GET", .path = "/api/tracks/5", .cookie = cookie});
  EXPECT_NE(mine.body.find(R"("rating":-1)"), std::string::npos);
  const auto others = answer({.method = "GET", .path = "/api/history"});
  EXPECT_EQ(others.body.find(R"("rating":-1)"), std::string::npos);
  EXPECT_NE(others.body.find(R"("dislikes":1)"), std::string::npos);
  EXPECT_EQ(others.body.find(cookie.substr(21, 32)), std::string::npos);  // nobody else's token
  EXPECT_NE(header(rate(R"({"id":5,"rating":1})", "", "https://radio.example/radio"), "Set-Cookie")
                .find("; Secure"),
            std::string::npos);
}

TEST_F(ApiOfMemory, CookiesOfOthersAreNoTokens) {
  const std::string token(32, 'a');
  struct Row {
    std::string cookies, token;
  };
  for (const auto& [cookies, expected] :
       {Row{"listener=" + token, token}, Row{"a=b;listener=" + token + ";", token},
        Row{"listener=" + std::string(32, 'A'), token}, Row{"", ""}, Row{";", ""}, Row{"; ;", ""},
        Row{"listener=", ""}, Row{"listener=" + token + "a", ""},
        Row{"listener=" + token.substr(1) + "g", ""}, Row{"xlistener=" + token, ""},
        Row{"listener=x; listener=" + token, token}})
    EXPECT_EQ(listener_in(cookies), expected) << cookies;
}

TEST_F(ApiOfMemory, ABadVoteCountsNothing) {
  for (const char* body :
       {"", "{}", "[]", "null", R"({"id":"5"})", R"({"rating":1})", R"({"id":"5","rating":2})",
        R"({"id":"5","rating":0.5})", R"({"id":"5","rating":"1"})", R"({"id":"5","rating":null})",
        R"({"id":"5","rating":true})", R"({"id":5.5,"rating":1})", R"({"id":-5,"rating":1})",
        R"({"id":"-5","rating":1})", R"({"id":"5 ","rating":1})", R"({"id":[5],"rating":1})",
        R"({"id":1e300,"rating":1})", R"({"id":"","rating":1})",
        R"({"id":"5","id":"4","rating":1})"})
    expect_refused(rate(body), 400);
  EXPECT_EQ(memory.find(5)->likes, 0);
  expect_refused(answer({.method = "POST",
                         .path = "/api/rate",
                         .body = R"({"id":"5","rating":1})",
                         .host = "radio",
                         .origin = "http://evil.example"}),
                 403);
  EXPECT_EQ(memory.find(5)->likes, 0);
}

}  // namespace
}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
#include "remote/wire.hpp"

#include <gtest/gtest.h>

namespace infinara::remote {
namespace {

using Kind = Ask::Kind;

Reply answered(const Ask& ask, int status, std::string type, std::string body = "") {
  return reply_of(ask, HttpAnswer{status, std::move(type), std::move(body)});
}

TEST(Wire, EachAskHasItsPlaceOnTheServer) {
  const struct {
    Ask ask;
    const char* url;
    bool has_body;
  } rows[] = {{{.kind = Kind::kHealth}, "http://gpu:8001/health", false},
              {{.kind = Kind::kStats}, "http://gpu:8001/v1/stats", false},
              {{.kind = Kind::kModels}, "http://gpu:8001/v1/models", false},
              {{.kind = Kind::kRelease}, "http://gpu:8001/release_task", true},
              {{.kind = Kind::kQuery}, "http://gpu:8001/query_result", true},
              {{.kind = Kind::kFetch, .file = "/v1/audio?path=%2Fa b.flac"},
               "http://gpu:8001/v1/audio?path=%2Fa%20b.flac",
               false}};
  for (const auto& row : rows) {
    Ask ask = row.ask;
    ask.timeout = 7;
    const HttpRequest request = request_of(ask, "http://gpu:8001");
    EXPECT_EQ(request.url, row.url);
    EXPECT_EQ(request.body.has_value(), row.has_body) << row.url;
    EXPECT_EQ(request.timeout, 7) << row.url;
  }
}

TEST(Wire, OnlyAudioIsATrack) {
  const Ask fetch{.kind = Kind::kFetch};
  for (const char* type :
       {"audio/mpeg", "audio/x-flac", "application/ogg", "application/octet-stream"})
    EXPECT_TRUE(std::holds_alternative<Fetched>(answered(fetch, 200, type))) << type;
  for (const char* type : {"text/html", "application/json", ""}) {
    const Reply reply = answered(fetch, 200, type);
    ASSERT_TRUE(std::holds_alternative<Trouble>(reply)) << type;
    EXPECT_EQ(std::get<Trouble>(reply).kind, Trouble::Kind::kUnsafe) << type;
  }
  const Reply refused = answered(fetch, 401, "audio/mpeg", R"({"detail":"no key"})");
  EXPECT_EQ(std::get<Trouble>(refused).kind, Trouble::Kind::kUnauthorized);
}

TEST(Wire, TroubleOnTheWayIsTheReply) {
  const Trouble cut{Trouble::Kind::kCut, "gone"};
  for (const Kind kind : {Kind::kHealth, Kind::kQuery, Kind::kFetch})
    EXPECT_EQ(std::get<Trouble>(reply_of({.kind = kind}, cut)), cut);
}

TEST(Wire, AKeyThatIsRepeatedIsNotPassedOn) {
  const std::string key = "s3cret";
  Reply trouble = Trouble{Trouble::Kind::kBroken, "bad key s3cret, s3cret!"};
  hide(trouble, key);
  EXPECT_EQ(std::get<Trouble>(trouble).detail, "bad key ***, ***!");

  Reply models = Models{.current = "model of s3cret"};
  hide(models, key);
  EXPECT_EQ(std::get<Models>(models).current, "model of ***");

  Reply states = std::vector{TaskState{
      .stage = "s3cret", .error = "with s3cret", .songs = {{"/a?s3cret", "s3cret-turbo"}}}};
  hide(states, key);
  const TaskState& state = std::get<std::vector<TaskState>>(states).front();
  EXPECT_EQ(state.stage, "***");
  EXPECT_EQ(state.error, "with ***");
  EXPECT_EQ(state.songs.front().model, "***-turbo");
  EXPECT_EQ(state.songs.front().file, "/a?s3cret");  // where it lies must stay right

  Reply none = Trouble{Trouble::Kind::kBroken, "as it was"};
  hide(none, "");
  EXPECT_EQ(std::get<Trouble>(none).detail, "as it was");
}

}  // namespace
}  // namespace infinara::remote

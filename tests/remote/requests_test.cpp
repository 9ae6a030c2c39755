// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/requests.hpp"

#include <gtest/gtest.h>

namespace infinara::remote {
namespace {

using Kind = Request::Kind;

Response answered(const Request& ask, int status, std::string type, std::string body = "") {
  return response_of(ask, HttpAnswer{status, std::move(type), std::move(body)});
}

TEST(Requests, EachAskHasItsPlaceOnTheServer) {
  const struct {
    Request ask;
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
    Request ask = row.ask;
    ask.timeout = 7;
    const HttpRequest request = request_of(ask, "http://gpu:8001");
    EXPECT_EQ(request.url, row.url);
    EXPECT_EQ(request.body.has_value(), row.has_body) << row.url;
    EXPECT_EQ(request.timeout, 7) << row.url;
  }
}

TEST(Requests, OnlyAudioIsATrack) {
  const Request fetch{.kind = Kind::kFetch};
  for (const char* type :
       {"audio/mpeg", "audio/x-flac", "application/ogg", "application/octet-stream"})
    EXPECT_TRUE(std::holds_alternative<Fetched>(answered(fetch, 200, type))) << type;
  for (const char* type : {"text/html", "application/json", ""}) {
    const Response reply = answered(fetch, 200, type);
    ASSERT_TRUE(std::holds_alternative<Error>(reply)) << type;
    EXPECT_EQ(std::get<Error>(reply).kind, Error::Kind::kUnsafe) << type;
  }
  const Response refused = answered(fetch, 401, "audio/mpeg", R"({"detail":"no key"})");
  EXPECT_EQ(std::get<Error>(refused).kind, Error::Kind::kUnauthorized);
}

TEST(Requests, AFailedCallIsTheResponse) {
  const Error cut{Error::Kind::kCut, "gone"};
  for (const Kind kind : {Kind::kHealth, Kind::kQuery, Kind::kFetch})
    EXPECT_EQ(std::get<Error>(response_of({.kind = kind}, cut)), cut);
}

TEST(Requests, AKeyThatIsRepeatedIsNotPassedOn) {
  const std::string key = "s3cret";
  Response error = Error{Error::Kind::kBroken, "bad key s3cret, s3cret!"};
  hide(error, key);
  EXPECT_EQ(std::get<Error>(error).detail, "bad key ***, ***!");

  Response models = Models{.current = "model of s3cret"};
  hide(models, key);
  EXPECT_EQ(std::get<Models>(models).current, "model of ***");

  Response states = std::vector{TaskState{
      .stage = "s3cret", .error = "with s3cret", .songs = {{"/a?s3cret", "s3cret-turbo"}}}};
  hide(states, key);
  const TaskState& state = std::get<std::vector<TaskState>>(states).front();
  EXPECT_EQ(state.stage, "***");
  EXPECT_EQ(state.error, "with ***");
  EXPECT_EQ(state.songs.front().model, "***-turbo");
  EXPECT_EQ(state.songs.front().file, "/a?s3cret");  // where it lies must stay right

  Response none = Error{Error::Kind::kBroken, "as it was"};
  hide(none, "");
  EXPECT_EQ(std::get<Error>(none).detail, "as it was");
}

}  // namespace
}  // namespace infinara::remote

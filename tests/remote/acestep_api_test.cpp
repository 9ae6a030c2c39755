// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "remote/acestep/api.hpp"
#include "remote/answers.hpp"

using namespace infinara::remote;
using Kind = Error::Kind;
using Phase = TaskState::Phase;

namespace {

template <class T>
T good(Result<T> result) {
  if (result) return *std::move(result);
  ADD_FAILURE() << result.error().detail;
  return {};
}

template <class T>
Error bad(const Result<T>& result) {
  if (!result) return result.error();
  ADD_FAILURE() << "taken for a good answer";
  return {};
}

std::vector<TaskState> query(std::string_view body, std::vector<std::string> ids) {
  return good(parse_query(200, body, ids));
}

const std::string kRunningId = "eed9a4aa-04b8-496a-914e-7162da37135b";
const std::string kQueuedId = "e5a47c6c-84f5-4aca-bff4-89857a077010";

}  // namespace

TEST(AcestepApi, HealthIsReadyUnlessALaterServerSaysThatItHasNoModels) {
  EXPECT_EQ(good(parse_health(200, answers::kHealth)), (Health{true, std::nullopt}));
  EXPECT_EQ(good(parse_health(200, R"({"data":{"status":"ok","models_initialized":false,
      "llm_initialized":false},"code":200})")),
            (Health{false, false}));
  EXPECT_EQ(bad(parse_health(200, R"({"code":500,"error":"init failed","data":null})")),
            (Error{Kind::kBroken, "init failed"}));
}

TEST(AcestepApi, StatsCountWhatDoesNotLeak) {
  EXPECT_EQ(good(parse_stats(200, answers::kStatsFresh)), (Stats{0, 0, 0, 200, 0, 5.0}));
  EXPECT_EQ(good(parse_stats(200, answers::kStatsFull)), (Stats{4, 1, 2, 2, 0, 5.0}));
  const Stats drained = good(parse_stats(200, answers::kStatsDrained));
  EXPECT_EQ(drained.running + drained.waiting, 0);
  EXPECT_EQ(drained.ended, 3);
}

TEST(AcestepApi, ModelsAreReadInAllThreeShapes) {
  EXPECT_EQ(good(parse_models(200, answers::kModelsFeb08)).current, "acestep-v15-turbo");
  EXPECT_EQ(good(parse_models(200, answers::kModelsFeb04)).current, "acestep-v15-base");
  EXPECT_EQ(
      good(parse_models(200, R"({"data":{"models":[
      {"name":"acestep-v15-turbo","is_default":false,"is_loaded":false},
      {"name":"acestep-v15-sft","is_default":true,"is_loaded":true}]},"code":200})")),
      (Models{"acestep-v15-sft", {"acestep-v15-turbo", "acestep-v15-sft"}, {"acestep-v15-turbo"}}));
}

TEST(AcestepApi, AListWithoutModelsMeansThatNoneIsLoaded) {
  EXPECT_EQ(good(parse_models(200, R"({"data":{"models":[],"default_model":"a"},"code":200})")),
            (Models{"a", {}, {"a"}}));
  EXPECT_EQ(good(parse_models(200, R"({"data":{"models":[]},"code":200})")),
            (Models{"", {}, {""}}));
}

TEST(AcestepApi, AStatusAboutAKeyIsAMatterOfTheKey) {
  using Kind = Error::Kind;
  EXPECT_EQ(error_of(503, R"({"detail":"API key is not configured"})"),
            (Error{Kind::kUnauthorized, "HTTP 503 API key is not configured"}));
  EXPECT_EQ(error_of(403, R"({"detail":"Invalid API key"})").kind, Kind::kUnauthorized);
  EXPECT_EQ(error_of(503, R"({"detail":"loading"})").kind, Kind::kBroken);
  EXPECT_EQ(error_of(403, R"({"detail":"Access denied"})").kind, Kind::kRejected);
  EXPECT_EQ(error_of(500, "an API key").kind, Kind::kBroken);
}

TEST(AcestepApi, DcwIsSwitchedOffOnlyWhereItGarbles) {
  Task task;
  EXPECT_EQ(print_release(task).find("dcw"), std::string::npos);
  task.no_dcw = true;
  EXPECT_NE(print_release(task).find(R"("dcw_enabled":false)"), std::string::npos);
}

TEST(AcestepApi, AReleaseGivesAnIdOrAReason) {
  EXPECT_EQ(good(parse_release(200, answers::kReleased)), (Released{kRunningId}));
  EXPECT_EQ(bad(parse_release(429, answers::kBusy)),
            (Error{Kind::kBusy, "HTTP 429 Server busy: queue is full"}));
  EXPECT_EQ(bad(parse_release(401, answers::kNoKey)),
            (Error{Kind::kUnauthorized, "HTTP 401 Missing ai_token or Authorization header"}));
  EXPECT_EQ(bad(parse_release(401, answers::kBadKey)).detail, "HTTP 401 Invalid API key");
  EXPECT_EQ(bad(parse_release(500, "Internal Server Error")),
            (Error{Kind::kBroken, "HTTP 500 Internal Server Error"}));
  EXPECT_EQ(bad(parse_release(422, answers::kNoPath)),
            (Error{Kind::kRejected, "HTTP 422 field required"}));
  EXPECT_EQ(bad(parse_release(200, R"({"data":{"task_id":"../x"},"code":200})")).kind,
            Kind::kBroken);
}

TEST(AcestepApi, AnUnknownIdIsNotARunningOne) {
  const auto states =
      query(answers::kMixed, {kRunningId, kQueuedId, "no-such-task", "left-out-of-the-answer"});
  ASSERT_EQ(states.size(), 4u);
  EXPECT_EQ(states[0].phase, Phase::kRunning);
  EXPECT_NEAR(*states[0].progress, 0.5877, 1e-4);
  EXPECT_EQ(states[0].stage, "Generating music (batch size: 1)...");
  EXPECT_EQ(states[1].phase, Phase::kQueued);
  EXPECT_EQ(states[2].phase, Phase::kUnknown);
  EXPECT_EQ(states[3].phase, Phase::kUnknown);
  EXPECT_EQ(query(answers::kEmptyList, {"x"}).at(0).phase, Phase::kUnknown);
}

TEST(AcestepApi, ASuccessNamesItsSongs) {
  const auto one = query(answers::kSucceeded, {kRunningId}).at(0);
  EXPECT_EQ(one.phase, Phase::kSucceeded);
  ASSERT_EQ(one.songs.size(), 1u);
  EXPECT_EQ(one.songs[0], (Song{"/v1/audio?path=%2Fapp%2Foutputs%2Fapi_audio%2F"
                                "7218760b-4004-baa9-ad5f-d647423716ee.mp3",
                                "acestep-v15-turbo"}));
  EXPECT_EQ(query(answers::kTwoSongs, {kQueuedId}).at(0).songs.size(), 2u);
  const auto silent = query(answers::kSilent, {"69dd7bb8-b491-44e7-bf88-7ce5c048beff"}).at(0);
  EXPECT_EQ(silent.phase, Phase::kSucceeded);
  EXPECT_EQ(silent.songs.at(0).file, "");
}

TEST(AcestepApi, AFailureByTheClockIsNotYetAFailure) {
  EXPECT_EQ(query(answers::kFailed, {"3a6fc382-5fcb-47f8-a8ca-ea6fb0d379ef"}).at(0).phase,
            Phase::kFailed);
  EXPECT_EQ(query(answers::kOrphan, {"eeb5fb07-5666-4934-bd03-ecb0ec7888fd"}).at(0).phase,
            Phase::kOverdue);
  const auto later = query(
      R"({"data":[{"task_id":"t","status":2,"result":"[{\"file\":\"\",)"
      R"(\"status\":0,\"progress\":0.79,\"stage\":\"failed\",)"
      R"(\"error\":\"Traceback (most recent call last):\\n  File x\\nRuntimeError: CUDA out of memory\\n\"}]"}],)"
      R"("code":200})",
      {"t"});
  EXPECT_EQ(later.at(0).phase, Phase::kFailed);
  EXPECT_EQ(later.at(0).error, "RuntimeError: CUDA out of memory");
}

TEST(AcestepApi, TheDialectWithoutProgressIsUnderstood) {
  const auto states = query(
      answers::kFeb04Waiting,
      {"29149e32-c042-4d70-bfcf-3aacd54dd57b", "10b4d6a7-4c34-448f-a6ac-38a8798e1750", "nope"});
  EXPECT_EQ(states[0].phase, Phase::kRunning);
  EXPECT_FALSE(states[0].progress);
  EXPECT_EQ(states[2].phase, Phase::kUnknown);
  const auto done = query(answers::kFeb04Succeeded, {"29149e32-c042-4d70-bfcf-3aacd54dd57b"}).at(0);
  EXPECT_EQ(done.songs.at(0).model, "acestep-v15-base");
  EXPECT_EQ(query(answers::kFeb04Failed, {"764f34f5-dacd-449b-b690-8b216aec58b0"}).at(0).phase,
            Phase::kFailed);
}

TEST(AcestepApi, EveryFieldThatHurtsIsSaidInTheRightType) {
  const Task task{.prompt = "a \"warm\" trio\n",
                  .duration = 60,
                  .bpm = 96,
                  .key = "F major",
                  .steps = 50,
                  .guidance = 6,
                  .shift = 1,
                  .seed = 1'000'000'000,
                  .model = "acestep-v15-base"};
  EXPECT_EQ(print_release(task),
            R"({"audio_duration":60,"audio_format":"flac","batch_size":1,"bpm":96,)"
            R"("guidance_scale":6,"infer_method":"ode","inference_steps":50,)"
            R"("key_scale":"F major","lyrics":"[Instrumental]","model":"acestep-v15-base",)"
            R"("prompt":"a \"warm\" trio\u000a","sample_mode":false,"seed":1000000000,"shift":1,)"
            R"("task_type":"text2music","thinking":false,"time_signature":"4",)"
            R"("use_cot_caption":false,"use_cot_language":false,"use_format":false,)"
            R"("use_random_seed":false,"vocal_language":"unknown"})");
  const std::string free = print_release({.prompt = "x"});
  EXPECT_NE(free.find(R"("seed":-1,)"), std::string::npos);
  EXPECT_NE(free.find(R"("use_random_seed":true)"), std::string::npos);
  EXPECT_EQ(free.find("bpm"), std::string::npos);
  EXPECT_EQ(free.find("model"), std::string::npos);
  EXPECT_EQ(print_query(std::vector<std::string>{"a", "b"}), R"({"task_id_list":["a","b"]})");
}

TEST(AcestepApi, APlainOrderStillSaysHowItsModelIsRun) {
  const Task task{.prompt = "a warm trio",
                  .duration = 60,
                  .bpm = 96,
                  .key = "F major",
                  .steps = 50,
                  .guidance = 6,
                  .shift = 1,
                  .no_dcw = true,
                  .seed = 42,
                  .model = "acestep-v15-base"};
  EXPECT_EQ(print_release(task, true),
            R"({"audio_duration":60,"audio_format":"flac","batch_size":1,"dcw_enabled":false,)"
            R"("guidance_scale":6,"inference_steps":50,"lyrics":"[Instrumental]",)"
            R"("prompt":"a warm trio","shift":1,"thinking":false,"use_cot_caption":false,)"
            R"("use_cot_language":false})");
}

TEST(AcestepApi, NonsenseIsAnErrorNotACrash) {
  const std::vector<std::string> ids = {"x"};
  for (const std::string body :
       {"", " ", "null", "5", "\"x\"", "[]", "{}", "{\"data\":null}", "{\"data\":5}", "<html>",
        "{\"data\":{\"jobs\":[]}}", "{\"data\":[[[]]", "var x = {};", "{'data':[]}", "1e999"}) {
    EXPECT_FALSE(parse_health(200, body)) << body;
    EXPECT_FALSE(parse_stats(200, body)) << body;
    EXPECT_FALSE(parse_release(200, body)) << body;
    EXPECT_FALSE(parse_query(200, body, ids)) << body;
  }
  for (const std::string body :
       {R"({"data":[5,null,"x",{"task_id":7},{"task_id":"x","result":5,"status":"1"}]})",
        R"({"data":[{"task_id":"x","result":"{\"a\":1}","status":0}]})",
        R"({"data":[{"task_id":"x","result":"[5]","status":0}]})"})
    EXPECT_EQ(query(body, ids).at(0).phase, Phase::kUnknown) << body;
  // Ends without a word are ends.
  EXPECT_EQ(query(R"({"data":[{"task_id":"x","result":"[]","status":1}]})", ids).at(0).phase,
            Phase::kSucceeded);
}

TEST(AcestepApi, DamagedAnswersNeverCrash) {
  std::mt19937 random(7);
  for (const std::string body : {answers::kMixed, answers::kTwoSongs, answers::kModelsFeb08,
                                 answers::kStatsFull, answers::kNoPath}) {
    for (int i = 0; i < 400; ++i) {
      std::string torn = body.substr(0, 1 + random() % body.size());
      for (int n = random() % 4; n > 0; --n)
        torn[random() % torn.size()] = static_cast<char>(random() % 256);
      const std::vector<std::string> ids = {kRunningId, kQueuedId};
      static_cast<void>(parse_query(200, torn, ids));
      static_cast<void>(parse_stats(200, torn));
      static_cast<void>(parse_models(200, torn));
      EXPECT_LE(error_of(500, torn).detail.size(), 220u);
    }
  }
}

TEST(CleanLine, IsOnePrintableLine) {
  EXPECT_EQ(clean_line("a\r\nb\tc\x1b[31m"), "a  b c [31m");
  EXPECT_EQ(clean_line("x\xc2\x9by"), "x y");
  EXPECT_EQ(clean_line("Füße", 3), "Fü");
  EXPECT_LE(clean_line(std::string(1000, '\xff')).size(), 200u);
  EXPECT_EQ(clean_line({}), "");
}

TEST(AudioTarget, StaysOnTheServerThatWasAsked) {
  EXPECT_EQ(audio_target("/v1/audio?path=%2Fa%2Fb.mp3"), "/v1/audio?path=%2Fa%2Fb.mp3");
  EXPECT_EQ(audio_target("/v1/audio?path=/a b"), "/v1/audio?path=/a%20b");
  for (const char* file : {"", "/", "x.mp3", "//evil.example/x", "http://169.254.169.254/",
                           "file:///etc/passwd", "/\\evil.example", "/a\r\nHost: evil", "/a#b"})
    EXPECT_FALSE(audio_target(file)) << file;
}

TEST(VolumePaths, OnlyLeadDown) {
  using Paths = std::vector<std::string>;
  const auto at = [](std::string_view path) {
    return volume_paths("/v1/audio?path=" + std::string(path), "/app/outputs/");
  };
  EXPECT_EQ(at("%2Fapp%2Foutputs%2Fapi_audio%2Fx.flac"),
            (Paths{"api_audio/x.flac", "app/outputs/api_audio/x.flac", "outputs/api_audio/x.flac",
                   "x.flac"}));
  EXPECT_EQ(at("/app/outputs/x.flac&y=1"),
            (Paths{"x.flac", "app/outputs/x.flac", "outputs/x.flac"}));
  EXPECT_EQ(at("/srv/ace/tmp/api_audio/x"), (Paths{"srv/ace/tmp/api_audio/x", "ace/tmp/api_audio/x",
                                                   "tmp/api_audio/x", "api_audio/x", "x"}));
  EXPECT_EQ(at("/app/outputsX/y"), (Paths{"app/outputsX/y", "outputsX/y", "y"}));
  for (const char* path :
       {"/app/outputs/../../etc/passwd", "/app/outputs/%2e%2e/x", "/app/outputs/",
        "/app/outputs//x", "/app/outputs/./x", "/app/outputs/a%00b", "/app/outputs/a%",
        "/app/outputs/a%zz", "", "/", "x.flac", "../x"})
    EXPECT_TRUE(at(path).empty()) << path;
  EXPECT_TRUE(at("/" + std::string(100, 'a') + std::string(200, '/')).empty());
  EXPECT_TRUE(volume_paths("/app/outputs/x", "/app/outputs").empty());
  EXPECT_EQ(volume_paths("/v1/audio?path=/x/y", "/"), (Paths{"x/y", "y"}));
}

// SPDX-License-Identifier: Apache-2.0
// The double against recordings of the real server: the same request in the same state gets the
// same answer, letter by letter but for times, ids, random numbers and what the model made.
//
// Recorded and not played: /format_input and /v1/chat/completions, which a radio has no use for
// (the former stops the whole server while it works, the latter is one more stranger in the queue),
// and sample_mode with a language model, which makes up another song than the one that was ordered.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "recordings.hpp"

using namespace support;

TEST(AceStepDouble, AnswersAFreshServersQuestionsAsRecorded) {
  const AceStepDouble server(stuck());
  expect_as_recorded(server, "01-health-ready");
  expect_as_recorded(server, "02-stats-fresh");
  expect_as_recorded(server, "03-models");
}

TEST(AceStepDouble, QueuesRunsAndKnowsNoStrangersAsRecorded) {
  const AceStepDouble server(stuck());
  expect_as_recorded(server, "10-release-ok");
  ASSERT_TRUE(eventually([&] { return server.counts().running == 1; }));
  expect_as_recorded(server, "11-release-second-queued");
  expect_as_recorded(server, "04-stats-one-running-one-queued");
  expect_as_recorded(server, "g1-stats-hung");
}

TEST(AceStepDouble, TellsOfRunningAndQueuedJobsAsRecorded) {
  const AceStepDouble server(stuck());
  const std::string running = submit(server, order());
  const std::string queued = submit(server, order());
  ASSERT_NE(until(server, running, kGenerating), "");
  expect_as_recorded(server, "20-query-running", {running});
  expect_as_recorded(server, "21-query-queued", {queued});
  expect_as_recorded(server, "22-query-mixed-with-unknown", {running, queued});
  expect_as_recorded(server, "g0-query-hung", {running, queued});
}

TEST(AceStepDouble, TellsOfFinishedJobsAsRecorded) {
  const AceStepDouble server(quick());
  const std::string one = submit(server, order("", kLofi, "12"));
  const std::string two = submit(server, order("\"batch_size\": null", kLofi, "12"));
  const std::string plain = submit(server, order("", "lofi hip hop beat"));
  ASSERT_NE(until(server, plain, kDone), "");
  expect_as_recorded(server, "23-query-succeeded", {one});
  expect_as_recorded(server, "24-query-succeeded-batch-default-2", {two});
  expect_as_recorded(server, "e0-query-late-success", {plain});
}

TEST(AceStepDouble, ServesAudioAsRecorded) {
  const AceStepDouble server(quick());
  const std::string id = submit(server, order());
  const std::string file = match(until(server, id, kDone), "api_audio%2F([0-9a-f-]{36})");
  ASSERT_NE(file, "");
  for (const char* name :
       {"40-audio-mp3-get", "41-audio-head", "42-audio-range", "43-audio-unencoded-path",
        "44-audio-double-encoded", "49b-audio-basename-only"})
    expect_as_recorded(server, name, {file});
  for (const char* name : {"45-audio-404", "46-audio-403", "47-audio-403-relative",
                           "48-audio-422-no-path", "49-audio-directory"})
    expect_as_recorded(server, name);
  std::filesystem::remove(server.folder() / "api_audio" / (file + ".mp3"));
  expect_as_recorded(server, "50-audio-404-after-delete", {file});
}

TEST(AceStepDouble, RefusesMalformedRequestsAsRecorded) {
  const AceStepDouble server(stuck());
  for (const char* name :
       {"60-release-bad-json", "61-release-json-array", "62-release-empty-body-json",
        "64-release-text-plain", "65-release-urlencoded", "66-release-urlencoded-no-type",
        "67-release-multipart-upload", "68-release-bad-lm-backend", "69-release-GET-405",
        "70-unknown-route-404", "71-query-empty-list", "72-query-wrong-field",
        "74-query-urlencoded", "75-query-bad-json", "76-query-bare-id-string", "77-query-null",
        "78-query-number-in-list", "79-query-json-array-body", "63-release-no-content-type"})
    expect_as_recorded(server, name);
}

TEST(AceStepDouble, AsksForItsKeyAsRecorded) {
  DoubleSettings settings = quick();
  settings.key = "secret";
  const AceStepDouble server(settings);
  for (const char* name :
       {"a0-health-no-key", "a1-models-no-key", "a2-stats-no-key-401", "a3-stats-bad-key-401",
        "a4-stats-good", "a5-release-no-key-401", "a6-release-bad-key-401",
        "a7-release-bad-ai-token-401", "a9-query-no-key-401", "a10-audio-no-key-401",
        "a11-audio-bad-key-401", "a8-release-good"})
    expect_as_recorded(server, name);
  const std::string key = "Authorization: Bearer secret\r\n";
  const std::string id = submit(server, order(), key);
  const std::string file = match(until(server, id, kDone, key), "api_audio%2F([0-9a-f-]{36})");
  expect_as_recorded(server, "a12-audio-good", {file});
}

TEST(AceStepDouble, WithAnEmptyKeyLetsNobodyIn) {
  DoubleSettings settings = quick();
  settings.key = "";
  const AceStepDouble server(settings);
  expect_as_recorded(server, "a13-empty-key-env-401");
  EXPECT_NE(post(server, "/release_task", order(), "Authorization: Bearer \r\n").find(" 401 "),
            std::string::npos);
}

TEST(AceStepDouble, CountsARefusedOrderForEverAsRecorded) {
  DoubleSettings settings = stuck();
  settings.queue_most = 2;
  AceStepDouble server(settings);
  server.set_plan(in_turn({Fault::kHang, Fault::kNone, Fault::kNone, Fault::kNone}));
  submit(server, order("", "lofi hip hop beat"));
  ASSERT_TRUE(eventually([&] { return server.counts().running == 1; }));
  expect_as_recorded(server, "b0-release-queue-position");
  expect_as_recorded(server, "b1-release-queue-position");
  expect_as_recorded(server, "b9-release-429");
  expect_as_recorded(server, "b10-stats-full-and-leak");
  server.unblock();
  ASSERT_TRUE(eventually([&] { return server.counts().succeeded == 2; }));
  EXPECT_EQ(server.counts().queued, 1);
  EXPECT_EQ(server.counts().queue_size, 0);
}

class Restart : public testing::TestWithParam<bool> {};

TEST_P(Restart, ForgetsQueuedJobsAndFreezesRunningOnesAsRecorded) {
  const bool gently = GetParam();
  DoubleSettings settings = quick();
  settings.plan = in_turn({Fault::kNone, Fault::kHang, Fault::kNone});
  settings.task_timeout = 3600;
  AceStepDouble server(settings);
  const std::string prompt = "lofi hip hop beat";
  const std::string done = submit(server, order("", prompt));
  ASSERT_NE(until(server, done, kDone), "");
  const std::string running = submit(server, order("", prompt));
  const std::string queued = submit(server, order("", prompt));
  ASSERT_NE(until(server, running, kGenerating), "");
  expect_as_recorded(server, "d0-query-before-restart", {done, running, queued});
  server.die(gently);
  EXPECT_EQ(Client(server.port()).fd(), -1) << "refused, as while it loads";
  server.come_back();
  expect_as_recorded(server,
                     gently ? "d1-query-after-sigterm-restart" : "d3-query-after-kill-restart",
                     {done, running, queued});
  expect_as_recorded(server, "d2-stats-after-restart");
}

INSTANTIATE_TEST_SUITE_P(AceStepDouble, Restart, testing::Bool(),
                         [](const auto& of) { return of.param ? "Gently" : "ByKill"; });

TEST(AceStepDouble, TellsAnOrphanAsFailedAfterTheTimeoutAsRecorded) {
  DoubleSettings settings = stuck();
  settings.speed = 10;
  settings.task_timeout = 5;
  AceStepDouble server(settings);
  const std::string running = submit(server, order());
  const std::string queued = submit(server, order());
  ASSERT_NE(until(server, running, kGenerating), "");
  server.die();
  server.come_back();
  ASSERT_NE(until(server, running, R"("status":2)"), "");
  expect_as_recorded(server, "d4-query-orphan-after-task-timeout", {running, queued});
}

TEST(AceStepDouble, WithoutALanguageModelPlansNothingAsRecorded) {
  DoubleSettings settings = quick();
  settings.lm = Lm::kAbsent;
  const AceStepDouble server(settings);
  const std::string plain = submit(
      server, R"({"caption": "lofi hip hop beat", "lyrics": "[Instrumental]", "batch_size": 1})");
  const std::string thinking = submit(server, order("\"thinking\": true"));
  ASSERT_NE(until(server, thinking, kDone), "");
  expect_as_recorded(server, "h-nolm-plain", {plain});
  expect_as_recorded(server, "h-nolm-thinking", {thinking});
}

TEST(AceStepDouble, WithALanguageModelThatDidNotLoadFailsWhatNeedsItAsRecorded) {
  DoubleSettings settings = quick();
  settings.lm = Lm::kAbsent;
  const AceStepDouble server(settings);
  const char* const kWords = "lofi hip hop beat";
  const std::string plain = submit(server, order("", kWords));
  std::map<std::string, std::string> ids;
  for (const char* field : {"thinking", "use_format", "sample_mode"})
    ids[field] = submit(server, order("\"" + std::string(field) + "\": true", kWords));
  for (const auto& [field, id] : ids) ASSERT_NE(until(server, id, kDone), "") << field;
  expect_as_recorded(server, "h-lmfail-plain", {plain});
  for (const auto& [field, id] : ids) expect_as_recorded(server, "h-lmfail-" + field, {id});
}

TEST(AceStepDouble, WithTwoWorkersCallsTwoJobsRunningAsRecorded) {
  DoubleSettings settings = quick();
  settings.workers = 2;
  settings.plan = in_turn({Fault::kHang});
  const AceStepDouble hung(settings);
  const std::string running = submit(hung, order());
  const std::string held = submit(hung, order());
  const std::string queued = submit(hung, order());
  ASSERT_NE(until(hung, running, kGenerating), "");
  ASSERT_NE(until(hung, held, R"("running)"), "");
  expect_as_recorded(hung, "c0-stats-two-workers");
  expect_as_recorded(hung, "c1-query-two-workers", {running, held, queued});

  settings.plan = nullptr;
  const AceStepDouble server(settings);
  for (int i = 0; i < 3; ++i) submit(server, order());
  ASSERT_TRUE(eventually([&] { return server.counts().succeeded == 3; }));
  expect_as_recorded(server, "c2-stats-two-workers-after");
}

TEST(AceStepDouble, WithoutItsCacheTellsLessAndForgetsAllAsRecorded) {
  DoubleSettings settings = quick();
  settings.keeps = false;
  settings.plan = in_turn({Fault::kNone, Fault::kHang});
  AceStepDouble server(settings);
  const std::string done = submit(server, order("", "lofi hip hop beat"));
  ASSERT_NE(until(server, done, kDone), "");
  expect_as_recorded(server, "f1-nocache-succeeded", {done});
  const std::string running = submit(server, order());
  const std::string queued = submit(server, order());
  ASSERT_NE(until(server, running, kGenerating), "");
  expect_as_recorded(server, "f0-nocache-running-queued", {running, queued});
  server.die();
  server.come_back();
  for (const std::string& id : {done, running, queued})
    EXPECT_NE(post(server, "/query_result", query_body({id})).find(R"("result":"[]","status":0)"),
              std::string::npos);
}

TEST(AceStepDouble, TakesAnUploadInTheDialectOfFebruaryFourthAsRecorded) {
  const AceStepDouble server(quick(Dialect::kFeb04));
  std::string body;
  for (const auto& [name, value] : {std::pair{"caption", "x"},
                                    {"task_type", "repaint"},
                                    {"batch_size", "1"},
                                    {"src_audio\"; filename=\"a.wav", "RIFF"}})
    body += std::string("--XX\r\nContent-Disposition: form-data; name=\"") + name + "\"\r\n\r\n" +
            value + "\r\n";
  body += "--XX--\r\n";
  const std::string request =
      "POST /release_task HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: "
      "multipart/form-data; boundary=XX\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  expect_answer_as_recorded(server, "i8-feb04-release-multipart-upload", request);
  const std::string id = match(call(server, request), R"re("task_id":"([^"]+)")re");
  ASSERT_NE(until(server, id, kDone), "");
  expect_as_recorded(server, "i9-feb04-query-repaint", {id});
}

TEST(AceStepDouble, SpeaksTheDialectOfFebruaryFourthAsRecorded) {
  const AceStepDouble server(stuck(Dialect::kFeb04));
  for (const char* name :
       {"i0-feb04-health", "i1-feb04-models", "i2-feb04-stats", "i6-feb04-audio-outside-dir-200",
        "i7-feb04-audio-404", "i3-feb04-release"})
    expect_as_recorded(server, name);
  const std::string multipart =
      match(call(server, capture("67-release-multipart-upload").request), "HTTP/1.1 ([0-9]+)");
  EXPECT_EQ(multipart, "200");
}

TEST(AceStepDouble, TellsOfJobsInThatDialectAsRecorded) {
  DoubleSettings settings = quick(Dialect::kFeb04);
  settings.plan = in_turn({Fault::kNone, Fault::kOutOfMemory, Fault::kHang});
  const AceStepDouble server(settings);
  const std::string done = submit(server, order("", "lofi hip hop beat"));
  const std::string failed = submit(server, order("", "lofi hip hop beat"));
  ASSERT_NE(until(server, failed, kDone), "");
  const std::string running = submit(server, order());
  ASSERT_TRUE(eventually([&] { return server.counts().running == 1; }));
  const std::string queued = submit(server, order());
  expect_as_recorded(server, "i5-feb04-query-succeeded", {done});
  expect_as_recorded(server, "i10-feb04-query-failed", {failed});
  expect_as_recorded(server, "i4-feb04-query-running-queued-unknown", {running, queued});
}

TEST(AceStepDouble, ReadsEachFieldAsRecorded) {
  const AceStepDouble server(quick());
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CAPTURES)) {
    const std::string name = entry.path().stem();
    const std::string note = capture(name).note;
    if (name.rfind("v-", 0) != 0 || note.rfind('{', 0) != 0) continue;
    std::string changes = note.substr(1, note.size() - 2);
    const bool is_bare = name == "v-empty-body-json-object";
    const std::string id = submit(server, is_bare ? note : order(changes));
    ASSERT_NE(until(server, id, kDone), "") << name;
    expect_as_recorded(server, name, {id});
    ++compared;
  }
  EXPECT_GE(compared, 30);
}

TEST(AceStepDouble, FailsAsRecorded) {
  const std::pair<const char*, Fault> rows[] = {
      {"v-fail-oom", Fault::kOutOfMemory},       {"v-fail-nan", Fault::kNanInModel},
      {"v-fail-silent", Fault::kSilent},         {"v-fail-quiet", Fault::kSilent},
      {"v-fail-halfsilent", Fault::kHalfSilent}, {"v-fail-short", Fault::kShort},
      {"v-fail-save", Fault::kWrongExtension},
  };
  for (const auto& [name, fault] : rows) {
    DoubleSettings settings = quick();
    settings.plan = in_turn({fault});
    const AceStepDouble server(settings);
    const std::string id = submit(server, order());
    ASSERT_NE(until(server, id, kDone), "") << name;
    expect_as_recorded(server, name, {id});
  }
}

// SPDX-License-Identifier: Apache-2.0
// The double against recordings of the real server: the same request in the same state gets the
// same answer, letter by letter but for times, ids, dice and what the model made.
//
// Recorded and not played: /format_input and /v1/chat/completions, which a radio has no use for
// (the former stops the whole server while it works, the latter is one more stranger in the queue),
// and sample_mode with a language model, which makes up another song than the one that was ordered.
#include "support/acestep_double.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "music/caption.hpp"
#include "music/genre.hpp"
#include "support/band_musician.hpp"
#include "support/sockets.hpp"

namespace {

using support::AceStepDouble;
using support::Dialect;
using support::DoubleSettings;
using support::Fault;

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Capture {
  std::string note;      // its first comment
  std::string request;   // as sent
  std::string response;  // as received
};

std::string with_crlf(const std::string& head) {
  return std::regex_replace(head, std::regex("\n"), "\r\n");
}

Capture capture(const std::string& name) {
  const std::string all = text_of(std::string(CAPTURES) + "/" + name + ".http");
  EXPECT_FALSE(all.empty()) << name;
  Capture out;
  if (all.rfind("# ", 0) == 0) out.note = all.substr(2, all.find('\n') - 2);
  const std::size_t asked = all.find("### REQUEST\n") + 12;
  const std::size_t said = all.find("\n\n### RESPONSE\n", asked);
  std::string request = all.substr(asked, said - asked);
  const std::size_t head = request.find("\n\n");
  // The recorder wrote line ends as they are read; a body begins after the first empty line.
  const std::string body = head == request.npos ? "" : request.substr(head + 2);
  const bool is_multipart = request.find("multipart/") != request.npos;
  out.request = with_crlf(request.substr(0, head)) + "\r\n\r\n" +
                (is_multipart ? with_crlf(body) + "\r\n" : body);
  out.response = all.substr(said + 15);
  return out;
}

std::string call(const AceStepDouble& server, const std::string& request) {
  support::Client client(server.port());
  EXPECT_TRUE(client.send(request));
  return client.read_all();
}

std::string post(const AceStepDouble& server, const std::string& path, const std::string& body,
                 const std::string& headers = "") {
  return call(
      server,
      "POST " + path +
          " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
          headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::string get(const AceStepDouble& server, const std::string& target,
                const std::string& headers = "") {
  return call(server,
              "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
}

std::string match(const std::string& text, const std::string& pattern) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
}

std::string submit(const AceStepDouble& server, const std::string& body,
                   const std::string& headers = "") {
  return match(post(server, "/release_task", body, headers), R"re("task_id":"([^"]+)")re");
}

std::string query_body(const std::vector<std::string>& ids) {
  std::string list;
  for (const std::string& id : ids) list += (list.empty() ? "\"" : ", \"") + id + "\"";
  return "{\"task_id_list\": [" + list + "]}";
}

/// Polls until the answer about `id` has `pattern` in it; "" if it never has.
std::string until(const AceStepDouble& server, const std::string& id, const std::string& pattern,
                  const std::string& headers = "") {
  std::string answer;
  const std::regex wanted(pattern);
  const bool seen = support::eventually([&] {
    answer = post(server, "/query_result", query_body({id}), headers);
    return std::regex_search(answer, wanted);
  });
  return seen ? answer : "";
}

constexpr const char* kDone = R"("status":[12])";

/// What may differ from one day to the next is made equal.
std::string normalised(std::string response) {
  const std::size_t end = response.find("\r\n\r\n");
  std::string head = response.substr(0, end);
  std::string body = end == response.npos ? "" : response.substr(end + 4);
  static const std::pair<std::regex, const char*> kHead[] = {
      {std::regex("\ndate: [^\r\n]*"), "\ndate: D"},
      {std::regex("\nlast-modified: [^\r\n]*"), "\nlast-modified: D"},
      {std::regex("\netag: [0-9a-f]+"), "\netag: E"},
      {std::regex("\netag: \"[0-9a-f]+\""), "\netag: \"E\""},
      {std::regex("\ncontent-length: [0-9]+"), "\ncontent-length: N"},
  };
  for (const auto& [pattern, text] : kHead) head = std::regex_replace(head, pattern, text);
  if (head.find("content-type: audio/") != head.npos) return head;
  static const std::pair<std::regex, const char*> kBody[] = {
      {std::regex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"},
      {std::regex(R"re(("timestamp":|"created":|create_time\\": )[0-9]+)re"), "$1T"},
      {std::regex(R"re((progress\\": )0\.[56][0-9]+)re"), "$010.5"},
      {std::regex("[0-9]+\\.[0-9][0-9]s"), "S"},
      {std::regex(R"re((seed_value\\": \\"|Seeds:\*\* )[0-9,]+)re"), "$1X"},
      {std::regex(R"re(("avg_job_seconds":)[0-9]+\.[0-9]{3,})re"), "$1A"},
      {std::regex(R"re("progress_text":"(INFO: |[0-9:]+ \| (INFO|DEBUG|WARNING)).*?"(?=[,}]))re"),
       "\"progress_text\":\"$1\""},
      {std::regex(R"re("progress_text":"[0-9:]+ )re"), "\"progress_text\":\"H "},
      {std::regex("\\| (INFO|DEBUG)\""), "| LINE\""},  // which line was last is a matter of luck
  };
  for (const auto& [pattern, text] : kBody) body = std::regex_replace(body, pattern, text);
  return head + "\n\n" + body;
}

/// The answer to this request, in place of the recorded one, is the recorded one.
void expect_answer_as_recorded(const AceStepDouble& server, const std::string& name,
                               const std::string& request) {
  const Capture recorded = capture(name);
  const std::string answer = call(server, request);
  const std::size_t end = answer.find("\r\n\r\n");
  ASSERT_NE(end, answer.npos) << name;
  const std::string length = match(answer.substr(0, end), "content-length: ([0-9]+)");
  if (request.rfind("HEAD", 0) != 0) {
    EXPECT_EQ(length, std::to_string(answer.size() - end - 4)) << name;
  }

  const std::size_t split = recorded.response.find("\n\n");
  std::string body = recorded.response.substr(split + 2);
  while (!body.empty() && body.back() == '\n') body.pop_back();
  const std::string expected = with_crlf(recorded.response.substr(0, split)) + "\r\n\r\n" + body;
  const std::string ours = normalised(answer);
  const std::string theirs = normalised(expected);
  const auto apart =
      std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end()).first - ours.begin();
  const auto context = static_cast<std::size_t>(std::max<std::ptrdiff_t>(apart - 40, 0));
  EXPECT_TRUE(ours == theirs) << name << ": ours has …" << ours.substr(context, 120)
                              << "…\nrecorded was …" << theirs.substr(context, 120) << "…";
}

/// Sends the request of a recording, with our own ids in place of the recorded ones, in order.
void expect_as_recorded(const AceStepDouble& server, const std::string& name,
                        const std::vector<std::string>& ids = {}) {
  const Capture recorded = capture(name);
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  std::string request;
  std::size_t n = 0;
  std::sregex_iterator it(recorded.request.begin(), recorded.request.end(), uuid);
  std::size_t from = 0;
  for (; it != std::sregex_iterator() && n < ids.size(); ++it, ++n) {
    const auto at = static_cast<std::size_t>(it->position());
    request += recorded.request.substr(from, at - from) + ids[n];
    from = at + static_cast<std::size_t>(it->length());
  }
  request += recorded.request.substr(from);
  EXPECT_EQ(n, ids.size()) << name;
  expect_answer_as_recorded(server, name, request);
}

support::Pcm a_blip(const support::Tune&) {
  support::Tune tune;
  tune.seconds = 0.2;
  return support::make_music(tune);
}

DoubleSettings quick(Dialect dialect = Dialect::kFeb08) {
  DoubleSettings settings;
  settings.dialect = dialect;
  settings.delay = 0.01;
  settings.musician = a_blip;
  return settings;
}

/// The first order hangs in the midst of its work, for as long as one looks at it.
DoubleSettings stuck(Dialect dialect = Dialect::kFeb08) {
  DoubleSettings settings = quick(dialect);
  settings.plan = support::in_turn({Fault::kHang});
  return settings;
}

constexpr const char* kLofi = "lofi hip hop beat, vinyl crackle, mellow piano";

std::string order(const std::string& changes = "", const std::string& prompt = kLofi,
                  const std::string& duration = "10") {
  std::string body = "{\"caption\": \"" + prompt + "\", \"lyrics\": \"[Instrumental]\"";
  if (changes.find("audio_duration") == changes.npos) body += ", \"audio_duration\": " + duration;
  if (changes.find("batch_size") == changes.npos) body += ", \"batch_size\": 1";
  return body + (changes.empty() ? "" : ", " + changes) + "}";
}

constexpr const char* kGenerating = "Generating music";

}  // namespace

TEST(AceStepDouble, AnswersAFreshServersQuestionsAsRecorded) {
  const AceStepDouble server(stuck());
  expect_as_recorded(server, "01-health-ready");
  expect_as_recorded(server, "02-stats-fresh");
  expect_as_recorded(server, "03-models");
}

TEST(AceStepDouble, QueuesRunsAndKnowsNoStrangersAsRecorded) {
  const AceStepDouble server(stuck());
  expect_as_recorded(server, "10-release-ok");
  ASSERT_TRUE(support::eventually([&] { return server.counts().running == 1; }));
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
  server.set_plan(support::in_turn({Fault::kHang, Fault::kNone, Fault::kNone, Fault::kNone}));
  submit(server, order("", "lofi hip hop beat"));
  ASSERT_TRUE(support::eventually([&] { return server.counts().running == 1; }));
  expect_as_recorded(server, "b0-release-queue-position");
  expect_as_recorded(server, "b1-release-queue-position");
  expect_as_recorded(server, "b9-release-429");
  expect_as_recorded(server, "b10-stats-full-and-leak");
  server.unblock();
  ASSERT_TRUE(support::eventually([&] { return server.counts().succeeded == 2; }));
  EXPECT_EQ(server.counts().queued, 1);
  EXPECT_EQ(server.counts().queue_size, 0);
}

class Restart : public testing::TestWithParam<bool> {};

TEST_P(Restart, ForgetsQueuedJobsAndFreezesRunningOnesAsRecorded) {
  const bool gently = GetParam();
  DoubleSettings settings = quick();
  settings.plan = support::in_turn({Fault::kNone, Fault::kHang, Fault::kNone});
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
  EXPECT_EQ(support::Client(server.port()).fd(), -1) << "refused, as while it loads";
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

TEST(AceStepDouble, TurnsATwoIntoAOneWhenItIsLate) {
  DoubleSettings settings = quick();
  settings.delay = 0.2;
  settings.plan = support::in_turn({Fault::kLate});
  const AceStepDouble server(settings);
  const std::string id = submit(server, order());
  EXPECT_NE(until(server, id, R"re(\\"status\\": 0.*"status":2)re"), "");
  EXPECT_NE(until(server, id, R"re(\\"status\\": 1.*"status":1)re"), "");
}

TEST(AceStepDouble, WithoutALanguageModelPlansNothingAsRecorded) {
  DoubleSettings settings = quick();
  settings.lm = support::Lm::kAbsent;
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
  settings.lm = support::Lm::kAbsent;
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
  settings.plan = support::in_turn({Fault::kHang});
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
  ASSERT_TRUE(support::eventually([&] { return server.counts().succeeded == 3; }));
  expect_as_recorded(server, "c2-stats-two-workers-after");
}

TEST(AceStepDouble, WithoutItsCacheTellsLessAndForgetsAllAsRecorded) {
  DoubleSettings settings = quick();
  settings.keeps = false;
  settings.plan = support::in_turn({Fault::kNone, Fault::kHang});
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
  settings.plan = support::in_turn({Fault::kNone, Fault::kOutOfMemory, Fault::kHang});
  const AceStepDouble server(settings);
  const std::string done = submit(server, order("", "lofi hip hop beat"));
  const std::string failed = submit(server, order("", "lofi hip hop beat"));
  ASSERT_NE(until(server, failed, kDone), "");
  const std::string running = submit(server, order());
  ASSERT_TRUE(support::eventually([&] { return server.counts().running == 1; }));
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
    settings.plan = support::in_turn({fault});
    const AceStepDouble server(settings);
    const std::string id = submit(server, order());
    ASSERT_NE(until(server, id, kDone), "") << name;
    expect_as_recorded(server, name, {id});
  }
}

TEST(AceStepDouble, HonoursRangesAsACurrentServerDoes) {
  DoubleSettings settings = quick();
  settings.honours_range = true;
  const AceStepDouble server(settings);
  const std::string id = submit(server, order());
  const std::string url = "/v1/audio?path=" + match(until(server, id, kDone), "path=([^\\\\]+)");
  const std::string whole = get(server, url);
  const std::string part = get(server, url, "Range: bytes=0-99\r\n");
  EXPECT_NE(part.find("HTTP/1.1 206 Partial Content\r\n"), part.npos);
  EXPECT_NE(part.find("content-range: bytes 0-99/"), part.npos);
  EXPECT_EQ(part.substr(part.find("\r\n\r\n")), whole.substr(whole.find("\r\n\r\n"), 104));
  EXPECT_NE(get(server, url, "Range: bytes=99999999-\r\n").find("HTTP/1.1 416 "),
            std::string::npos);
}

TEST(AceStepDouble, RefusesConnectionsWhileItLoads) {
  DoubleSettings settings = quick();
  settings.loading = 1;
  settings.speed = 10;
  const AceStepDouble server(settings);
  EXPECT_EQ(support::Client(server.port()).fd(), -1);
  EXPECT_TRUE(support::eventually([&] { return support::Client(server.port()).fd() >= 0; }));
}

TEST(AceStepDouble, LaterMayAnswerWhileItLoads) {
  DoubleSettings settings = quick(Dialect::kLater);
  settings.loads_behind_open_door = true;
  settings.loading = 1000;
  const AceStepDouble server(settings);
  EXPECT_NE(get(server, "/health").find("\"models_initialized\":false"), std::string::npos);
  submit(server, order());
  EXPECT_EQ(server.counts().running, 0);
}

TEST(AceStepDouble, MakesRealAudioOfEachFormatAndLength) {
  DoubleSettings settings;
  settings.delay = 0.01;
  const AceStepDouble server(settings);
  for (const std::string format : {"mp3", "flac", "wav"}) {
    const std::string id = submit(server, order("\"audio_format\": \"" + format + "\""));
    const std::string url = "/v1/audio?path=" + match(until(server, id, kDone), "path=([^\\\\]+)");
    const std::string answer = get(server, url);
    const std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
    if (format == "mp3") {
      EXPECT_NEAR(static_cast<double>(body.size()), 160000, 4000);
    } else if (format == "flac") {
      EXPECT_EQ(body.substr(0, 4), "fLaC");
    } else {
      EXPECT_EQ(body.size(), 44 + 10 * 48000 * 4U);
    }
  }
}

TEST(AceStepDouble, LaterSaysWhyAJobFailedAndWhatIsLoaded) {
  DoubleSettings settings = quick(Dialect::kLater);
  settings.plan = support::in_turn({Fault::kOutOfMemory});
  const AceStepDouble server(settings);
  const std::string health = get(server, "/health");
  for (const char* words : {R"("models_initialized":true)", R"("llm_initialized":true)",
                            R"("loaded_model":"acestep-v15-turbo")", R"("status":"ok")"})
    EXPECT_NE(health.find(words), health.npos) << words;
  EXPECT_NE(get(server, "/v1/models").find(R"("supported_task_types":["text2music")"),
            std::string::npos);
  const std::string id = submit(server, order());
  const std::string failed = until(server, id, kDone);
  EXPECT_NE(failed.find(R"(\"error\": \"Traceback (most recent call last):)"), failed.npos)
      << failed;
  EXPECT_NE(post(server, "/release_task", order(R"("src_audio_path": "/app/outputs/a.wav")"))
                .find("HTTP/1.1 400 "),
            std::string::npos);
}

TEST(AceStepDouble, ADeckOfFaultsIsDealtWhole) {
  std::vector<Fault> rows;
  for (const support::FaultRow& row : support::faults()) rows.push_back(row.fault);
  const auto plan = support::shuffled(rows, 5);
  for (std::size_t deal = 0; deal < 3; ++deal) {
    std::set<Fault> met;
    for (std::size_t i = 0; i < rows.size(); ++i) met.insert(plan(deal * rows.size() + i));
    EXPECT_EQ(met.size(), rows.size());
  }
}

TEST(AceStepDouble, TheHouseBandPlaysTheGenreThatTheWordsSpeakOf) {
  for (const auto& genre : infinara::music::kGenres)
    for (const std::string_view caption : infinara::music::captions_of(genre))
      EXPECT_EQ(support::genre_of(caption).name, genre.name) << caption;
  EXPECT_EQ(support::genre_of("warm jazz trio, brushed drums").name, "jazz");
  EXPECT_EQ(support::genre_of("Fast DRUM and BASS").name, "drum and bass");

  support::Tune tune;
  tune.seconds = 4;
  tune.prompt = "warm jazz trio, brushed drums";
  const support::Pcm jazz = support::house_band(tune);
  EXPECT_DOUBLE_EQ(jazz.seconds(), 4);
  EXPECT_GT(*std::ranges::max_element(jazz.samples), 0.1F);
  tune.prompt = "rock";
  EXPECT_NE(support::house_band(tune).samples, jazz.samples);
}

TEST(AceStepDouble, ShowsEachFaultAndSurvivesIt) {
  // Whatever the fault, the double must answer /health after it and end at once; what else it shows
  // is a client's business.
  for (const support::FaultRow& row : support::faults()) {
    DoubleSettings settings = quick();
    settings.speed = 20;
    settings.delay = 0.2;
    settings.plan = support::in_turn({row.fault});
    const AceStepDouble server(settings);
    {
      support::Client client(server.port());
      const std::string body = order();
      client.send(
          "POST /release_task HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
      if (row.fault != Fault::kSubmitHang && row.fault != Fault::kSubmitCut) {
        EXPECT_NE(client.read_some().find("HTTP/1.1 "), std::string::npos) << row.name;
      }
    }
    EXPECT_TRUE(support::eventually([&] {
      support::Client client(server.port());
      return client.fd() >= 0 && client.send("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n") &&
             client.read_all().find("\"ok\"") != std::string::npos;
    })) << row.name;
  }
}

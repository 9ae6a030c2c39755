// SPDX-License-Identifier: Apache-2.0
// Answers of an ACE-Step server. The first byte chooses the question, the second the HTTP status.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "remote/acestep/api.hpp"
#include "text/ascii.hpp"
#include "text/utf8.hpp"

namespace {

using namespace infinara::remote;
using infinara::fuzz::require;

void check_line(std::string_view line, std::size_t most, const char* property) {
  require(line.size() <= most, property);
  while (!line.empty()) {
    const std::size_t length = infinara::text::utf8_length(line);
    require(length > 0 && !infinara::text::is_control(line[0]), property);
    line.remove_prefix(length);
  }
}

void check(const Error& error) {
  check_line(error.detail, 320, "a error's detail is one bounded line");
}
void check(const Health&) {}
void check(const Stats& stats) {
  for (const auto count : {stats.total, stats.running, stats.waiting, stats.room})
    require(count >= 0 && count <= 1'000'000, "a count is bounded");
  require(stats.mean_job_seconds >= 0 && stats.mean_job_seconds <= 3600, "a mean is bounded");
}
void check(const Models& models) {
  require(models.names.size() <= 32, "the list of models is bounded");
  for (const auto& name : models.names) check_line(name, 80, "a model's name is one bounded line");
  check_line(models.current, 80, "the model's name is one bounded line");
}
void check(const Released& released) {
  require(!released.task_id.empty() && released.task_id.size() <= 128, "a task id is bounded");
  require(std::ranges::all_of(
              released.task_id,
              [](char c) { return infinara::text::is_alnum(c) || c == '-' || c == '_'; }),
          "a task id is letters, digits, - and _");
}
void check(const std::vector<TaskState>& states) {
  require(states.size() == 2 && states[0].task_id == "a-1" && states[1].task_id == "b_2",
          "there is one state for each task, in order");
  for (const TaskState& state : states) {
    require(!state.progress || (*state.progress >= 0 && *state.progress <= 1),
            "progress is 0 to 1");
    check_line(state.stage, 80, "a stage is one bounded line");
    check_line(state.error, 200, "an error is one bounded line");
    require(state.songs.size() <= 8, "the songs are bounded");
    for (const Song& song : state.songs) check_line(song.model, 80, "a model is one bounded line");
  }
}

template <class T>
void check(const Result<T>& result) {
  result ? check(*result) : check(result.error());
}

void check_paths(std::string_view file) {
  if (const auto target = audio_target(file)) {
    require(target->starts_with('/') && !target->starts_with("//"), "a target is on its server");
    require(std::ranges::all_of(*target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }),
            "a target is visible ASCII");
  }
  const auto paths = volume_paths(file, "/app/outputs/");
  require(paths.size() <= 32, "the paths are bounded");
  for (const std::string& path : paths) {
    require(!path.empty() && path.front() != '/', "a path is relative");
    const std::string framed = "/" + path + "/";
    for (const char* part : {"//", "/./", "/../"})
      require(framed.find(part) == framed.npos, "a path does not leave its folder");
    require(path.find('\0') == path.npos, "a path holds no NUL");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static constexpr std::array kStatus = {200, 200, 200, 400, 401, 404, 422, 429, 500, 503, 302, 0};
  static const std::vector<std::string> kAsked = {"a-1", "b_2"};
  const int status = kStatus[data[1] % kStatus.size()];
  const auto body = infinara::fuzz::text_of(data + 2, size - 2);
  switch (data[0] % 7) {
    case 0:
      check(parse_health(status, body));
      break;
    case 1:
      check(parse_stats(status, body));
      break;
    case 2:
      check(parse_models(status, body));
      break;
    case 3:
      check(parse_release(status, body));
      break;
    case 4:
      check(parse_query(status, body, kAsked));
      break;
    case 5:
      check(error_of(status, body));
      break;
    default:
      check_paths(body);
  }
  return 0;
}

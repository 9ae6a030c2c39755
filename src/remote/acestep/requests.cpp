// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/requests.hpp"

#include <utility>

#include "remote/spool.hpp"

namespace infinara::remote {
namespace {

void hide(std::string& text, const std::string& key) {
  for (auto at = text.find(key); at != text.npos; at = text.find(key, at + 3))
    text.replace(at, key.size(), "***");
}

}  // namespace

HttpRequest request_of(const Request& ask, const std::string& base) {
  HttpRequest request{.timeout = ask.timeout};
  switch (ask.kind) {
    case Request::Kind::kHealth:
      request.url = base + "/health";
      break;
    case Request::Kind::kStats:
      request.url = base + "/v1/stats";
      break;
    case Request::Kind::kModels:
      request.url = base + "/v1/models";
      break;
    case Request::Kind::kRelease:
      request.url = base + "/release_task";
      request.body = print_release(ask.task, ask.plain);
      break;
    case Request::Kind::kQuery:
      request.url = base + "/query_result";
      request.body = print_query(ask.task_ids);
      break;
    case Request::Kind::kFetch:
      request.url = base + audio_target(ask.file).value_or("/");
      request.most = kTrackBytes;
      break;
  }
  return request;
}

Response response_of(const Request& ask, Result<HttpAnswer> answer) {
  if (!answer) return std::move(answer).error();
  const auto& [status, type, body] = *answer;
  const auto as_reply = [](auto result) -> Response {
    if (!result) return std::move(result).error();
    return *std::move(result);
  };
  switch (ask.kind) {
    case Request::Kind::kHealth:
      return as_reply(parse_health(status, body));
    case Request::Kind::kStats:
      return as_reply(parse_stats(status, body));
    case Request::Kind::kModels:
      return as_reply(parse_models(status, body));
    case Request::Kind::kRelease:
      return as_reply(parse_release(status, body));
    case Request::Kind::kQuery:
      return as_reply(parse_query(status, body, ask.task_ids));
    case Request::Kind::kFetch:
      break;
  }
  if (status != 200) return error_of(status, body);
  if (!type.starts_with("audio/") && type != "application/ogg" &&
      type != "application/octet-stream")
    return Error{Error::Kind::kUnsafe, "not audio but " + (type.empty() ? "nothing" : type)};
  return Fetched{};
}

void hide(Response& reply, const std::string& key) {
  if (key.empty()) return;
  if (auto* error = std::get_if<Error>(&reply)) hide(error->detail, key);
  if (auto* states = std::get_if<std::vector<TaskState>>(&reply))
    for (TaskState& state : *states) {
      for (std::string* text : {&state.error, &state.stage}) hide(*text, key);
      for (Song& song : state.songs) hide(song.model, key);
    }
  if (auto* models = std::get_if<Models>(&reply)) hide(models->current, key);
}

}  // namespace infinara::remote

// SPDX-License-Identifier: Apache-2.0
#include "remote/wire.hpp"

#include <utility>

#include "remote/spool.hpp"

namespace infinara::remote {
namespace {

void hide(std::string& text, const std::string& key) {
  for (auto at = text.find(key); at != text.npos; at = text.find(key, at + 3))
    text.replace(at, key.size(), "***");
}

}  // namespace

HttpRequest request_of(const Ask& ask, const std::string& base) {
  HttpRequest request{.timeout = ask.timeout};
  switch (ask.kind) {
    case Ask::Kind::kHealth:
      request.url = base + "/health";
      break;
    case Ask::Kind::kStats:
      request.url = base + "/v1/stats";
      break;
    case Ask::Kind::kModels:
      request.url = base + "/v1/models";
      break;
    case Ask::Kind::kRelease:
      request.url = base + "/release_task";
      request.body = print_release(ask.task, ask.plain);
      break;
    case Ask::Kind::kQuery:
      request.url = base + "/query_result";
      request.body = print_query(ask.task_ids);
      break;
    case Ask::Kind::kFetch:
      request.url = base + audio_target(ask.file).value_or("/");
      request.most = kTrackBytes;
      break;
  }
  return request;
}

Reply reply_of(const Ask& ask, Result<HttpAnswer> answer) {
  if (auto* trouble = std::get_if<Trouble>(&answer)) return std::move(*trouble);
  const auto& [status, type, body] = std::get<HttpAnswer>(answer);
  const auto as_reply = [](auto result) -> Reply {
    return std::visit([]<class T>(T&& x) -> Reply { return std::forward<T>(x); },
                      std::move(result));
  };
  switch (ask.kind) {
    case Ask::Kind::kHealth:
      return as_reply(parse_health(status, body));
    case Ask::Kind::kStats:
      return as_reply(parse_stats(status, body));
    case Ask::Kind::kModels:
      return as_reply(parse_models(status, body));
    case Ask::Kind::kRelease:
      return as_reply(parse_release(status, body));
    case Ask::Kind::kQuery:
      return as_reply(parse_query(status, body, ask.task_ids));
    case Ask::Kind::kFetch:
      break;
  }
  if (status != 200) return trouble_of(status, body);
  if (!type.starts_with("audio/") && type != "application/ogg" &&
      type != "application/octet-stream")
    return Trouble{Trouble::Kind::kUnsafe, "not audio but " + (type.empty() ? "nothing" : type)};
  return Fetched{};
}

void hide(Reply& reply, const std::string& key) {
  if (key.empty()) return;
  if (auto* trouble = std::get_if<Trouble>(&reply)) hide(trouble->detail, key);
  if (auto* states = std::get_if<std::vector<TaskState>>(&reply))
    for (TaskState& state : *states) {
      for (std::string* text : {&state.error, &state.stage}) hide(*text, key);
      for (Song& song : state.songs) hide(song.model, key);
    }
  if (auto* models = std::get_if<Models>(&reply)) hide(models->current, key);
}

}  // namespace infinara::remote

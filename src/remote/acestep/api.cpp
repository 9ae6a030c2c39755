// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/api.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "json/json.hpp"
#include "text/ascii.hpp"
#include "text/percent.hpp"

namespace infinara::remote {
namespace {

using Kind = Error::Kind;

Error broken(const char* why, std::string_view body) {
  return {Kind::kBroken, std::string(why) + ": " + clean_line(body, 80)};
}

// Gives the `data` of a good answer to `read`, or says what is wrong with it. Good answers come
// with 200 and are wrapped; a code other than 200 inside is an error all the same.
template <class T, class Read>
Result<T> unwrap(int status, std::string_view body, Read read) {
  if (status != 200) return error_of(status, body);
  const auto document = json::Document::parse(body);
  if (!document) return broken("the answer is not JSON", body);
  const json::Node root = document->root();
  if (!root.is_object()) return broken("the answer is not an object", body);
  if (const auto code = root["code"].integer(); code && *code != 200)
    return Error{Kind::kBroken, clean_line(root["error"].text().value_or("no reason given"))};
  if (std::optional<T> out = read(root)) return *std::move(out);
  return broken("the answer lacks what was asked", body);
}

std::string without_owner(std::string name) {
  constexpr std::string_view kOwner = "acestep/";
  if (name.starts_with(kOwner)) name.erase(0, kOwner.size());
  return clean_line(name, 80);
}

bool is_task_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::ranges::all_of(id, [](char c) { return text::is_alnum(c) || c == '-' || c == '_'; });
}

// The last line of a stack trace is the one that says what happened.
std::string last_line(const std::string& text) {
  const auto end = text.find_last_not_of(" \r\n");
  if (end == std::string::npos) return {};
  const auto begin = text.find_last_of('\n', end);
  return clean_line(
      std::string_view(text).substr(begin == std::string::npos ? 0 : begin + 1,
                                    begin == std::string::npos ? end + 1 : end - begin));
}

TaskState read_task(const json::Node& entry, const std::string& id) {
  using Phase = TaskState::Phase;
  TaskState out{.task_id = id};
  const auto status = entry["status"].integer().value_or(0);
  const auto inner = json::Document::parse(entry["result"].text().value_or(""));
  const json::Node list = inner ? inner->root() : json::Node();
  const json::Node first = list.at(0);
  if (!first.is_object()) {
    // "[]" with 0 is an id it does not know. With 1 or 2 it would be an end without a word.
    if (status == 1) out.phase = Phase::kSucceeded;
    if (status == 2) out.phase = Phase::kFailed;
    return out;
  }
  if (const auto x = first["progress"].number()) out.progress = std::clamp(*x, 0.0, 1.0);
  out.stage = clean_line(first["stage"].text().value_or(""), 80);
  out.error = last_line(first["error"].text().value_or(""));
  const auto inner_status = first["status"].integer().value_or(status);
  if (status == 1) {
    out.phase = Phase::kSucceeded;
    for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 8); ++i)
      out.songs.push_back({list.at(i)["file"].text().value_or(""),
                           without_owner(list.at(i)["dit_model"].text().value_or(""))});
  } else if (status == 2) {
    const bool says_failed = inner_status != 0 || out.stage == "failed" || !out.error.empty();
    out.phase = says_failed ? Phase::kFailed : Phase::kOverdue;
  } else {
    out.phase = out.stage == "queued" ? Phase::kQueued : Phase::kRunning;
  }
  return out;
}

}  // namespace

Error error_of(int status, std::string_view body) {
  std::string words;
  if (const auto document = json::Document::parse(body)) {
    const json::Node detail = document->root()["detail"];
    words = detail.text().value_or(detail.at(0)["msg"].text().value_or(""));
  } else {
    words = body.substr(0, 200);
  }
  std::string line = "HTTP " + std::to_string(status);
  if (!words.empty()) line += " " + clean_line(words);
  Kind kind = Kind::kBroken;
  // A server that was started without a key answers 503 "API key is not configured".
  const bool about_a_key =
      (status == 403 || status == 503) && text::lowered(words).find("api key") != std::string::npos;
  if (status == 401 || about_a_key)
    kind = Kind::kUnauthorized;
  else if (status == 404)
    kind = Kind::kNotFound;
  else if (status == 429)
    kind = Kind::kBusy;
  else if (status >= 300 && status < 400)
    kind = Kind::kUnsafe;
  else if (status >= 400 && status < 500)
    kind = Kind::kRejected;
  return {kind, line};
}

std::string print_release(const Task& task, bool plain) {
  // An integer stays one: the server silently takes its default for one written as 8.0.
  json::Object out;
  out.set("prompt", task.prompt)
      .set("lyrics", task.lyrics)
      .set("audio_duration", task.duration)
      .set("batch_size", 1)
      .set("audio_format", task.format)
      .set("thinking", task.thinking)
      .set("use_cot_caption", false)
      .set("use_cot_language", false)
      .set("inference_steps", task.steps)
      .set("guidance_scale", task.guidance)
      .set("shift", task.shift);
  if (task.no_dcw) out.set("dcw_enabled", false);
  if (plain) return out.text();
  if (task.bpm > 0) out.set("bpm", task.bpm);
  if (!task.key.empty()) out.set("key_scale", task.key);
  if (!task.time_signature.empty()) out.set("time_signature", task.time_signature);
  out.set("vocal_language", "unknown")
      .set("task_type", "text2music")
      .set("infer_method", "ode")
      .set("use_random_seed", task.seed < 0)
      .set("seed", task.seed)
      .set("use_format", false)
      .set("sample_mode", false);
  if (!task.model.empty()) out.set("model", task.model);
  return out.text();
}

std::string print_query(std::span<const std::string> task_ids) {
  const auto print = [](const std::string& id) { return json::text_of(std::string_view(id)); };
  return json::Object().raw("task_id_list", json::list_of(task_ids, print)).text();
}

Result<Health> parse_health(int status, std::string_view body) {
  return unwrap<Health>(status, body, [](json::Node root) -> std::optional<Health> {
    const json::Node data = root["data"];
    if (data["status"].text() != "ok") return std::nullopt;
    return Health{data["models_initialized"].truth().value_or(true),
                  data["llm_initialized"].truth()};
  });
}

Result<Stats> parse_stats(int status, std::string_view body) {
  return unwrap<Stats>(status, body, [](json::Node root) -> std::optional<Stats> {
    const json::Node data = root["data"];
    const json::Node jobs = data["jobs"];
    if (!jobs.is_object()) return std::nullopt;
    const auto count = [](json::Node x) {
      return std::clamp<std::int64_t>(x.integer().value_or(0), 0, 1'000'000);
    };
    return Stats{
        .total = count(jobs["total"]),
        .running = count(jobs["running"]),
        .waiting = count(data["queue_size"]),
        .room = count(data["queue_maxsize"]),
        .ended = count(jobs["succeeded"]) + count(jobs["failed"]),
        .mean_job_seconds = std::clamp(data["avg_job_seconds"].number().value_or(0), 0.0, 3600.0)};
  });
}

Result<Models> parse_models(int status, std::string_view body) {
  return unwrap<Models>(status, body, [](json::Node root) -> std::optional<Models> {
    const json::Node data = root["data"];
    const json::Node list = data.is_array() ? data : data["models"];
    if (!list.is_array()) return std::nullopt;
    Models out;
    for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 32); ++i) {
      const json::Node model = list.at(i);
      const auto name = model["name"].text();
      const auto id = model["id"].text();
      if (!name && !id) continue;
      out.names.push_back(without_owner(id ? *id : *name));
      if (model["is_default"].truth().value_or(false)) out.current = out.names.back();
      if (!model["is_loaded"].truth().value_or(true)) out.unloaded.push_back(out.names.back());
    }
    if (const auto name = data["default_model"].text()) out.current = without_owner(*name);
    if (out.current.empty() && !out.names.empty()) out.current = out.names.front();
    // A server that loads at its first job names none until then.
    if (out.names.empty()) out.unloaded.push_back(out.current);
    return out;
  });
}

Result<Released> parse_release(int status, std::string_view body) {
  return unwrap<Released>(status, body, [](json::Node root) -> std::optional<Released> {
    const auto id = root["data"]["task_id"].text();
    if (!id || !is_task_id(*id)) return std::nullopt;
    return Released{*id};
  });
}

Result<std::vector<TaskState>> parse_query(int status, std::string_view body,
                                           std::span<const std::string> asked) {
  return unwrap<std::vector<TaskState>>(
      status, body, [&](json::Node root) -> std::optional<std::vector<TaskState>> {
        const json::Node data = root["data"];
        if (!data.is_array()) return std::nullopt;
        std::vector<TaskState> out;
        for (const auto& id : asked) {
          json::Node found;
          for (std::size_t i = 0; i < data.size() && !found; ++i)
            if (data.at(i)["task_id"].text() == id) found = data.at(i);
          out.push_back(read_task(found, id));
        }
        return out;
      });
}

std::optional<std::string> audio_target(std::string_view file) {
  if (file.size() < 2 || file.size() > 4096 || file[0] != '/' || file[1] == '/') return {};
  std::string out;
  for (const char c : file) {
    const auto u = static_cast<unsigned char>(c);
    if (text::is_control(c) || c == '#' || c == '\\') return {};
    static constexpr char kHex[] = "0123456789ABCDEF";
    if (u == ' ' || u >= 0x80)
      out += {'%', kHex[u >> 4], kHex[u & 15]};
    else
      out += c;
  }
  return out;
}

std::vector<std::string> volume_paths(std::string_view file, std::string_view root) {
  constexpr std::string_view kQuery = "path=";
  constexpr std::size_t kDeepest = 24;  // folders
  const auto question = file.find('?');
  if (question == std::string_view::npos) return {};
  auto encoded = file.substr(question + 1);
  if (!encoded.starts_with(kQuery)) return {};
  encoded.remove_prefix(kQuery.size());
  encoded = encoded.substr(0, encoded.find('&'));

  std::string spaced(encoded);
  std::ranges::replace(spaced, '+', ' ');
  const auto path = text::percent_decoded(spaced);
  if (!path || !path->starts_with('/') || std::ranges::any_of(*path, text::is_control)) return {};

  std::vector<std::string> out;
  const auto add = [&](std::string_view rest) {
    if (std::ranges::find(out, rest) == out.end()) out.emplace_back(rest);
  };
  while (root.ends_with('/')) root.remove_suffix(1);
  std::string_view rest = *path;
  if (rest.starts_with(root) && rest.size() > root.size() + 1 && rest[root.size()] == '/')
    add(rest.substr(root.size() + 1));
  for (std::size_t depth = 0; !rest.empty(); ++depth) {
    rest.remove_prefix(1);
    const auto part = rest.substr(0, rest.find('/'));
    if (part.empty() || part == "." || part == ".." || depth > kDeepest) return {};
    add(rest);
    rest.remove_prefix(part.size());
  }
  return out;
}

}  // namespace infinara::remote

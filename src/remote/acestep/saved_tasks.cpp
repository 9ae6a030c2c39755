// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/saved_tasks.hpp"

#include <algorithm>

#include "json/document.hpp"
#include "json/json.hpp"

namespace infinara::remote {

std::string print_saved_tasks(const std::vector<SavedTask>& kept, double wall) {
  const auto print = [&](const SavedTask& x) {
    return json::Object()
        .set("server", x.server)
        .set("task", x.task_id)
        .set("submitted", wall - x.age)
        .set("genre", x.wanted.genre)
        .set("wanted-model", x.wanted.model)
        .set("wanted-prompt", x.wanted.prompt)
        .set("wanted-lyrics", x.wanted.lyrics)
        .set("wanted-key", x.wanted.key)
        .set("wanted-bpm", x.wanted.bpm)
        .set("wanted-duration", x.wanted.duration)
        .set("format", x.wanted.format)
        .set("prompt", x.task.prompt)
        .set("key", x.task.key)
        .set("bpm", x.task.bpm)
        .set("duration", x.task.duration)
        .set("seed", x.task.seed)
        .text();
  };
  return json::list_of(kept, print) + "\n";
}

std::vector<SavedTask> parse_saved_tasks(std::string_view text, double wall) {
  std::vector<SavedTask> out;
  const auto document = json::Document::parse(text);
  if (!document) return out;
  const json::Node list = document->root();
  for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 64); ++i) {
    const json::Node from = list.at(i);
    const auto word = [&](const char* name) { return from[name].text().value_or(""); };
    const auto number = [&](const char* name) {
      return std::clamp(from[name].number().value_or(0), -1e6, 1e12);
    };
    SavedTask x;
    x.server = word("server");
    x.task_id = word("task");
    x.age = wall - number("submitted");
    if (x.server.empty() || x.task_id.empty() || x.task_id.size() > 128 || x.age < 0) continue;
    x.wanted.genre = word("genre");
    x.wanted.model = word("wanted-model");
    x.wanted.prompt = word("wanted-prompt");
    x.wanted.lyrics = word("wanted-lyrics");
    x.wanted.key = word("wanted-key");
    x.wanted.bpm = static_cast<int>(std::clamp(number("wanted-bpm"), 0.0, 999.0));
    x.wanted.duration = number("wanted-duration");
    x.wanted.format = word("format");
    x.task.format = x.wanted.format;
    x.task.prompt = word("prompt");
    x.task.key = word("key");
    x.task.bpm = static_cast<int>(std::clamp(number("bpm"), 0.0, 999.0));
    x.task.duration = std::clamp(number("duration"), 1.0, 600.0);
    x.task.seed = static_cast<std::int64_t>(number("seed"));
    out.push_back(std::move(x));
  }
  return out;
}

}  // namespace infinara::remote

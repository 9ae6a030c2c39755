// SPDX-License-Identifier: Apache-2.0
#include "remote/saved_tasks.hpp"

#include <algorithm>
#include <memory>

#include "json/document.hpp"

namespace infinara::remote {

std::string print_saved_tasks(const std::vector<SavedTask>& kept, double wall) {
  const std::unique_ptr<JsonBuilder, decltype(&g_object_unref)> holder(json_builder_new(),
                                                                       g_object_unref);
  JsonBuilder* out = holder.get();
  const auto text = [&](const char* name, const std::string& x) {
    json_builder_set_member_name(out, name);
    json_builder_add_string_value(out, x.c_str());
  };
  const auto number = [&](const char* name, double x) {
    json_builder_set_member_name(out, name);
    json_builder_add_double_value(out, x);
  };
  json_builder_begin_array(out);
  for (const SavedTask& x : kept) {
    json_builder_begin_object(out);
    text("server", x.server);
    text("task", x.task_id);
    number("submitted", wall - x.age);
    text("genre", x.wanted.genre);
    text("wanted-model", x.wanted.model);
    text("wanted-prompt", x.wanted.prompt);
    text("wanted-lyrics", x.wanted.lyrics);
    text("wanted-key", x.wanted.key);
    number("wanted-bpm", x.wanted.bpm);
    number("wanted-duration", x.wanted.duration);
    text("format", x.wanted.format);
    text("prompt", x.task.prompt);
    text("key", x.task.key);
    number("bpm", x.task.bpm);
    number("duration", x.task.duration);
    number("seed", static_cast<double>(x.task.seed));
    json_builder_end_object(out);
  }
  json_builder_end_array(out);
  const std::unique_ptr<JsonNode, decltype(&json_node_unref)> root(json_builder_get_root(out),
                                                                   json_node_unref);
  const std::unique_ptr<char, decltype(&g_free)> printed(json_to_string(root.get(), TRUE), g_free);
  return std::string(printed.get()) + "\n";
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

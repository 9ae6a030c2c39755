// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_orders.hpp"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <span>

#include "support/acestep_words.hpp"
#include "support/http_answers.hpp"
#include "text/ascii.hpp"

namespace support {
namespace {

struct Unref {
  void operator()(JsonNode* node) const { json_node_unref(node); }
  void operator()(JsonParser* parser) const { g_object_unref(parser); }
};
using Node = std::unique_ptr<JsonNode, Unref>;

/// nullptr if `text` is no JSON. Python's reader, unlike this one, takes no endless nesting either.
Node parsed(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return nullptr;
  if (std::count(text.begin(), text.end(), '[') > 1000) return nullptr;
  const std::unique_ptr<JsonParser, Unref> parser(json_parser_new());
  if (json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()),
                                 nullptr) == FALSE)
    return nullptr;
  return Node(json_parser_steal_root(parser.get()));
}

/// Where fields are looked up, in order.
using Sources = std::vector<JsonObject*>;
using Names = std::span<const char* const>;

JsonNode* find(const Sources& sources, Names names) {
  for (JsonObject* source : sources) {
    for (const char* name : names) {
      JsonNode* node = json_object_get_member(source, name);
      if (node != nullptr && !JSON_NODE_HOLDS_NULL(node)) return node;
    }
  }
  return nullptr;
}

bool is_string(JsonNode* node) {
  return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
}

std::string text_of(JsonNode* node) {
  if (is_string(node)) return json_node_get_string(node);
  char* text = json_to_string(node, FALSE);
  std::string out = text;
  g_free(text);
  return out;
}

/// An int or the text of one; 120.0 and "fast" count as nothing, which is the server's own trap.
std::optional<std::int64_t> int_of(JsonNode* node) {
  if (node == nullptr) return {};
  const std::string text = text_of(node);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

std::optional<double> float_of(JsonNode* node) {
  if (node == nullptr) return {};
  const std::string text = text_of(node);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

bool bool_of(JsonNode* node, bool otherwise) {
  if (node == nullptr) return otherwise;
  const std::string text = infinara::text::lowered(text_of(node));
  constexpr std::array kYes = {"true", "1", "yes", "y", "on"};
  return std::any_of(kYes.begin(), kYes.end(), [&](const char* yes) { return text == yes; });
}

template <std::size_t N>
constexpr std::array<const char*, N> names(const char* const (&list)[N]) {
  return std::to_array(list);
}
constexpr auto kPrompt = names({"prompt", "caption"});
constexpr auto kLyrics = names({"lyrics"});
constexpr auto kBpm = names({"bpm"});
constexpr auto kDuration =
    names({"audio_duration", "duration", "target_duration", "audioDuration", "targetDuration"});
constexpr auto kKey = names({"key_scale", "keyscale", "keyScale", "key"});
constexpr auto kSignature = names({"time_signature", "timesignature", "timeSignature"});
constexpr auto kFormat = names({"audio_format", "audioFormat"});
constexpr auto kBatch = names({"batch_size", "batchSize"});
constexpr auto kSteps = names({"inference_steps", "inferenceSteps"});
constexpr auto kThinking = names({"thinking"});
constexpr auto kUseFormat = names({"use_format", "useFormat", "format"});
constexpr auto kSampleMode = names({"sample_mode", "sampleMode"});
constexpr auto kRewrites = names({"use_cot_caption", "cot_caption", "cot-caption"});
constexpr auto kKind = names({"task_type", "taskType"});
constexpr auto kSeed = names({"seed"});
constexpr auto kRandom = names({"use_random_seed", "useRandomSeed"});
constexpr auto kModel = names({"model", "dit_model"});
constexpr auto kDcw = names({"dcw_enabled"});
constexpr auto kShift = names({"shift"});
constexpr auto kToken = names({"ai_token"});
constexpr auto kBackend = names({"lm_backend", "lmBackend"});
constexpr auto kSource =
    names({"src_audio_path", "ctx_audio_path", "reference_audio_path", "ref_audio_path"});
constexpr auto kNested = names({"metas", "meta", "metadata", "user_metadata"});
constexpr auto kParams = names({"param_obj"});

std::string string_or(const Sources& sources, Names list, const std::string& otherwise) {
  JsonNode* node = find(sources, list);
  return node == nullptr ? otherwise : text_of(node);
}

Asked asked_of(JsonObject* body) {
  Sources sources = {body};
  for (const Names list : {Names(kParams), Names(kNested)}) {
    JsonNode* node = find({body}, list);
    if (node != nullptr && JSON_NODE_HOLDS_OBJECT(node))
      sources.push_back(json_node_get_object(node));
  }
  Asked asked;
  asked.prompt = string_or(sources, kPrompt, "");
  asked.lyrics = string_or(sources, kLyrics, "");
  if (const auto bpm = int_of(find(sources, kBpm))) asked.bpm = static_cast<int>(*bpm);
  asked.duration = float_of(find(sources, kDuration));
  asked.key = string_or(sources, kKey, "");
  asked.time_signature = string_or(sources, kSignature, "");
  asked.audio_format = string_or(sources, kFormat, "mp3");
  asked.batch_size = static_cast<int>(int_of(find(sources, kBatch)).value_or(2));
  asked.steps = static_cast<int>(int_of(find(sources, kSteps)).value_or(8));
  asked.thinking = bool_of(find(sources, kThinking), false);
  asked.needs_lm = asked.thinking || bool_of(find(sources, kUseFormat), false) ||
                   bool_of(find(sources, kSampleMode), false);
  asked.rewrites = bool_of(find(sources, kRewrites), true);
  const std::string kind = string_or(sources, kKind, "text2music");
  asked.seed = int_of(find(sources, kSeed)).value_or(-1);
  asked.use_random_seed = bool_of(find(sources, kRandom), true);
  asked.model = string_or(sources, kModel, "");
  if (JsonNode* dcw = find(sources, kDcw)) asked.dcw_enabled = bool_of(dcw, true);
  asked.shift = float_of(find(sources, kShift)).value_or(3);
  asked.ai_token = string_or({body}, kToken, "");
  asked.lm_backend = string_or(sources, kBackend, "vllm");
  asked.source_path = string_or(sources, kSource, "");
  asked.is_edit = kind == "repaint" || (kind == "cover" && !asked.source_path.empty());
  return asked;
}

std::vector<AskedId> ids_of(JsonNode* node) {
  std::vector<AskedId> ids;
  if (node == nullptr) return ids;
  Node inner;
  if (is_string(node)) {
    inner = parsed(json_node_get_string(node));
    node = inner.get();
  }
  if (node == nullptr || !JSON_NODE_HOLDS_ARRAY(node)) return ids;
  JsonArray* list = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(list); ++i) {
    JsonNode* id = json_array_get_element(list, i);
    ids.push_back({is_string(id) ? in_quotes(text_of(id)) : text_of(id), text_of(id)});
  }
  return ids;
}

/// Fields of a form are read by the same names and rules.
Asked asked_from(const std::map<std::string, std::string>& form) {
  JsonObject* object = json_object_new();
  for (const auto& [name, value] : form)
    json_object_set_string_member(object, name.c_str(), value.c_str());
  Asked asked = asked_of(object);
  json_object_unref(object);
  return asked;
}

std::map<std::string, std::string> fields_of_multipart(const std::string& body,
                                                       const std::string& type) {
  std::map<std::string, std::string> form;
  const std::size_t mark = type.find("boundary=");
  const std::string border = "--" + (mark == type.npos ? "" : type.substr(mark + 9));
  std::size_t at = body.find(border);
  while (at != std::string::npos) {
    const std::size_t end = body.find(border, at + border.size());
    if (end == std::string::npos) break;
    const std::string part = body.substr(at + border.size(), end - at - border.size());
    const std::size_t text = part.find("\r\n\r\n");
    const std::size_t name = part.find("name=\"");
    if (text != std::string::npos && name < text && part.find("filename=") > text)
      form[part.substr(name + 6, part.find('"', name + 6) - name - 6)] =
          part.substr(text + 4, part.size() - text - 6);
    at = end;
  }
  return form;
}

std::map<std::string, std::string> fields_of_form(const std::string& body) {
  std::map<std::string, std::string> form;
  for (const char* name :
       {"prompt", "caption", "lyrics", "bpm", "audio_duration", "key_scale", "time_signature",
        "audio_format", "batch_size", "thinking", "seed", "ai_token", "inference_steps"}) {
    std::string value;
    if (form_value(body, name, &value)) form[name] = value;
  }
  return form;
}

}  // namespace

std::optional<Dialect> dialect_named(std::string_view name) {
  if (name == "feb04") return Dialect::kFeb04;
  if (name == "feb08") return Dialect::kFeb08;
  if (name == "later") return Dialect::kLater;
  return {};
}

std::variant<Asked, HttpAnswer> read_order(const HttpRequest& request, Dialect dialect) {
  const std::string type = request.header("content-type");
  const std::size_t begin = request.body.find_first_not_of(" \r\n\t");
  const bool is_json = type.rfind("application/json", 0) == 0 ||
                       (type.empty() && begin != std::string::npos && request.body[begin] == '{');
  if (is_json) {
    const Node root = parsed(request.body);
    if (!root) return text_error();
    if (!JSON_NODE_HOLDS_OBJECT(root.get())) return refused(400, "JSON payload must be an object");
    return asked_of(json_node_get_object(root.get()));
  }
  const bool multipart = type.rfind("multipart/form-data", 0) == 0;
  if (!type.empty() && !multipart && type.rfind("application/x-www-form-urlencoded", 0) != 0)
    return refused(415, "Unsupported Content-Type: " + type.substr(0, type.find(';')) +
                            "; use application/json, application/x-www-form-urlencoded, or "
                            "multipart/form-data");
  if (dialect == Dialect::kFeb08) return text_error();  // a bug of that day
  return asked_from(multipart ? fields_of_multipart(request.body, type)
                              : fields_of_form(request.body));
}

std::optional<AskedIds> read_query(const HttpRequest& request) {
  AskedIds asked;
  if (request.header("content-type").rfind("application/x-www-form-urlencoded", 0) == 0) {
    std::string list;
    if (form_value(request.body, "task_id_list", &list)) {
      const Node root = parsed(list);
      asked.ids = ids_of(root.get());
    }
    form_value(request.body, "ai_token", &asked.ai_token);
    return asked;
  }
  const Node root = parsed(request.body);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root.get())) return {};
  JsonObject* body = json_node_get_object(root.get());
  asked.ids = ids_of(json_object_get_member(body, "task_id_list"));
  asked.ai_token = string_or({body}, kToken, "");
  return asked;
}

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_words.hpp"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <span>

#include "support/small_server.hpp"

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
  std::string text = text_of(node);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
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
constexpr auto kSeed = names({"seed"});
constexpr auto kRandom = names({"use_random_seed", "useRandomSeed"});
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
  asked.seed = int_of(find(sources, kSeed)).value_or(-1);
  asked.use_random_seed = bool_of(find(sources, kRandom), true);
  asked.ai_token = string_or({body}, kToken, "");
  asked.lm_backend = string_or(sources, kBackend, "vllm");
  asked.source_path = string_or(sources, kSource, "");
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
    ids.push_back({is_string(id) ? quoted(text_of(id)) : text_of(id), text_of(id)});
  }
  return ids;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2fs", seconds);
  return text;
}

/// "bpm" of metas, and so on: what was asked for, else what the language model would have planned.
struct Metas {
  std::string bpm;
  std::string duration;
  std::string key;
  std::string signature;
};

std::string or_na(const std::string& text, const char* planned, Lm lm) {
  return quoted(!text.empty() ? text : lm == Lm::kPresent ? planned : "N/A");
}

Metas metas_of(const Asked& asked, Lm lm) {
  const bool has_bpm = asked.bpm && *asked.bpm != 0;
  const bool has_duration = asked.duration && *asked.duration != 0;
  const std::string none = "\"N/A\"";
  return {has_bpm              ? std::to_string(*asked.bpm)
          : lm == Lm::kPresent ? "92"
                               : none,
          has_duration         ? python_float(*asked.duration)
          : lm == Lm::kPresent ? "20"
                               : none,
          or_na(asked.key, "A minor", lm), or_na(asked.time_signature, "4", lm)};
}

std::string bare(const std::string& quoted_text) {
  return quoted_text.size() > 1 && quoted_text[0] == '"'
             ? quoted_text.substr(1, quoted_text.size() - 2)
             : quoted_text;
}

std::string generation_info(const Identity& identity, const Made& made, const Metas& metas,
                            const std::string& seeds) {
  const std::size_t count = made.seeds.size();
  const bool lm = identity.lm == Lm::kPresent;
  const double lm_seconds = lm ? std::min(0.2, made.seconds / 2) : 0;
  std::string text =
      "**🎯 Average Time per Track: " + seconds_text(made.seconds / static_cast<double>(count)) +
      "** (" + std::to_string(count) + " track(s))\n\n";
  if (lm) {
    const bool has_bpm = made.asked.bpm && *made.asked.bpm > 0;
    const bool has_duration = made.asked.duration && *made.asked.duration > 0;
    const auto whole = static_cast<long>(has_duration ? std::min(*made.asked.duration, 480.0) : 20);
    text += "**🤖 LM-Generated Metadata:**\n- **BPM:** " + (has_bpm ? metas.bpm : "92") +
            "\n- **Refined Caption:** (LM) " +
            (made.asked.prompt.empty() ? "a stub caption" : made.asked.prompt) +
            "\n- **Duration:** " + std::to_string(whole) + " seconds\n- **Key Scale:** " +
            bare(metas.key) + "\n- **Language:** unknown\n- **Time Signature:** " +
            bare(metas.signature) +
            "\n\n**🧠 LM Time:**\n  - Phase 1 (CoT): " + seconds_text(lm_seconds) +
            "\n  - Total: " + seconds_text(lm_seconds) + "\n";
  }
  return text + "\n**🎵 DiT Time:**\n  - Encoder: 0.10s\n  - VAE Decode: 0.30s\n  - Total: " +
         seconds_text(made.seconds - lm_seconds) +
         "\n\n**🎵 Generation Complete**\n  - **Seeds:** " + seeds + "\n  - **Steps:** " +
         std::to_string(made.asked.steps) + "\n  - **Audio Count:** " + std::to_string(count) +
         " audio(s)\n\n**⏱️ Total Time: " + seconds_text(made.seconds) + "**";
}

std::string begin_of_item(std::string_view file, int status, std::int64_t created) {
  return "{\"file\": " + quoted(file) + ", \"wave\": \"\", \"status\": " + std::to_string(status) +
         ", \"create_time\": " + std::to_string(created) + ", \"env\": \"development\"";
}

}  // namespace

std::optional<Dialect> dialect_named(std::string_view name) {
  if (name == "feb04") return Dialect::kFeb04;
  if (name == "feb08") return Dialect::kFeb08;
  if (name == "later") return Dialect::kLater;
  return {};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char code[8];
          std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
          out += code;
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

std::string python_float(double value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string out(text, end);
  return out.find_first_of(".en") == out.npos ? out + ".0" : out;
}

bool read_asked(std::string_view json, Asked* asked, bool* is_object) {
  const Node root = parsed(json);
  if (!root) return false;
  *is_object = JSON_NODE_HOLDS_OBJECT(root.get());
  if (*is_object) *asked = asked_of(json_node_get_object(root.get()));
  return true;
}

Asked asked_from(const std::map<std::string, std::string>& form) {
  JsonObject* object = json_object_new();
  for (const auto& [name, value] : form)
    json_object_set_string_member(object, name.c_str(), value.c_str());
  Asked asked = asked_of(object);
  json_object_unref(object);
  return asked;
}

bool read_ids(std::string_view json, std::vector<AskedId>* ids, std::string* ai_token) {
  const Node root = parsed(json);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root.get())) return false;
  JsonObject* body = json_node_get_object(root.get());
  *ids = ids_of(json_object_get_member(body, "task_id_list"));
  *ai_token = string_or({body}, kToken, "");
  return true;
}

std::vector<AskedId> ids_from(std::string_view json_list) {
  const Node root = parsed(json_list);
  return ids_of(root.get());
}

std::string wrapped(std::string_view data, std::int64_t milliseconds) {
  return "{\"data\":" + std::string(data) +
         ",\"code\":200,\"error\":null,\"timestamp\":" + std::to_string(milliseconds) +
         ",\"extra\":null}";
}

std::string detail(std::string_view text) {
  return "{\"detail\":" + quoted(text) + "}";
}

std::string health_data(const Identity& identity) {
  std::string data = R"({"status":"ok","service":"ACE-Step API","version":"1.0")";
  if (identity.dialect == Dialect::kLater) {
    const bool lm = identity.lm == Lm::kPresent && identity.is_initialised;
    data += std::string(",\"models_initialized\":") + (identity.is_initialised ? "true" : "false") +
            ",\"llm_initialized\":" + (lm ? "true" : "false") +
            ",\"loaded_model\":" + quoted(identity.dit_model) +
            ",\"loaded_lm_model\":" + (lm ? quoted(identity.lm_model) : "null") +
            R"(,"gpus":[],"gpu_mapping":{},"device_map":{})";
  }
  return data + "}";
}

std::string models_body(const Identity& identity, std::int64_t milliseconds) {
  const std::string& model = identity.dit_model;
  if (identity.dialect == Dialect::kFeb08)
    return R"({"object":"list","data":[{"id":)" + quoted("acestep/" + model) +
           ",\"name\":" + quoted("ACE-Step " + model) +
           ",\"created\":" + std::to_string(milliseconds / 1000 - 2592000) +
           R"(,"input_modalities":["text","audio"],"output_modalities":["audio","text"],"context_length":4096,"max_output_length":300,"pricing":{"prompt":"0","completion":"0","request":"0","image":"0"},"description":"AI music generation model","architecture":null}]})";
  if (identity.dialect == Dialect::kFeb04)
    return wrapped("{\"models\":[{\"name\":" + quoted(model) +
                       ",\"is_default\":true}],\"default_model\":" + quoted(model) + "}",
                   milliseconds);
  const bool lm = identity.lm == Lm::kPresent && identity.is_initialised;
  const bool turbo = model.find("turbo") != model.npos;
  return wrapped("{\"models\":[{\"name\":" + quoted(model) + ",\"is_default\":true,\"is_loaded\":" +
                     (identity.is_initialised ? "true" : "false") + ",\"supported_task_types\":" +
                     (turbo ? R"(["text2music","repaint","cover"])"
                            : R"(["text2music","repaint","cover","extract","lego","complete"])") +
                     "}],\"default_model\":" + quoted(model) + ",\"lm_models\":[{\"name\":" +
                     quoted(identity.lm_model) + ",\"is_loaded\":" + (lm ? "true" : "false") +
                     "}],\"loaded_lm_model\":" + (lm ? quoted(identity.lm_model) : "null") +
                     ",\"llm_initialized\":" + (lm ? "true" : "false") +
                     R"(,"gpus":[],"gpu_mapping":{},"device_map":{}})",
                 milliseconds);
}

std::string stats_data(const Counts& c) {
  return "{\"jobs\":{\"total\":" + std::to_string(c.total) +
         ",\"queued\":" + std::to_string(c.queued) + ",\"running\":" + std::to_string(c.running) +
         ",\"succeeded\":" + std::to_string(c.succeeded) +
         ",\"failed\":" + std::to_string(c.failed) +
         "},\"queue_size\":" + std::to_string(c.queue_size) +
         ",\"queue_maxsize\":" + std::to_string(c.queue_most) +
         ",\"avg_job_seconds\":" + python_float(c.mean_seconds) + "}";
}

std::string release_data(std::string_view id, int position) {
  return "{\"task_id\":" + quoted(id) +
         ",\"status\":\"queued\",\"queue_position\":" + std::to_string(position) + "}";
}

Progress progress_at(double share, int batch, bool thinking) {
  const std::string count = std::to_string(batch);
  if (share < 0.02) return {0.01, "running"};
  if (share < 0.05) return {0.1, "Phase 1: Generating CoT metadata (once for all items)..."};
  if (thinking && share < 0.1)
    return {0.5, "Phase 2: Generating audio codes for " + count + " items..."};
  if (share < 0.12) return {0.51, "Preparing inputs..."};
  if (share < 0.9)
    return {0.52 + 0.27 * (share - 0.12) / 0.78, "Generating music (batch size: " + count + ")..."};
  if (share < 0.97) return {0.8, "Decoding audio..."};
  return {0.99, "Preparing audio data..."};
}

std::string queued_item(const Identity& identity, std::int64_t created) {
  std::string item = begin_of_item("", 0, created) + R"(, "prompt": "", "lyrics": "", "metas": {})";
  if (identity.dialect != Dialect::kFeb04)
    item += R"(, "progress": 0.0, "stage": "queued", "error": null)";
  return "[" + item + "}]";
}

std::string running_item(const Identity& identity, std::int64_t created, const Progress& progress) {
  std::string item = begin_of_item("", 0, created);
  if (identity.dialect == Dialect::kFeb04)
    item += R"(, "prompt": "", "lyrics": "", "metas": {})";
  else
    item += ", \"progress\": " + python_float(progress.share) +
            ", \"stage\": " + quoted(progress.stage);
  return "[" + item + "}]";
}

std::string failed_item(const Identity& identity, std::int64_t created, std::string_view error) {
  std::string item = begin_of_item("", 2, created);
  if (identity.dialect != Dialect::kFeb04) item += R"(, "progress": 0.0, "stage": "failed")";
  if (identity.dialect == Dialect::kLater) item += ", \"error\": " + quoted(error);
  return "[" + item + "}]";
}

std::string succeeded_items(const Identity& identity, const Made& made) {
  const Metas metas = metas_of(made.asked, identity.lm);
  std::string seeds;
  for (const std::string& seed : made.seeds) seeds += (seeds.empty() ? "" : ",") + seed;
  const std::string prompt = quoted(made.asked.prompt + made.suffix);
  const std::string lyrics = quoted(made.asked.lyrics + made.suffix);
  const std::string rest =
      ", \"prompt\": " + prompt + ", \"lyrics\": " + lyrics +
      ", \"metas\": {\"bpm\": " + metas.bpm + ", \"duration\": " + metas.duration +
      ", \"genres\": \"N/A\", \"keyscale\": " + metas.key +
      ", \"timesignature\": " + metas.signature + ", \"prompt\": " + prompt +
      ", \"lyrics\": " + lyrics +
      "}, \"generation_info\": " + quoted(generation_info(identity, made, metas, seeds)) +
      ", \"seed_value\": " + quoted(seeds) + ", \"lm_model\": " + quoted(identity.lm_model) +
      ", \"dit_model\": " + quoted(identity.dit_model) +
      (identity.dialect == Dialect::kFeb04 ? "" : R"(, "progress": 1.0, "stage": "succeeded")") +
      "}";
  std::string items;
  for (const std::string& file : made.files)
    items += (items.empty() ? "" : ", ") + begin_of_item(file, 1, made.created) + rest;
  return "[" + items + "]";
}

std::string query_entry(std::string_view id_json, std::string_view result, int status,
                        const std::optional<std::string>& progress_text) {
  return "{\"task_id\":" + std::string(id_json) + ",\"result\":" + quoted(result) +
         ",\"status\":" + std::to_string(status) +
         (progress_text ? ",\"progress_text\":" + quoted(*progress_text) : "") + "}";
}

std::string audio_url(std::string_view path) {
  return "/v1/audio?path=" + percent_encoded(path);
}

std::string extension_for(std::string_view format, Dialect dialect) {
  std::string lower(format);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (lower == "mp3" || lower == "wav" || lower == "flac") return std::string(format);
  if (dialect == Dialect::kLater && lower == "opus") return "opus";
  if (dialect == Dialect::kLater && lower == "wav32") return "wav";
  return "flac";
}

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
#include "support/acestep_words.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "support/http_answers.hpp"
#include "text/ascii.hpp"

namespace support {
namespace {

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
  return in_quotes(!text.empty() ? text : lm == Lm::kPresent ? planned : "N/A");
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

std::string generation_info(Lm model, const Made& made, const Metas& metas,
                            const std::string& seeds) {
  const std::size_t count = made.seeds.size();
  const bool lm = model == Lm::kPresent;
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
  return "{\"file\": " + in_quotes(file) +
         ", \"wave\": \"\", \"status\": " + std::to_string(status) +
         ", \"create_time\": " + std::to_string(created) + ", \"env\": \"development\"";
}

}  // namespace

std::string python_float(double value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  std::string out(text, end);
  return out.find_first_of(".en") == out.npos ? out + ".0" : out;
}

std::string wrapped(std::string_view data, std::int64_t milliseconds) {
  return "{\"data\":" + std::string(data) +
         ",\"code\":200,\"error\":null,\"timestamp\":" + std::to_string(milliseconds) +
         ",\"extra\":null}";
}

std::string health_data(const Identity& identity) {
  std::string data = R"({"status":"ok","service":"ACE-Step API","version":"1.0")";
  if (identity.dialect == Dialect::kLater) {
    const bool lm = identity.lm == Lm::kPresent && identity.is_initialised;
    data += std::string(",\"models_initialized\":") + (identity.is_initialised ? "true" : "false") +
            ",\"llm_initialized\":" + (lm ? "true" : "false") +
            ",\"loaded_model\":" + in_quotes(identity.dit_model) +
            ",\"loaded_lm_model\":" + (lm ? in_quotes(identity.lm_model) : "null") +
            R"(,"gpus":[],"gpu_mapping":{},"device_map":{})";
  }
  return data + "}";
}

const std::string& model_for(const Identity& identity, const std::string& wanted) {
  const auto found = std::find(identity.others.begin(), identity.others.end(), wanted);
  return found == identity.others.end() ? identity.dit_model : *found;
}

std::string models_body(const Identity& identity, std::int64_t milliseconds) {
  const std::string& model = identity.dit_model;
  if (identity.dialect == Dialect::kFeb08)
    return R"({"object":"list","data":[{"id":)" + in_quotes("acestep/" + model) +
           ",\"name\":" + in_quotes("ACE-Step " + model) +
           ",\"created\":" + std::to_string(milliseconds / 1000 - 2592000) +
           R"(,"input_modalities":["text","audio"],"output_modalities":["audio","text"],"context_length":4096,"max_output_length":300,"pricing":{"prompt":"0","completion":"0","request":"0","image":"0"},"description":"AI music generation model","architecture":null}]})";
  if (identity.dialect == Dialect::kFeb04)
    return wrapped("{\"models\":[{\"name\":" + in_quotes(model) +
                       ",\"is_default\":true}],\"default_model\":" + in_quotes(model) + "}",
                   milliseconds);
  const bool lm = identity.lm == Lm::kPresent && identity.is_initialised;
  if (!identity.lists_models)
    return wrapped(R"({"models":[],"default_model":null,"lm_models":[],"llm_initialized":false})",
                   milliseconds);
  const bool turbo = model.find("turbo") != model.npos;
  std::string others;
  for (const std::string& other : identity.others)
    others += ",{\"name\":" + in_quotes(other) + R"(,"is_default":false,"is_loaded":false})";
  return wrapped(
      "{\"models\":[{\"name\":" + in_quotes(model) + ",\"is_default\":true,\"is_loaded\":" +
          (identity.is_initialised ? "true" : "false") + ",\"supported_task_types\":" +
          (turbo ? R"(["text2music","repaint","cover"])"
                 : R"(["text2music","repaint","cover","extract","lego","complete"])") +
          "}" + others + "],\"default_model\":" + in_quotes(model) + ",\"lm_models\":[{\"name\":" +
          in_quotes(identity.lm_model) + ",\"is_loaded\":" + (lm ? "true" : "false") +
          "}],\"loaded_lm_model\":" + (lm ? in_quotes(identity.lm_model) : "null") +
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
  return "{\"task_id\":" + in_quotes(id) +
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
  const bool bare = !identity.keeps || identity.dialect == Dialect::kFeb04;
  if (bare) item += R"(, "prompt": "", "lyrics": "", "metas": {})";
  if (identity.dialect != Dialect::kFeb04)
    item += ", \"progress\": " + python_float(progress.share) +
            ", \"stage\": " + in_quotes(progress.stage) + (bare ? ", \"error\": null" : "");
  return "[" + item + "}]";
}

std::string failed_item(const Identity& identity, std::int64_t created, std::string_view error) {
  std::string item = begin_of_item("", 2, created);
  if (!identity.keeps) {
    item += R"(, "prompt": "", "lyrics": "", "metas": {})";
    if (identity.dialect != Dialect::kFeb04)
      item += R"(, "progress": 0.79, "stage": "failed", "error": )" + in_quotes(error);
    return "[" + item + "}]";
  }
  if (identity.dialect != Dialect::kFeb04) item += R"(, "progress": 0.0, "stage": "failed")";
  if (identity.dialect == Dialect::kLater) item += ", \"error\": " + in_quotes(error);
  return "[" + item + "}]";
}

std::string succeeded_items(const Identity& identity, const Made& made) {
  const Lm lm = made.asked.is_edit ? Lm::kAbsent : identity.lm;  // as far as this job is concerned
  const Metas metas = metas_of(made.asked, lm);
  std::string seeds;
  for (const std::string& seed : made.seeds) seeds += (seeds.empty() ? "" : ",") + seed;
  const std::string prompt = in_quotes(made.asked.prompt + made.suffix);
  const std::string lyrics = in_quotes(made.asked.lyrics + made.suffix);
  if (!identity.keeps) {
    // The caption that the language model wrote, and little else.
    const bool rewrites = made.asked.rewrites && lm == Lm::kPresent;
    std::string items;
    for (const std::string& file : made.files)
      items += (items.empty() ? "" : ", ") + begin_of_item(file, 1, made.created) +
               ", \"prompt\": " + in_quotes(rewrites ? "(LM) " + made.asked.prompt : "") +
               ", \"lyrics\": " + lyrics + ", \"metas\": {\"bpm\": " + metas.bpm +
               ", \"duration\": " + metas.duration +
               ", \"genres\": \"N/A\", \"keyscale\": " + metas.key +
               ", \"timesignature\": " + metas.signature + "}}";
    return "[" + items + "]";
  }
  const std::string rest =
      ", \"prompt\": " + prompt + ", \"lyrics\": " + lyrics +
      ", \"metas\": {\"bpm\": " + metas.bpm + ", \"duration\": " + metas.duration +
      ", \"genres\": \"N/A\", \"keyscale\": " + metas.key +
      ", \"timesignature\": " + metas.signature + ", \"prompt\": " + prompt +
      ", \"lyrics\": " + lyrics +
      "}, \"generation_info\": " + in_quotes(generation_info(lm, made, metas, seeds)) +
      ", \"seed_value\": " + in_quotes(seeds) + ", \"lm_model\": " + in_quotes(identity.lm_model) +
      ", \"dit_model\": " + in_quotes(identity.dit_model) +
      (identity.dialect == Dialect::kFeb04 ? "" : R"(, "progress": 1.0, "stage": "succeeded")") +
      "}";
  std::string items;
  for (const std::string& file : made.files)
    items += (items.empty() ? "" : ", ") + begin_of_item(file, 1, made.created) + rest;
  return "[" + items + "]";
}

std::string query_entry(std::string_view id_json, std::string_view result, int status,
                        const std::optional<std::string>& progress_text) {
  return "{\"task_id\":" + std::string(id_json) + ",\"result\":" + in_quotes(result) +
         ",\"status\":" + std::to_string(status) +
         (progress_text ? ",\"progress_text\":" + in_quotes(*progress_text) : "") + "}";
}

std::string audio_url(std::string_view path) {
  return "/v1/audio?path=" + percent_encoded(path);
}

std::string extension_for(std::string_view format, Dialect dialect) {
  const std::string lower = infinara::text::lowered(format);
  if (lower == "mp3" || lower == "wav" || lower == "flac") return std::string(format);
  if (dialect == Dialect::kLater && lower == "opus") return "opus";
  if (dialect == Dialect::kLater && lower == "wav32") return "wav";
  return "flac";
}

}  // namespace support

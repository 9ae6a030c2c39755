// SPDX-License-Identifier: Apache-2.0
// How an ACE-Step API server reads what it is sent: orders in three clothes, lists of ids, and all
// that it silently takes for something else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/small_server.hpp"

namespace support {

/// Builds of the server: of 4 and 8 February 2026, and what is known of those after.
enum class Dialect { kFeb04, kFeb08, kLater };
std::optional<Dialect> dialect_named(std::string_view name);

/// Whether its language model is loaded.
enum class Lm { kPresent, kAbsent };

/// An order as the server understood it.
struct Asked {
  std::string prompt;
  std::string lyrics;
  std::optional<int> bpm;
  std::optional<double> duration;
  std::string key;
  std::string time_signature;
  std::string audio_format = "mp3";
  int batch_size = 2;
  int steps = 8;
  bool thinking = false;
  bool needs_lm = false;  // thinking, use_format or sample_mode
  bool rewrites = true;   // use_cot_caption: the language model may change the words
  bool is_edit = false;   // repaint or cover: the language model plans nothing
  std::int64_t seed = -1;
  bool use_random_seed = true;
  std::string model;  // "": the server's own
  std::optional<bool> dcw_enabled;
  double shift = 3;
  std::string ai_token;
  std::string lm_backend = "vllm";
  std::string source_path;  // src_audio_path or reference_audio_path
};

/// The order in a POST to /release_task, or the answer that refuses it.
std::variant<Asked, HttpAnswer> read_order(const HttpRequest& request, Dialect dialect);

/// One entry of task_id_list, as it is to be echoed.
struct AskedId {
  std::string json;  // with its quotes if it is a string
  std::string id;
};
struct AskedIds {
  std::vector<AskedId> ids;
  std::string ai_token;
};
/// The ids in a POST to /query_result; nothing where the server answers 500.
std::optional<AskedIds> read_query(const HttpRequest& request);

}  // namespace support

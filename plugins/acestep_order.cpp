// SPDX-License-Identifier: Apache-2.0
#include "acestep_order.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "text/ascii.hpp"
#include "text/number.hpp"

namespace infinara {
namespace {

std::string from_environment(const std::string& set, const char* name, const char* otherwise) {
  if (!set.empty()) return set;
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

double from_environment(double set, const char* name) {
  if (set > 0) return set;
  return std::max(0.0, text::number<double>(from_environment("", name, "0")).value_or(0));
}

}  // namespace

std::variant<AceStepOrder, std::string> order_of(const AceStepSettings& settings) {
  auto locations = remote::parse_locations(
      from_environment(settings.location, "ACESTEP_API_URL", "http://127.0.0.1:8001"));
  if (auto* trouble = std::get_if<remote::Trouble>(&locations)) return trouble->detail;
  if (!(settings.duration >= 10 && settings.duration <= 600))
    return "the duration is not from 10 to 600 seconds";

  remote::PoolSettings pool;
  pool.servers = std::get<std::vector<std::string>>(std::move(locations));
  pool.key = from_environment(settings.api_key, "ACESTEP_API_KEY", "");
  std::erase_if(pool.key, [](char c) { return g_ascii_isspace(c) || g_ascii_iscntrl(c); });
  pool.output_dir = from_environment(settings.output_dir, "ACESTEP_OUTPUT_DIR", "");
  pool.remote_dir = from_environment(settings.remote_dir, "ACESTEP_REMOTE_DIR", "/app/outputs");
  pool.spool_dir = from_environment(settings.spool_dir, "ACESTEP_SPOOL_DIR", "");
  pool.state_file = from_environment(settings.state_file, "ACESTEP_STATE_FILE", "");

  remote::Wish wish;
  wish.genre = settings.genre.empty() && settings.prompt.empty() && settings.caption.empty()
                   ? "lofi hip hop"
                   : settings.genre;
  wish.prompt = settings.prompt;
  wish.caption = settings.caption;
  wish.lyrics = settings.lyrics;
  wish.duration = settings.duration;
  wish.bpm = static_cast<int>(std::lround(settings.bpm));
  wish.key = settings.key;
  wish.time_signature = settings.time_signature;
  wish.seed = settings.seed;
  wish.model = from_environment(settings.model, "ACESTEP_MODEL", "");
  wish.steps = static_cast<int>(
      std::min(200.0, from_environment(settings.inference_steps, "RADIO_INFERENCE_STEPS")));
  wish.guidance = from_environment(settings.guidance_scale, "RADIO_GUIDANCE_SCALE");
  wish.shift = from_environment(settings.shift, "RADIO_SHIFT");
  wish.format =
      text::lowered(from_environment(settings.audio_format, "RADIO_AUDIO_FORMAT", "flac"));
  if (wish.format != "flac" && wish.format != "mp3" && wish.format != "wav")
    return "the audio format is not flac, mp3 or wav";
  return AceStepOrder{std::move(pool), std::move(wish)};
}

}  // namespace infinara

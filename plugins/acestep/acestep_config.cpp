// SPDX-License-Identifier: Apache-2.0
#include "acestep/acestep_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include "music/genre.hpp"
#include "music/key.hpp"
#include "music/ranges.hpp"
#include "text/ascii.hpp"
#include "text/list.hpp"
#include "text/number.hpp"
#include "text/printable.hpp"

namespace infinara {
namespace {

// A property that is empty or 0 takes its value from an environment variable, as acestepsrc's
// documentation says: under gst-launch it has no station to set it. Nothing else in the plugin
// reads the environment.
struct Setting {
  std::string value;
  std::string name;  // of the property, or of the variable
};

Setting setting_of(const std::string& set, const char* property, const char* variable,
                   const char* otherwise = "") {
  if (!set.empty()) return {set, property};
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? Setting{value, variable}
                                            : Setting{otherwise, property};
}

std::string refusal(const Setting& setting, const std::string& expected) {
  return setting.name + "=" + text::printable(setting.value, 60) + " is not " + expected;
}

std::string expected_one_of(std::string_view value, std::span<const std::string_view> all) {
  if (std::ranges::find(all, value) != all.end()) return {};
  std::string out;
  for (const std::string_view one : all) out += (out.empty() ? "one of " : ", ") + std::string(one);
  return out;
}

constexpr std::array<std::string_view, 4> kTimeSignatures = {"2", "3", "4", "6"};
constexpr int kSlowest = 30, kFastest = 300;  // what ACE-Step documents, beats a minute

}  // namespace

std::string expected_genre(std::string_view value) {
  std::vector<std::string_view> names;
  for (const music::Genre& genre : music::kGenres) names.push_back(genre.name);
  return expected_one_of(value, names);
}

std::string expected_bpm(std::string_view value) {
  const auto bpm = text::number<double>(value);
  if (bpm && (*bpm == 0 || (*bpm >= kSlowest && *bpm <= kFastest))) return {};
  return "a number from " + std::to_string(kSlowest) + " to " + std::to_string(kFastest) + ", or 0";
}

std::string expected_key(std::string_view value) {
  const auto key = music::parse_key(value);
  return key && *key == plain(*key) ? "" : "a key such as A minor, F# major or Bb minor";
}

std::string expected_time_signature(std::string_view value) {
  return expected_one_of(value, kTimeSignatures);
}

std::string expected_audio_format(std::string_view value) {
  return expected_one_of(text::lowered(value), music::kAudioFormats);
}

std::string without_keys(const std::string& location) {
  std::string out;
  for (std::string_view item : text::items_of(location)) {
    const auto host = item.find("://");
    const auto at =
        item.substr(0, item.find_first_of("/?#", host == item.npos ? 0 : host + 3)).rfind('@');
    if (!out.empty()) out += ',';
    if (at != item.npos && host != item.npos) out += item.substr(0, host + 3);
    out += item.substr(at == item.npos ? 0 : at + 1);
  }
  return out;
}

Result<AceStepOrder, std::string> order_of(const AceStepSettings& settings) {
  std::string wrong;  // the first that is
  const auto check = [&](const Setting& setting, const std::string& expected) {
    if (wrong.empty() && !expected.empty()) wrong = refusal(setting, expected);
  };
  const auto number = [&](double set, const char* property, const char* variable, double most) {
    const Setting setting =
        setting_of(set > 0 ? text::shown(set) : std::string(), property, variable, "0");
    const auto value = text::number<double>(setting.value);
    if (value && *value >= 0 && *value <= most) return *value;
    check(setting, "a number from 0 to " + text::shown(most));
    return 0.0;
  };
  const auto text_of = [](const std::string& set, const char* variable, const char* otherwise) {
    return setting_of(set, "", variable, otherwise).value;
  };

  std::string keys = text_of(settings.api_key, "ACESTEP_API_KEY", "");
  std::erase_if(keys, [](char c) { return g_ascii_isspace(c) || g_ascii_iscntrl(c); });
  auto addresses = remote::parse_addresses(
      text_of(settings.addresses, "ACESTEP_API_URL", "http://127.0.0.1:8001"), keys);
  if (!addresses) return addresses.error().detail;
  const auto durations = music::kMadeElsewhere;
  if (!durations.contains(settings.duration))
    check({text::shown(settings.duration), "duration"}, "a number of seconds from " +
                                                            std::to_string(durations.low) + " to " +
                                                            std::to_string(durations.high));

  remote::PoolSettings pool;
  pool.servers = std::move(addresses->servers);
  pool.keys = std::move(addresses->keys);
  pool.output_dir = text_of(settings.output_dir, "ACESTEP_OUTPUT_DIR", "");
  pool.remote_dir = text_of(settings.remote_dir, "ACESTEP_REMOTE_DIR", "/app/outputs");
  pool.spool_dir = text_of(settings.spool_dir, "ACESTEP_SPOOL_DIR", "");
  pool.state_file = text_of(settings.state_file, "ACESTEP_STATE_FILE", "");
  const Setting clean = setting_of(settings.clean ? "on" : "", "clean", "ACESTEP_CLEAN", "off");
  if (clean.value != "on" && clean.value != "off") check(clean, "on or off");
  pool.cleans = clean.value == "on";

  remote::TrackRequest wanted;
  wanted.genre = settings.genre.empty() && settings.prompt.empty() && settings.caption.empty()
                     ? "lofi hip hop"
                     : settings.genre;
  wanted.prompt = settings.prompt;
  wanted.caption = settings.caption;
  wanted.lyrics = settings.lyrics;
  wanted.duration = settings.duration;
  check({text::shown(settings.bpm), "bpm"}, expected_bpm(text::shown(settings.bpm)));
  wanted.bpm = static_cast<int>(std::lround(settings.bpm));
  wanted.key = settings.key;
  if (!settings.time_signature.empty())
    check({settings.time_signature, "time-signature"},
          expected_time_signature(settings.time_signature));
  wanted.time_signature = settings.time_signature;
  wanted.seed = settings.seed;
  wanted.model = text_of(settings.model, "ACESTEP_MODEL", "");
  wanted.steps = static_cast<int>(number(settings.inference_steps, "inference-steps",
                                         "RADIO_INFERENCE_STEPS", music::kInferenceSteps.high));
  wanted.guidance = number(settings.guidance_scale, "guidance-scale", "RADIO_GUIDANCE_SCALE",
                           music::kGuidanceScales.high);
  wanted.shift = number(settings.shift, "shift", "RADIO_SHIFT", music::kShifts.high);
  const Setting format = setting_of(settings.audio_format, "audio-format", "RADIO_AUDIO_FORMAT",
                                    music::kAudioFormats[0].data());
  check(format, expected_audio_format(format.value));
  wanted.format = text::lowered(format.value);
  if (!wrong.empty()) return wrong;
  return AceStepOrder{std::move(pool), std::move(wanted)};
}

}  // namespace infinara

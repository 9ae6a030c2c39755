// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <arpa/inet.h>
#include <glib.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/settings.hpp"
#include "text/list.hpp"
#include "text/printable.hpp"

namespace infinara::config {
namespace {

/// `text` in lines of at most 80 columns, each indented by `indent`, broken at spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t room = 80 - indent;
    const auto space = text.size() <= room ? text.size() : text.rfind(' ', room);
    const auto end = space == text.npos ? text.size() : space;
    lines += std::string(indent, ' ') + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return lines;
}

/// In the form that help2man makes a manual page of.
std::string help() {
  std::string text =
      "Usage: infinara [--OPTION=VALUE]...\n"
      "An endless radio that composes its own music.\n\n";
  text += wrapped(
      "Each option may be given as an environment variable instead, which is named behind it with "
      "its default. An option comes before its variable.",
      0);
  text += "\nOptions:\n";
  for (const auto& setting : settings()) {
    text += "  --" + std::string(setting.option) + "=VALUE\n";
    text += wrapped(std::string(setting.meaning) + "; " + setting.range() + " (" +
                        setting.variable + "=" + setting.initial() + ")",
                    8);
  }
  return text +
         "  --print-settings\n"
         "        print the settings as a file of variables, for systemd and Docker Compose\n"
         "  --help\n        print this text\n"
         "  --version\n        print the version\n";
}

/// Lines for a file of environment variables, as systemd and Docker Compose read it. Each is a
/// comment until somebody changes it.
std::string environment_file() {
  std::string text = "# The settings of Infinara. Remove the # before one to change it.\n";
  for (const auto& setting : settings())
    text += "\n# " + std::string(setting.meaning) + "; " + setting.range() + "\n#" +
            setting.variable + "=" + setting.initial() + "\n";
  return text;
}

Say wrong(std::string sentence) {
  return {std::move(sentence) + "\n", 2};
}

std::string in_quotes(std::string_view value) {
  return "\"" + text::printable(value) + "\"";
}

/// A key is not for the eyes of a log, nor is an address that may have a password in it.
std::string in_quotes(const Setting& setting, std::string_view value) {
  const std::string_view variable = setting.variable;
  const bool is_secret = std::holds_alternative<Secret>(setting.kind) ||
                         variable.ends_with("_KEY") || variable == "RADIO_TURN_SERVER";
  const bool may_have_one =
      std::holds_alternative<Urls>(setting.kind) && value.find_first_of("@?") != value.npos;
  return is_secret || may_have_one ? "(not shown)" : in_quotes(value);
}

}  // namespace

std::variant<Config, Say> configure(std::span<const char* const> arguments,
                                    const Environment& environment) {
  Config config;
  for (const auto& setting : settings()) {
    const char* value = environment(setting.variable);
    if (value == nullptr || *value == '\0') continue;
    if (!setting.read(value, config))
      return wrong(std::string(setting.variable) + "=" + in_quotes(setting, value) + ": must be " +
                   setting.range());
    config.explicitly_set.insert(setting.variable);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") return Say{help(), 0};
    if (argument == "--print-settings") return Say{environment_file(), 0};
    if (argument == "--version") return Say{"infinara " VERSION "\n", 0};
    const auto equals = argument.find('=');
    const auto found = std::ranges::find_if(settings(), [&](const Setting& setting) {
      return argument.starts_with("--") &&
             argument.substr(2, equals == argument.npos ? equals : equals - 2) == setting.option;
    });
    if (found == settings().end())
      return wrong(in_quotes(argument) + ": no such option; --help lists them");
    const std::string option = "--" + std::string(found->option);
    if (equals == argument.npos && i + 1 == arguments.size())
      return wrong(option + ": a value is missing: " + found->range());
    const std::string_view value =
        equals == argument.npos ? arguments[++i] : argument.substr(equals + 1);
    if (!found->read(value, config))
      return wrong(option + "=" + in_quotes(*found, value) + " (" + found->variable +
                   "): must be " + found->range());
    config.explicitly_set.insert(found->variable);
  }
  if (config.dj.dwell_min > config.dj.dwell_max)
    return wrong(
        "RADIO_DWELL_MIN=" + in_quotes(show(config.dj.dwell_min)) +
        ": must be seconds from 1 to RADIO_DWELL_MAX=" + in_quotes(show(config.dj.dwell_max)));
  const auto durations = track_durations(config.acestep);
  if (config.dj.track_duration != 0 && !durations.contains(config.dj.track_duration))
    return wrong("RADIO_TRACK_DURATION=" + in_quotes(show(config.dj.track_duration)) +
                 ": must be auto or a whole number from " + show(durations.low) + " to " +
                 show(durations.high) + " with ACESTEP_API_URL");
  return config;
}

void restore(const std::map<std::string, std::string>& changed, Config& config) {
  for (const auto& [variable, value] : changed) {
    const auto setting = std::ranges::find(settings(), variable, &Setting::variable);
    if (setting == settings().end() || config.explicitly_set.contains(variable)) continue;
    Config with = config;
    if (setting->read(value, with) &&
        (with.dj.track_duration == 0 ||
         track_durations(with.acestep).contains(with.dj.track_duration)))
      config = std::move(with);
  }
}

std::string state_folder(const Config& config, const Environment& environment) {
  if (!config.state.folder.empty()) return config.state.folder;
  if (const char* folders = environment("STATE_DIRECTORY"); folders != nullptr && *folders != '\0')
    return std::string(std::string_view(folders).substr(0, std::string_view(folders).find(':')));
  return std::string(g_get_user_state_dir()) + "/infinara";
}

music::Range<int> track_durations(const AceStep& acestep) {
  return acestep.url.empty() ? music::kTrackDurations : music::kMadeElsewhere;
}

std::vector<std::string> webrtc_addresses(const Config& config) {
  if (!config.webrtc.addresses.empty()) {
    const auto items = text::items_of(config.webrtc.addresses);
    return {items.begin(), items.end()};
  }
  // A station that keeps to one address does so with all it sends.
  const std::string& address = config.http.address;
  if (address == "localhost") return {"127.0.0.1"};
  in6_addr any{};
  const bool one = address != "0.0.0.0" && address != "::" &&
                   (::inet_pton(AF_INET, address.c_str(), &any) == 1 ||
                    ::inet_pton(AF_INET6, address.c_str(), &any) == 1);
  return one ? std::vector{address} : std::vector<std::string>{};
}

std::string acestep_state_file(const Config& config, const Environment& environment) {
  if (!config.acestep.state_file.empty()) return config.acestep.state_file;
  return state_folder(config, environment) + "/acestep-" + std::to_string(config.http.port) +
         ".json";
}

void forget_variables() {
  for (const auto& setting : settings()) ::unsetenv(setting.variable);
}

}  // namespace infinara::config

// SPDX-License-Identifier: Apache-2.0
// The table of settings: it drives the reading, the errors and --help.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/setting_kinds.hpp"

namespace infinara::config {

struct Setting {
  std::string_view option;
  const char* variable;
  std::string_view meaning;
  std::variant<Whole, WholeOrAuto, Number, Seed, Switch, OneOf, Urls, Addresses, Proxies, Url,
               IceServer, Secret, FileOf<Secret>, Text, FileOf<Text>>
      kind;

  std::string range() const {
    return std::visit([](const auto& kind) { return kind.range(); }, kind);
  }
  std::string initial() const {
    return std::visit([](const auto& kind) { return kind.initial(); }, kind);
  }
  bool read(std::string_view text, Config& config) const {
    return std::visit([&](const auto& kind) { return kind.read(text, config); }, kind);
  }
};

const std::vector<Setting>& settings();

}  // namespace infinara::config

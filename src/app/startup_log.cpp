// SPDX-License-Identifier: Apache-2.0
#include "app/startup_log.hpp"

#include <unistd.h>

#include <string>
#include <string_view>

#include "log/log.hpp"
#include "posix/addresses.hpp"
#include "station/outputs.hpp"

namespace infinara::app {
namespace {

/// A variable with the station's prefix that config::forget_variables() has left was misspelt.
void log_unknown_variables() {
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry(*each);
    if (entry.starts_with("RADIO_"))
      log::line("  " + std::string(entry.substr(0, entry.find('='))) +
                " is no setting; --help lists those there are");
  }
}

}  // namespace

void log_start(const config::Config& config, int port) {
  log::line(config.streams.name + " goes on air");
  for (const auto& url : posix::urls(config.http.address, port))
    log::line("  page " + url + "/   stream " + url + std::string(station::kOutputs.front().path));
  if (!config.acestep.url.empty())
    log::line("  ACE-Step " + config.acestep.url +
              "; the house band plays until its first track is there");
  if (config.webrtc.on)
    for (const auto& address : webrtc_addresses(config))
      if (!posix::is_here(address))
        log::line("  no WebRTC by " + address + ": this machine has no such address");
  log_unknown_variables();
  if (!config.ollama.url.empty()) log::line("OLLAMA_URL is not used by this version");
}

}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
#include "app/app.hpp"

#include <gst/gst.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "app/end_signals.hpp"
#include "app/http_server.hpp"
#include "app/plugin_lookup.hpp"
#include "app/process.hpp"
#include "app/service_manager.hpp"
#include "app/startup_log.hpp"
#include "gstpp/ref.hpp"
#include "http/public_url.hpp"
#include "log/log.hpp"
#include "memory/memory.hpp"
#include "station/pipeline.hpp"
#include "station/station.hpp"
#include "webrtc/peers.hpp"

namespace infinara::app {
namespace {

// Connections beside those of listeners: pages, the API, requests whose head has not arrived yet.
constexpr std::size_t kOtherConnections = 5000;

door::Settings door_settings(const config::Http& http, int max_listeners) {
  door::Settings settings;
  settings.address = http.address;
  settings.port = http.port;
  settings.highest_descriptor = raise_descriptor_limit();
  settings.most_connections = static_cast<std::size_t>(max_listeners) + kOtherConnections;
  settings.most_per_address = static_cast<std::size_t>(http.max_per_address);
  settings.trusted = door::AddressRanges::read(http.trusted_proxies).value();
  return settings;
}

webrtc::PeersSettings peers_settings(const config::Config& config) {
  return {.on = config.webrtc.on,
          .most = config.webrtc.max_peers,
          .most_per_address = config.http.max_per_address,
          .addresses = config::webrtc_addresses(config),
          .log = [](const std::string& fact) { log::line(fact); },
          .stun = config.webrtc.stun_server,
          .turn = config.webrtc.turn_server,
          .fast_path = config.webrtc.fast_path};
}

station::Settings station_settings(const config::Config& config, memory::Memory& memory) {
  config::Config restored = config;
  config::restore(memory.settings(), restored);
  station::Settings settings{restored.streams, restored.dj, restored.acestep,
                             peers_settings(restored)};
  settings.acestep.state_file = config::acestep_state_file(config, std::getenv);
  settings.last_track_id = memory.last_id();
  settings.on_air = [&memory](const music::Track& track, std::int64_t began) {
    memory.remember(track, began);
  };
  settings.joined = [&memory](const onair::Join& join) {
    const auto known = [](auto value) { return value >= 0 ? std::optional(value) : std::nullopt; };
    memory.remember_join(join.to, {.from = join.from,
                                   .dip = join.dip,
                                   .rise = join.rise,
                                   .basses = join.basses,
                                   .beats_apart = known(join.beats_apart),
                                   .fifths = known(join.fifths)});
  };
  return settings;
}

}  // namespace

int run(const config::Config& config) {
  const EndSignals end_signals;
  memory::Memory memory({.folder = config::state_folder(config, std::getenv),
                         .max_tracks = static_cast<std::size_t>(config.state.history_size),
                         .log = [](const std::string& fact) { log::line(fact); }});
  station::Station station(station_settings(config, memory), station::station_launch());
  HttpServer server({.door = door_settings(config.http, config.streams.max_listeners),
                     .public_url = http::read_public_url(config.http.public_url),
                     .api = {.explicitly_set = config.explicitly_set,
                             .secrets = {.listen_password = config.http.listen_password,
                                         .control_token = config.http.control_token},
                             .limits = {.skip_seconds = config.http.skip_interval,
                                        .per_minute = config.http.changes_per_minute}}},
                    station, memory, station.peers(),
                    [&](door::AcceptedRequest accepted) { station.listen(std::move(accepted)); });
  log_start(config, server.port());
  if (const auto fault = memory.fault(); !fault.empty())
    log::line("  memory: " + fault + "; history, ratings and settings last until the end (" +
              config::state_folder(config, std::getenv) + ", RADIO_STATE_DIR chooses another)");

  gst_init(nullptr, nullptr);
  find_plugin();
  if (const auto why = config.webrtc.on ? webrtc::why_unavailable() : ""; !why.empty())
    log::line("  no WebRTC: " + why);
  station.start();

  const ServiceManager service_manager([&] { return station.health(); });
  const auto loop = gstpp::Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE));
  end_signals.quit(loop);
  g_main_loop_run(loop);
  log::line("off air");
  log::flush();
  return 0;
}

const char* variable_of(const door::CannotListen& error) {
  return error.error() == EADDRINUSE || error.error() == EACCES ? "RADIO_PORT" : "RADIO_ADDRESS";
}

}  // namespace infinara::app

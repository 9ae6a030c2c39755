// SPDX-License-Identifier: Apache-2.0
#include "app/app.hpp"

#include <gst/gst.h>

#include <cerrno>
#include <utility>

#include "app/end_signals.hpp"
#include "app/http_server.hpp"
#include "app/plugin_lookup.hpp"
#include "app/process.hpp"
#include "app/startup_log.hpp"
#include "gstpp/ref.hpp"
#include "http/public_url.hpp"
#include "log/log.hpp"
#include "station/pipeline.hpp"
#include "station/station.hpp"

namespace infinara::app {
namespace {

// Connections beside those of listeners: pages, the API, requests whose head has not arrived yet.
constexpr std::size_t kOtherConnections = 5000;

door::Settings door_settings(const config::Config& config) {
  door::Settings settings;
  settings.address = config.address;
  settings.port = config.port;
  settings.highest_descriptor = raise_descriptor_limit();
  settings.most_connections = static_cast<std::size_t>(config.max_listeners) + kOtherConnections;
  settings.most_per_address = static_cast<std::size_t>(config.max_per_address);
  settings.trusted = door::AddressRanges::read(config.trusted_proxies).value();
  return settings;
}

}  // namespace

int run(const config::Config& config) {
  const EndSignals end_signals;
  station::Station station(config, station::station_launch());
  HttpServer server(
      door_settings(config), station, station.peers(),
      [&](door::AcceptedRequest accepted) { station.listen(std::move(accepted)); },
      http::read_public_url(config.public_url));
  log_start(config, server.port());

  gst_init(nullptr, nullptr);
  find_plugin();
  station.start();

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

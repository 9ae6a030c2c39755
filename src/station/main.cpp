// SPDX-License-Identifier: Apache-2.0
// infinara: reads its settings, opens the door, goes on air and stays there until told to end.
#include <fcntl.h>
#include <glib-unix.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "log/log.hpp"
#include "posix/addresses.hpp"
#include "station/http_server.hpp"
#include "station/leave.hpp"
#include "station/station.hpp"

namespace infinara::station {
namespace {

/// Started without them, it would give the numbers of standard input, output and error to its first
/// sockets, and what is printed would go there.
void hold_standard_streams() {
  int free = 0;
  while (free >= 0 && free <= STDERR_FILENO) free = ::open("/dev/null", O_RDWR);
  if (free >= 0) ::close(free);
}

/// The signals that end it. Who has it ignore the end of its terminal, as nohup does, means it.
std::vector<int> endings() {
  std::vector<int> all{SIGTERM, SIGINT};
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    all.push_back(SIGHUP);
  return all;
}

/// Every listener is a descriptor. Returns the highest that a connection may have: music must not
/// stop for want of one.
int raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return INT_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t own = std::min<rlim_t>(256, limit.rlim_cur / 4);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - own, INT_MAX));
}

// Connections beside listeners: pages, the API, heads that are still on their way.
constexpr std::size_t kOthers = 5000;

/// Run straight from its build folder, or installed beside a GStreamer elsewhere, the program knows
/// where its elements are.
void find_plugin() {
  std::error_code none;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
  for (const std::filesystem::path& folder :
       {self / ".." / ".." / "plugins", std::filesystem::path(PLUGIN_FOLDER)}) {
    const auto factory = gstpp::Ref<GstElementFactory>::adopt(gst_element_factory_find("mooddj"));
    if (factory) return;
    if (std::filesystem::exists(folder / "libgstinfinara.so", none))
      gst_registry_scan_path(gst_registry_get(), folder.lexically_normal().c_str());
  }
}

/// What forget_variables() has left of the station's prefix was misspelt.
void tell_unknown_variables() {
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view entry(*each);
    if (entry.starts_with("RADIO_"))
      log::line("  " + std::string(entry.substr(0, entry.find('='))) +
                " is no setting; --help lists those there are");
  }
}

/// The last resort against an element that does not stop: the end comes within a second anyhow.
void end_soon() {
  ::signal(SIGALRM, [](int) { ::_exit(0); });
  const itimerval soon{{0, 0}, {0, 900'000}};
  ::setitimer(ITIMER_REAL, &soon, nullptr);
}

int run(const config::Config& config) {
  const std::vector<int> endings = station::endings();
  // Until the main loop runs there is nothing to tidy up.
  for (const int end : endings) ::signal(end, [](int) { ::_exit(0); });
  ::signal(SIGPIPE, SIG_IGN);

  Station station(config, station_launch());
  door::Settings settings;
  settings.address = config.address;
  settings.port = config.port;
  settings.highest_descriptor = raise_descriptor_limit();
  settings.most_connections = static_cast<std::size_t>(config.max_listeners) + kOthers;
  settings.most_per_address = static_cast<std::size_t>(config.max_per_address);
  settings.trusted = door::AddressRanges::read(config.trusted_proxies).value();
  HttpServer server(
      settings, station, station.peers(),
      [&](door::AcceptedRequest accepted) { station.listen(std::move(accepted)); },
      http::read_public_url(config.public_url));
  log::line(config.name + " goes on air");
  for (const auto& url : posix::urls(config.address, server.port()))
    log::line("  page " + url + "/   stream " + url + "/stream");
  if (!config.acestep_url.empty())
    log::line("  ACE-Step " + config.acestep_url +
              "; the house band plays until its first track is there");
  if (config.webrtc)
    for (const auto& address : webrtc_addresses(config))
      if (!posix::is_here(address))
        log::line("  no WebRTC by " + address + ": this machine has no such address");
  tell_unknown_variables();
  if (!config.ollama_url.empty()) log::line("OLLAMA_URL is not used by this version");

  gst_init(nullptr, nullptr);
  find_plugin();
  station.start();

  const auto loop = gstpp::Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE));
  for (const int end : endings)
    g_unix_signal_add(
        end,
        [](gpointer loop) -> gboolean {
          end_soon();
          g_main_loop_quit(static_cast<GMainLoop*>(loop));
          return G_SOURCE_CONTINUE;
        },
        loop.get());
  g_main_loop_run(loop);
  log::line("off air");
  log::flush();
  return 0;
}

}  // namespace
}  // namespace infinara::station

int main(int argc, char** argv) {
  using namespace infinara;
  station::hold_standard_streams();
  ::mallopt(M_ARENA_MAX, 2);  // HACKING.md, "Two heaps"
  const auto configured = config::configure(
      std::span(argv + 1, argv + argc), [](const char* variable) { return std::getenv(variable); });
  if (const auto* say = std::get_if<config::Say>(&configured)) {
    std::fputs(say->text.c_str(), say->code == 0 ? stdout : stderr);
    return say->code;
  }
  config::forget_variables();
  try {
    station::leave(station::run(std::get<config::Config>(configured)));
  } catch (const door::CannotListen& error) {
    std::fprintf(
        stderr, "%s (%s chooses another)\n", error.what(),
        error.error() == EADDRINUSE || error.error() == EACCES ? "RADIO_PORT" : "RADIO_ADDRESS");
  } catch (const station::CannotPlay& error) {
    log::flush();
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}

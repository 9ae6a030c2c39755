// SPDX-License-Identifier: Apache-2.0
#include "app/end_signals.hpp"

#include <glib-unix.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

namespace infinara::app {
namespace {

void start_watchdog() {
  ::signal(SIGALRM, [](int) { ::_exit(0); });
  const itimerval soon{{0, 0}, {0, 900'000}};
  ::setitimer(ITIMER_REAL, &soon, nullptr);
}

}  // namespace

EndSignals::EndSignals() : signals_{SIGTERM, SIGINT} {
  struct sigaction hangup {};
  if (::sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
    signals_.push_back(SIGHUP);
  for (const int signal : signals_) ::signal(signal, [](int) { ::_exit(0); });
  ::signal(SIGPIPE, SIG_IGN);
}

void EndSignals::quit(GMainLoop* loop) const {
  for (const int signal : signals_)
    g_unix_signal_add(
        signal,
        [](gpointer loop) -> gboolean {
          start_watchdog();
          g_main_loop_quit(static_cast<GMainLoop*>(loop));
          return G_SOURCE_CONTINUE;
        },
        loop);
}

}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
// The signals that end the program: SIGTERM, SIGINT and, unless it was started by nohup, SIGHUP.
#pragma once

#include <glib.h>

#include <vector>

namespace infinara::app {

class EndSignals {
 public:
  /// From now on one of the signals ends the process at once: until the main loop runs there is
  /// nothing to tidy up. SIGPIPE is ignored. Main thread, before other threads start.
  EndSignals();

  /// From now on one of the signals quits `loop`, which runs in the default main context and
  /// outlives its sources. A watchdog ends the process 0.9 s later, even if an element refuses to
  /// stop.
  void quit(GMainLoop* loop) const;

 private:
  std::vector<int> signals_;
};

}  // namespace infinara::app

// SPDX-License-Identifier: Apache-2.0
// What systemd is told when it started the program (sd_notify(3)). Started by anything else, the
// program tells nothing.
#pragma once

#include <functional>
#include <string>

#include "station/radio.hpp"

namespace infinara::app {

/// What to tell, one look at the station after the other.
class ServiceState {
 public:
  /// Lines of assignments as sd_notify takes them; empty if there is nothing to tell. READY=1 comes
  /// once, with the first music. WATCHDOG=1 comes whenever the programme moved on since the look
  /// before, so that systemd restarts a station that stands still. STATUS= comes when it changes.
  std::string after(const station::Health& health);

 private:
  bool is_ready_ = false;
  double position_ = 0;
  std::string status_;
};

/// Looks at the station once a second and tells systemd; tells it at the end that the service
/// stops. Main thread, default main context.
class ServiceManager {
 public:
  explicit ServiceManager(std::function<station::Health()> health);
  ~ServiceManager();

  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

 private:
  std::function<station::Health()> health_;
  ServiceState state_;
  unsigned source_ = 0;
};

}  // namespace infinara::app

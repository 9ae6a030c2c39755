// SPDX-License-Identifier: Apache-2.0
#include "app/service_manager.hpp"

#include <glib.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <utility>

#include "text/printable.hpp"

namespace infinara::app {

std::string ServiceState::after(const station::Health& health) {
  std::string told;
  if (health.good && !is_ready_) {
    told += "READY=1\n";
    is_ready_ = true;
  }
  if (health.good && health.position > position_) told += "WATCHDOG=1\n";
  position_ = health.position;
  const auto status = health.good ? std::string("on air") : text::printable(health.reason);
  if (status != status_) told += "STATUS=" + status + "\n";
  status_ = status;
  return told;
}

ServiceManager::ServiceManager(std::function<station::Health()> health)
    : health_(std::move(health)) {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return;
  const auto look = [](gpointer data) -> gboolean {
    auto* self = static_cast<ServiceManager*>(data);
    const auto told = self->state_.after(self->health_());
    if (!told.empty()) sd_notify(0, told.c_str());
    return G_SOURCE_CONTINUE;
  };
  source_ = g_timeout_add_seconds(1, look, this);
}

ServiceManager::~ServiceManager() {
  if (source_ == 0) return;
  g_source_remove(source_);
  sd_notify(0, "STOPPING=1");
}

}  // namespace infinara::app

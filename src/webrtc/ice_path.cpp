// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice_path.hpp"

#include <gio/gio.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

#include "gstpp/optional_property.hpp"

namespace infinara::webrtc {

bool watches_consent(GObject* agent) {
  gboolean watches = FALSE;
  if (gstpp::has(agent, "consent-freshness", G_TYPE_BOOLEAN))
    g_object_get(agent, "consent-freshness", &watches, nullptr);
  return watches != FALSE;
}

std::optional<IcePath> IcePath::of(GstElement* nicesink) {
  if (nicesink == nullptr || !gstpp::has(G_OBJECT(nicesink), "agent", NICE_TYPE_AGENT)) return {};
  IcePath path;
  g_object_get(nicesink, "agent", path.agent.out(), nullptr);
  path.stream = static_cast<guint>(std::max(gstpp::number_of(G_OBJECT(nicesink), "stream"), 0));
  path.component =
      static_cast<guint>(std::max(gstpp::number_of(G_OBJECT(nicesink), "component"), 0));
  if (!path.agent || path.stream == 0 || path.component == 0) return {};
  return path;
}

bool IcePath::send(std::span<const std::uint8_t> datagram) const {
  return nice_agent_send(agent, stream, component, static_cast<guint>(datagram.size()),
                         reinterpret_cast<const gchar*>(datagram.data())) ==
         static_cast<gint>(datagram.size());
}

std::optional<std::int64_t> IcePath::last_read() const {
  const auto socket =
      gstpp::Ref<GSocket>::adopt(nice_agent_get_selected_socket(agent, stream, component));
  if (!socket || g_socket_get_socket_type(socket) != G_SOCKET_TYPE_DATAGRAM) return {};
  timeval read{};
  if (::ioctl(g_socket_get_fd(socket), SIOCGSTAMP, &read) != 0)
    return errno == ENOENT ? std::optional<std::int64_t>(0)
                           : std::nullopt;  // none since first asked
  return std::int64_t{read.tv_sec} * 1'000'000 + read.tv_usec;
}

}  // namespace infinara::webrtc

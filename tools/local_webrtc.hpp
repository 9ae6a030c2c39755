// SPDX-License-Identifier: Apache-2.0
// webrtcbin for both ends of a connection inside of one machine.
#pragma once

#include <gst/gst.h>

#include "gstpp/ref.hpp"

/// No TCP, no router is asked for anything, and unless `wide` no address but 127.0.0.1. To be
/// called before the webrtcbin leaves NULL.
inline void keep_local(GstElement* webrtcbin, bool wide = false) {
  gstpp::Ref<GObject> ice, agent;
  g_object_get(webrtcbin, "ice-agent", ice.out(), nullptr);
  g_object_get(ice, "agent", agent.out(), nullptr);
  g_object_set(ice, "ice-tcp", FALSE, nullptr);
  g_object_set(agent, "upnp", FALSE, nullptr);
  gboolean taken = FALSE;
  if (!wide) g_signal_emit_by_name(ice, "add-local-ip-address", "127.0.0.1", &taken);
}

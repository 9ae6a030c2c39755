// SPDX-License-Identifier: Apache-2.0
#include <gst/gst.h>

#include "elements.hpp"

#define PACKAGE "infinara"

namespace {

gboolean plugin_init(GstPlugin* plugin) {
  using namespace infinara;
  return register_acestepsrc(plugin) && register_housebandsrc(plugin) && register_mooddj(plugin) &&
         register_trackgain(plugin) && register_smoothstepmix(plugin) &&
         register_httpbroadcastsink(plugin);
}

}  // namespace

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, infinara,
                  "Infinara, a radio that never ends: sources, DJ, crossfade and listeners",
                  plugin_init, VERSION, "Apache 2.0", "infinara", "Infinara")

// SPDX-License-Identifier: Apache-2.0
#include <gst/gst.h>

#include <algorithm>

#include "elements.hpp"

#define PACKAGE "infinara"

namespace {

gboolean plugin_init(GstPlugin* plugin) {
  return std::ranges::all_of(infinara::kElements,
                             [plugin](auto registers) { return registers(plugin); });
}

}  // namespace

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, infinara,
                  "Infinara, a radio that never ends: sources, DJ, crossfade and listeners",
                  plugin_init, VERSION, "Apache 2.0", "infinara", "Infinara")

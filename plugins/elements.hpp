// SPDX-License-Identifier: Apache-2.0
// The elements of the plugin, each registered by its own file, in signal-flow order.
#pragma once

#include <gst/gst.h>

namespace infinara {

bool register_acestepsrc(GstPlugin* plugin);
bool register_housebandsrc(GstPlugin* plugin);
bool register_mooddj(GstPlugin* plugin);
bool register_trackgain(GstPlugin* plugin);
bool register_smoothstepmix(GstPlugin* plugin);
bool register_httpbroadcastsink(GstPlugin* plugin);

}  // namespace infinara

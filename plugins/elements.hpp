// SPDX-License-Identifier: Apache-2.0
// The elements of the plugin, each registered by its own file, in signal-flow order.
#pragma once

#include <gst/gst.h>

#include <array>

namespace infinara {

bool register_acestepsrc(GstPlugin* plugin);
bool register_housebandsrc(GstPlugin* plugin);
bool register_mooddj(GstPlugin* plugin);
bool register_trackgain(GstPlugin* plugin);
bool register_smoothstepmix(GstPlugin* plugin);
bool register_httpbroadcastsink(GstPlugin* plugin);

inline constexpr std::array kElements{register_acestepsrc,    register_housebandsrc,
                                      register_mooddj,        register_trackgain,
                                      register_smoothstepmix, register_httpbroadcastsink};

}  // namespace infinara

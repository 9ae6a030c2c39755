// SPDX-License-Identifier: Apache-2.0
// Finds libgstinfinara.so where GStreamer itself does not look.
#pragma once

namespace infinara::app {

/// Registers the plugin from the build folder that holds the program, or from the folder it was
/// installed to, unless GStreamer knows its elements already. Call after gst_init().
void find_plugin();

}  // namespace infinara::app

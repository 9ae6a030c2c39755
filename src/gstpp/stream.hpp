// SPDX-License-Identifier: Apache-2.0
// The way that a stream takes to a pad.
#pragma once

#include <gst/gst.h>

namespace gstpp {

/// Whether the thread that pushes into the sink pad `pad` has been told to stop: a pad between that
/// thread's task and `pad` is flushing or deactivated, or is no longer linked. GStreamer tells this
/// to nobody downstream, so an element whose chain function waits has to look, or setting a source
/// to NULL waits for it. Any thread; takes the object locks of pads and elements upstream, one at a
/// time.
bool is_cut_off(GstPad* pad);

}  // namespace gstpp

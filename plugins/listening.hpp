// SPDX-License-Identifier: Apache-2.0
// Listeners in the words of GStreamer: what one asked for, and how all of them are.
#pragma once

#include <gst/gst.h>

#include "cast/broadcaster.hpp"
#include "door/door.hpp"
#include "gstpp/ref.hpp"

namespace infinara {

/// From a client at the element's own port.
cast::StreamRequest stream_request_of(const door::AcceptedRequest& accepted);
/// From the structure `listener` that an application gives with a socket.
cast::StreamRequest stream_request_of(const GstStructure* request);

/// The property `stats`. `broadcaster` may be nullptr.
gstpp::Structure stats_of(const cast::Broadcaster* broadcaster, cast::Seconds delay);

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// Listeners in the words of GStreamer: what one asked for, and how all of them are.
#pragma once

#include <gst/gst.h>

#include "cast/writer.hpp"
#include "door/door.hpp"
#include "gstpp/ref.hpp"

namespace infinara {

/// From a client at the element's own port.
cast::Asked asked_of(const door::AcceptedRequest& accepted);
/// From the structure `listener` that an application gives with a socket.
cast::Asked asked_of(const GstStructure* request);

/// The property `stats`. `writer` may be nullptr.
gstpp::Structure stats_of(const cast::Writer* writer, cast::Seconds delay);

}  // namespace infinara

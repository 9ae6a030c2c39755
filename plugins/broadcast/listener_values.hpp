// SPDX-License-Identifier: Apache-2.0
// Listeners between the broadcaster's values and those that leave the element.
#pragma once

#include "cast/broadcaster.hpp"
#include "door/door.hpp"
#include "onair/listener_structs.hpp"

namespace infinara {

/// From a client at the element's own port.
cast::StreamRequest stream_request_of(const door::AcceptedRequest& accepted);
/// From what an application gives with a socket.
cast::StreamRequest stream_request_of(const onair::ListenerRequest& request);

/// At most 100 listeners are listed. The delay is left at 0: the element knows it.
onair::StreamStats stats_of(const cast::Broadcaster& broadcaster);

}  // namespace infinara

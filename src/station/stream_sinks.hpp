// SPDX-License-Identifier: Apache-2.0
// The elements that send a stream: who is handed to them, and what they count.
#pragma once

#include <gst/gst.h>

#include <array>
#include <string_view>

#include "door/door.hpp"
#include "gstpp/ref.hpp"
#include "station/radio.hpp"

namespace infinara::station {

/// An httpbroadcastsink for each of kStreamPaths. Any thread, as all below.
using Streams = std::array<gstpp::Ref<GstElement>, kStreamPaths.size()>;

void hand_over(GstElement* stream, door::AcceptedRequest accepted);

Stream told_by(GstElement* stream, std::string_view path, Detail detail);

/// On all of them together: who listens now, and how many have been let go.
unsigned listeners_of(const Streams& streams);
unsigned dropped_of(const Streams& streams);

}  // namespace infinara::station

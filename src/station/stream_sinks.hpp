// SPDX-License-Identifier: Apache-2.0
// The elements that send the outputs: adds listeners to them and reads their counters.
#pragma once

#include <gst/gst.h>

#include <array>
#include <optional>
#include <string_view>

#include "door/door.hpp"
#include "gstpp/ref.hpp"
#include "station/outputs.hpp"
#include "station/radio.hpp"

namespace infinara::station {

/// An httpbroadcastsink for each of kOutputs, in their order. Any thread, as all below.
using StreamSinks = std::array<gstpp::Ref<GstElement>, kOutputs.size()>;

/// Hands the client's socket to the sink, which answers it.
void add_listener(GstElement* sink, door::AcceptedRequest accepted);

/// Where the listener begins that came with this `?listener=`, at any of the sinks.
std::optional<Samples> position_of(const StreamSinks& sinks, std::string_view listener);

/// Stream::most_listeners is left at 0.
Stream stream_of(GstElement* sink, const Output& output, Detail detail);

/// Of all sinks together: listeners now, and those disconnected since the start.
unsigned listeners_of(const StreamSinks& sinks);
unsigned dropped_of(const StreamSinks& sinks);

}  // namespace infinara::station

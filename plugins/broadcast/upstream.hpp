// SPDX-License-Identifier: Apache-2.0
// What lies upstream of a sink.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gstpp/ref.hpp"

namespace infinara {

/// The sink pads that `element` has now.
std::vector<gstpp::Ref<GstPad>> inputs_of(GstElement* element);

/// The nearest muxer upstream of `sink`, through elements of one input and through bins; null if
/// there is none. For the sink's streaming thread or a state change.
gstpp::Ref<GstElement> muxer_before(GstPad* sink);

}  // namespace infinara

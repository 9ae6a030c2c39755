// SPDX-License-Identifier: Apache-2.0
// What came about in the mix, in the words of smoothstepmix's element messages.
#pragma once

#include <gst/gst.h>

#include "sound/mix.hpp"

namespace infinara {

/// The caller owns it.
GstStructure* structure_of(const sound::News& news);

}  // namespace infinara

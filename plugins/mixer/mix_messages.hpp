// SPDX-License-Identifier: Apache-2.0
// What came about in the mix, in the words of smoothstepmix's element messages.
#pragma once

#include <gst/gst.h>

#include "sound/mix.hpp"

namespace infinara {

/// `tags` (may be null) are those of the track that the news is of. The caller owns the structure.
GstStructure* structure_of(const sound::News& news, const GstTagList* tags);

}  // namespace infinara

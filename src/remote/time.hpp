// SPDX-License-Identifier: Apache-2.0
// Time as it is handed in to what has no clock.
#pragma once

namespace infinara::remote {

/// A length of time, or a moment since any fixed one.
using Seconds = double;

}  // namespace infinara::remote

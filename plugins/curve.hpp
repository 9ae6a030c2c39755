// SPDX-License-Identifier: Apache-2.0
// The shapes of a fade as a property value, which smoothstepmix and mooddj share.
#pragma once

#include <glib-object.h>

namespace infinara {

/// The GType of sound::Curve. Any thread.
GType curve_type();

}  // namespace infinara

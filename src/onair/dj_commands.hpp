// SPDX-License-Identifier: Apache-2.0
// What the station asks of mooddj by its action signals.
#pragma once

#include <gst/gst.h>

#include <string>

#include "music/when.hpp"

namespace infinara::onair {

/// False, and nothing has changed, if the genre is unknown or nothing plays yet. Any thread.
bool change_genre(GstElement* dj, const std::string& genre, music::When when);

}  // namespace infinara::onair

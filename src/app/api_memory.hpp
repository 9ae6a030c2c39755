// SPDX-License-Identifier: Apache-2.0
// The routes of what the station remembers: history, one track, a vote.
#pragma once

#include "app/api.hpp"

namespace infinara::app {

Reply get_history(const Request& request, Endpoints& endpoints);
Reply get_track(const Request& request, Endpoints& endpoints);
Reply post_rate(const Request& request, Endpoints& endpoints);

/// The token of the listener whose browser sends these cookies; empty if there is none.
std::string listener_in(std::string_view cookies);

}  // namespace infinara::app

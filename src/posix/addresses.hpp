// SPDX-License-Identifier: Apache-2.0
// Under which URLs a person finds the station.
#pragma once

#include <string>
#include <vector>

namespace infinara::posix {

/// "http://HOST:PORT" for each address of this machine that a socket bound to `address` answers.
std::vector<std::string> urls(const std::string& address, int port);

/// Whether this machine has this address; an IPv6 one of a link alone is believed.
bool is_here(const std::string& address);

/// Whether this machine has no address but its loopback's.
bool has_only_loopback();

}  // namespace infinara::posix

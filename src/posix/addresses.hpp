// SPDX-License-Identifier: Apache-2.0
// Under which URLs a person finds the station.
#pragma once

#include <string>
#include <vector>

namespace infinara::posix {

/// "http://HOST:PORT" for each address of this machine that a socket bound to `address` answers.
std::vector<std::string> urls(const std::string& address, int port);

/// Whether this machine has this IPv4 or IPv6 address. A link-local one counts as present, since it
/// cannot be looked up without its link. False for a text that is no address.
bool is_here(const std::string& address);

/// Whether this machine has no address but its loopback's.
bool has_only_loopback();

}  // namespace infinara::posix

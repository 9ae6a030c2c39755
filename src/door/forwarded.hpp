// SPDX-License-Identifier: Apache-2.0
// What proxies say about a request that they pass on: X-Forwarded-* and Forwarded (RFC 7239).
#pragma once

#include <string>

#include "door/address.hpp"
#include "door/head.hpp"

namespace infinara::door {

/// How the client reached the first proxy. What a header does not say, or says in no valid way, is
/// empty. Each is the first item of its list; X-Forwarded-* count before Forwarded.
struct Forwarded {
  std::string proto{};   // "http" or "https"
  std::string host{};    // of the kind that a Host header may have
  int port = 0;          // 0: not said
  std::string prefix{};  // "/radio": where the station is found, without a slash at its end
};

/// Reads the headers of a request from a trusted proxy.
Forwarded forwarded_of(const Request& request);

/// The address of the client behind the proxies: the hops that X-Forwarded-For or Forwarded names
/// are followed from the last one back, for as long as each is named by a trusted one. A hop that
/// does not say its address ("unknown", "_hidden") ends the walk at the proxy that named it. Where
/// both headers name a client and not the same, a client may have forged the one that its proxy
/// passes on unread: then `peer` counts.
Address client_of(const Request& request, const Address& peer, const AddressRanges& trusted);

/// Whether `path` may stand in a URL before the station's own paths: "/radio", without a slash at
/// its end, without dot segments.
bool is_prefix(std::string_view path);

}  // namespace infinara::door

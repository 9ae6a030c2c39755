// SPDX-License-Identifier: Apache-2.0
// A listening socket from an address and a port, or a sentence that says why there is none.
#pragma once

#include <stdexcept>
#include <string>

#include "posix/descriptor.hpp"

namespace infinara::door {

using Socket = posix::Descriptor;

/// what() reads like "cannot listen on 0.0.0.0:8080: Address already in use".
class CannotListen : public std::runtime_error {
 public:
  CannotListen(const std::string& what, int error) : std::runtime_error(what), error_(error) {}
  /// The errno of the call that failed.
  int error() const { return error_; }

 private:
  int error_;
};

/// `address` is an IPv4 or IPv6 address or "localhost"; "::" takes both families, or IPv4 alone
/// where the system has no IPv6. Port 0 is any free one. The socket does not block and is closed on
/// exec. Throws CannotListen.
Socket listen_on(const std::string& address, int port);

/// The port that a listening socket has been given.
int port_of(const Socket& socket);

}  // namespace infinara::door

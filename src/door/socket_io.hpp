// SPDX-License-Identifier: Apache-2.0
// Short exchanges with a client's socket that never block, and what a socket says of its ends.
#pragma once

#include <sys/socket.h>

#include <string>

#include "door/listen.hpp"

namespace infinara::door {

/// For a short text on a fresh socket, whose send buffer holds all of it.
void send_text(int fd, const std::string& text);

/// Throws away what has arrived. Returns true while the client may send more.
bool discard(int fd);

/// Throws away what has arrived, so that no reset overtakes the text.
void send_and_close(Socket socket, const std::string& text);

int port_in(const sockaddr_storage& name);

/// The address and port that the client has connected to, as a Host header would name them; empty
/// if the socket is not connected any more.
std::string own_host(const Socket& socket);

}  // namespace infinara::door

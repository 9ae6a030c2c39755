// SPDX-License-Identifier: Apache-2.0
// The listening socket, and what to do when the system has no descriptor or memory for another
// connection.
#pragma once

#include <sys/socket.h>

#include <string>

#include "door/listen.hpp"

namespace infinara::door {

class Acceptor {
 public:
  /// Throws CannotListen.
  Acceptor(const std::string& address, int port);

  struct Accepted {
    enum class What {
      kClient,   // `socket` and `name` are one
      kNothing,  // nobody else waits, or no descriptor is left
      kGone,     // the client has left already; the next one may wait
      kPause,    // no room at all: the next client can be accepted after a pause only
    } what;
    Socket socket{};
    sockaddr_storage name{};
    bool is_refused = false;  // a client was told `refusal`
  };
  /// Takes the next client; its socket does not block.
  Accepted accept(const std::string& refusal);

  /// Takes up a spare descriptor again, where one is free. Call after a pause.
  void recover();

  const Socket& socket() const { return socket_; }
  int port() const { return port_; }

 private:
  Accepted refuse_with_spare(const std::string& refusal);

  Socket socket_;
  int port_;
  Socket spare_;  // held free for a client that would otherwise wait without an answer
};

}  // namespace infinara::door

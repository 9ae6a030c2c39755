// SPDX-License-Identifier: Apache-2.0
// One port for page, API and sound. The door listens; listeners go straight to the radio, all other
// requests to libsoup, which never listens itself.
#pragma once

#include <functional>
#include <memory>

#include "door/door.hpp"
#include "station/radio.hpp"
#include "station/signalling.hpp"

namespace infinara::station {

class Server {
 public:
  /// Takes a GET or HEAD of one of kStreamPaths, on the door's thread; must not block.
  using Listen = std::function<void(door::Guest)>;

  /// Listens from now on; answers on the default main context as soon as that runs. `radio` is
  /// asked there only, `seats` likewise; both outlive the server. Throws door::CannotListen.
  Server(door::Settings settings, Radio& radio, Seats& seats, Listen listen);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  int port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace infinara::station

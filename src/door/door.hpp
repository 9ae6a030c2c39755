// SPDX-License-Identifier: Apache-2.0
// The front door: one thread that accepts connections, waits for a whole request head and hands the
// socket on. Strangers that are slow, silent, odd or too many are turned away here.
#pragma once

#include <climits>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "door/head.hpp"
#include "door/listen.hpp"
#include "door/visit.hpp"

namespace infinara::door {

/// A connection whose head has been found good. Its bytes are all still in the socket, unread, so
/// that any HTTP server can take it from here: an own one skips `request.head_length` bytes.
struct Guest {
  Socket socket;  // does not block; whoever takes it closes it
  Request request;
  Peer peer;
  Visit visit;  // keep it for as long as the connection lives: it counts against the limits
};

struct Settings {
  std::string address = "0.0.0.0";  // "::" takes both families
  int port = 8080;                  // 0: any free one
  HeadLimits head;
  double head_seconds = 5;               // from accept to a whole head
  double linger_seconds = 1;             // how long a refused client may take to read why
  std::size_t most_connections = 10000;  // those handed on included; 0: no limit
  std::size_t most_per_address = 0;      // likewise, for one address; 0: no limit
  int highest_descriptor = INT_MAX;      // of a connection: what is above is the program's own
};

/// What the door has done since it opened.
struct Tally {
  std::size_t refused = 0;  // with a response
  std::size_t dropped = 0;  // silently: nothing sent in time, or gone in the middle of the head
  std::size_t waiting = 0;  // now inside the door
  std::size_t inside = 0;   // now inside, those handed on included
};

class Door {
 public:
  /// Called on the door's thread with each good request; it must not block. A Guest that it does
  /// not take is closed when it returns.
  using Handler = std::function<void(Guest)>;

  /// Listens from the moment it returns. Throws CannotListen.
  Door(Settings settings, Handler handler);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  /// Stops at once: the handler has returned and is not called again; connections that it was not
  /// given are closed, those that it was given live on. Not from within the handler.
  ~Door();

  int port() const;
  Tally tally() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Answers a guest with a refusal and closes: for those whom the handler turns away. The response
/// is sent without blocking; the request's bytes are thrown away so that it is not lost to a reset.
void refuse(Guest guest, const Refusal& refusal);

}  // namespace infinara::door

// SPDX-License-Identifier: Apache-2.0
// The HTTP listener: one thread that accepts connections, reads whole requests, hands them on and
// sends the answers. Clients that are slow, silent, wrong or too many are refused here.
#pragma once

#include <climits>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "door/address.hpp"
#include "door/connection_slot.hpp"
#include "door/forwarded.hpp"
#include "door/head.hpp"
#include "door/listen.hpp"

namespace infinara::door {

/// The other end of a connection, or the client that a trusted proxy names.
struct Peer {
  std::string address;  // as text; an IPv4 client of a "::" socket reads as IPv4
  int port = 0;         // 0 if a proxy named the client
};

/// A request that has been found good and has fully arrived.
struct AcceptedRequest {
  Socket socket;  // does not block; whoever takes it closes it, or gives it back to Door::answer
  Request request;
  std::string body;
  Address client;       // by which limits count: the peer, or whom trusted proxies name
  Peer peer;            // the same for people to read
  Forwarded forwarded;  // empty unless the peer is a trusted proxy
  ConnectionSlot slot;  // keep it for as long as the connection lives: it counts against the limits
  std::string unread{};  // what the client has sent behind its request
};

struct Settings {
  /// "::" takes both families, or IPv4 alone where the system has no IPv6.
  std::string address = "::";
  int port = 8080;  // 0: any free one
  HeadLimits head;
  double head_seconds = 5;               // from a request's begin to its whole head
  double body_seconds = 10;              // from there to its whole body
  double answer_seconds = 10;            // that a client may take to read an answer
  double idle_seconds = 20;              // between an answer and the next request
  double linger_seconds = 1;             // how long a client may take to close after an answer
  std::size_t most_connections = 10000;  // those handed on included; 0: no limit
  /// Requests under way and connections handed on, of one client; 0: no limit.
  std::size_t most_per_address = 0;
  /// Connections of one peer whose request has not fully arrived; 0: no limit. Trusted proxies are
  /// not counted.
  std::size_t most_unfinished_per_address = 64;
  int highest_descriptor = INT_MAX;  // of a connection: what is above is the program's own
  AddressRanges trusted = AddressRanges::loopback();  // proxies that may say who the client is
};

/// What the door has done since it opened.
struct Tally {
  std::size_t refused = 0;   // with a response
  std::size_t dropped = 0;   // silently: nothing sent in time, or gone in the middle of the request
  std::size_t waiting = 0;   // connections that the door itself holds now
  std::size_t inside = 0;    // connections now, those handed on included
  std::size_t reads = 0;     // calls that took bytes from a socket
  std::size_t examined = 0;  // bytes of heads that were looked at, each time counted
};

class Door {
 public:
  /// Called on the door's thread with each good request; it must not block. An AcceptedRequest that
  /// it does not take is closed when it returns.
  using Handler = std::function<void(AcceptedRequest)>;

  /// Listens from the moment it returns. Throws CannotListen.
  Door(Settings settings, Handler handler);
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  /// Stops at once: the handler has returned and is not called again; connections that it was not
  /// given are closed, those that it was given live on. Not from within the handler.
  ~Door();

  /// Sends a whole response and closes, or with `keep` waits for the next request on the same
  /// connection. Any thread; returns at once.
  void answer(AcceptedRequest accepted, std::string response, bool keep);

  int port() const;
  Tally tally() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Answers with a refusal and closes: for requests whose socket has left the door. The response is
/// sent without blocking; bytes that still arrive are thrown away so that a reset does not overtake
/// it.
void refuse(AcceptedRequest accepted, const Refusal& refusal);

}  // namespace infinara::door

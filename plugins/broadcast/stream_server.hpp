// SPDX-License-Identifier: Apache-2.0
// Serves one stream to its clients: those of a port of its own, and those handed in with their
// sockets. It knows no GStreamer.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "cast/broadcaster.hpp"
#include "door/door.hpp"

namespace infinara {

/// Any thread.
class StreamServer {
 public:
  StreamServer() = default;
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  /// Replaces the broadcaster by a new one without listeners; the one before, if any, disconnects
  /// its own. Ends a refusal. Throws std::system_error.
  void begin(const cast::BroadcasterOptions& options, cast::Broadcaster::Hooks hooks);
  /// Serves the stream at any path of this port, 0 being a free one, until end(). Returns the port.
  /// Throws door::CannotListen.
  int open_port(const std::string& address, int port);
  /// Disconnects all listeners and closes the port.
  void end();

  /// From now on clients get status 503 with this sentence; empty: they are served again.
  void set_refusal(std::string sentence);

  /// Owns `fd` from this call on. Returns false if the client was refused. `keep` lives as long as
  /// the connection.
  bool add(int fd, const cast::StreamRequest& request, std::shared_ptr<void> keep);

  /// The present broadcaster, or nullptr; holding it keeps it alive.
  std::shared_ptr<cast::Broadcaster> broadcaster() const;
  cast::Totals totals() const;
  /// -1 if none is open.
  int port() const;

 private:
  mutable std::mutex mutex_;  // guards these three; no other lock is taken with it
  std::shared_ptr<cast::Broadcaster> broadcaster_;
  std::unique_ptr<door::Door> door_;
  std::string refusal_;
};

}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
// A broadcaster with a port of its own, for tests among real sockets.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cast/broadcaster.hpp"
#include "door/door.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"

namespace infinara::cast {

using namespace std::chrono_literals;
using support::Client;
using support::eventually;

/// A broadcaster with a port.
class Station {
 public:
  explicit Station(const BroadcasterOptions& options = {}, const StreamRequest& request = {})
      : broadcaster_(options, hooks()),
        door_(settings(), [this, request](door::AcceptedRequest accepted) {
          StreamRequest now = request;
          now.address = accepted.peer.address;
          now.agent = accepted.request.path;
          if (accepted.request.method == door::Method::kHead) now.kind = StreamRequest::Kind::kHead;
          broadcaster_.add(accepted.socket.release(), now,
                           std::make_shared<door::ConnectionSlot>(std::move(accepted.slot)));
        }) {}

  Broadcaster& broadcaster() { return broadcaster_; }
  std::size_t inside() const { return door_.tally().inside; }

  Client connect(const std::string& path = "/", int buffer = 0, const char* method = "GET") {
    Client client(door_.port(), nullptr, buffer);
    EXPECT_TRUE(client.send(method + (" " + path) + " HTTP/1.0\r\n\r\n"));
    return client;
  }
  /// Connected, and known to the broadcaster.
  Client join(const std::string& path = "/", int buffer = 0) {
    const std::size_t before = joined_;
    Client client = connect(path, buffer);
    EXPECT_TRUE(eventually([&] { return joined_ > before; }));
    return client;
  }
  void play(int frames) {
    for (int i = 0; i < frames; ++i) broadcaster_.append(support::frame(next_++), 24ms);
  }
  std::uint32_t next() const { return next_; }

  /// "path: reason" of all who have left, "!" before those who were dropped.
  std::vector<std::string> left() {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  bool has_left(const std::string& words) {
    for (const std::string& one : left())
      if (one == words) return true;
    return false;
  }

 private:
  static door::Settings settings() {
    door::Settings settings;
    settings.address = "127.0.0.1";
    settings.port = 0;
    return settings;
  }
  Broadcaster::Hooks hooks() {
    Broadcaster::Hooks hooks;
    hooks.joined = [this](const ListenerInfo&) { ++joined_; };
    hooks.left = [this](const ListenerInfo& listener, std::string_view reason, bool dropped) {
      const std::lock_guard lock(mutex_);
      left_.push_back((dropped ? "!" : "") + listener.agent + ": " + std::string(reason));
    };
    return hooks;
  }

  std::mutex mutex_;
  std::vector<std::string> left_;
  std::atomic<std::size_t> joined_ = 0;
  std::uint32_t next_ = 0;
  Broadcaster broadcaster_;
  door::Door door_;
};

}  // namespace infinara::cast

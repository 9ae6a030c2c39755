// SPDX-License-Identifier: Apache-2.0
#include "broadcast/stream_server.hpp"

#include <utility>

#include "broadcast/listener_values.hpp"
#include "cast/connection.hpp"
#include "cast/response_head.hpp"

namespace infinara {

void StreamServer::begin(const cast::BroadcasterOptions& options, cast::Broadcaster::Hooks hooks) {
  auto broadcaster = std::make_shared<cast::Broadcaster>(options, std::move(hooks));
  const std::lock_guard lock(mutex_);
  refusal_.clear();
  std::swap(broadcaster_, broadcaster);
}

int StreamServer::open_port(const std::string& address, int port) {
  door::Settings settings;
  settings.address = address;
  settings.port = port;
  settings.head.methods = "GET, HEAD, OPTIONS";
  settings.most_connections = 0;  // the broadcaster has the limit
  auto door = std::make_unique<door::Door>(settings, [this](door::AcceptedRequest accepted) {
    const cast::StreamRequest request = stream_request_of(accepted);
    add(accepted.socket.release(), request,
        std::make_shared<door::ConnectionSlot>(std::move(accepted.slot)));
  });
  const int bound = door->port();
  const std::lock_guard lock(mutex_);
  door_ = std::move(door);
  return bound;
}

void StreamServer::end() {
  std::shared_ptr<cast::Broadcaster> broadcaster;
  std::unique_ptr<door::Door> door;
  {
    const std::lock_guard lock(mutex_);
    broadcaster = std::move(broadcaster_);
    door = std::move(door_);
  }
  door.reset();  // first, since its thread hands listeners to the broadcaster
}

void StreamServer::set_refusal(std::string sentence) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(sentence);
}

bool StreamServer::add(int fd, const cast::StreamRequest& request, std::shared_ptr<void> keep) {
  std::shared_ptr<cast::Broadcaster> broadcaster;
  std::string refusal;
  {
    const std::lock_guard lock(mutex_);
    broadcaster = broadcaster_;
    refusal = refusal_;
  }
  if (broadcaster && refusal.empty()) return broadcaster->add(fd, request, std::move(keep));
  if (!refusal.empty()) {
    cast::discard_input(fd);
    const bool is_head = request.kind == cast::StreamRequest::Kind::kHead;
    cast::send_all(
        fd, cast::short_response(request.minor, "503 Service Unavailable",
                                 "Retry-After: 10\r\nContent-Type: application/json\r\n",
                                 is_head ? "" : "{\"ok\":false,\"error\":\"" + refusal + "\"}\n"));
  }
  cast::close_with_fin(fd);
  return false;
}

std::shared_ptr<cast::Broadcaster> StreamServer::broadcaster() const {
  const std::lock_guard lock(mutex_);
  return broadcaster_;
}

cast::Totals StreamServer::totals() const {
  const auto broadcaster = this->broadcaster();
  return broadcaster ? broadcaster->totals() : cast::Totals{};
}

int StreamServer::port() const {
  const std::lock_guard lock(mutex_);
  return door_ ? door_->port() : -1;
}

}  // namespace infinara

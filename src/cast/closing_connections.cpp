// SPDX-License-Identifier: Apache-2.0
#include "cast/closing_connections.hpp"

#include <unistd.h>

#include <utility>

#include "cast/connection.hpp"

namespace infinara::cast {

namespace {
constexpr std::chrono::milliseconds kBetweenLooks{500};
}  // namespace

ClosingConnections::~ClosingConnections() {
  for (const Connection& one : connections_) close_with_fin(one.fd);
}

void ClosingConnections::add(int fd, std::shared_ptr<void> keep, Clock::time_point now) {
  end_stream(fd);
  if (is_end_acknowledged(fd)) {
    ::close(fd);
    return;
  }
  if (connections_.size() >= max_count_) {
    close_with_reset(connections_.front().fd);
    connections_.pop_front();
  }
  connections_.push_back(
      {fd, std::move(keep), now + std::chrono::duration_cast<Clock::duration>(max_wait_)});
}

void ClosingConnections::close_finished(Clock::time_point now) {
  if (now < next_look_) return;
  next_look_ = now + kBetweenLooks;
  std::erase_if(connections_, [now](const Connection& one) {
    if (is_end_acknowledged(one.fd))
      close_with_fin(one.fd);
    else if (now >= one.deadline)
      close_with_reset(one.fd);
    else
      return false;
    return true;
  });
}

}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "cast/listener.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace infinara::cast {

Listener::~Listener() {
  if (fd >= 0) ::close(fd);
}

ListenerInfo Listener::info(Clock::time_point now) const {
  return {request.address, request.agent, now - joined, bytes, std::chrono::nanoseconds(lag_ns)};
}

Listener::Sent Listener::send(const Stream& stream) {
  constexpr std::size_t kPieces = 16;
  const BurstRing& ring = stream.ring();
  const Titles& titles = stream.titles();
  Sent all;
  blocked = false;
  while (!blocked) {
    std::array<iovec, kPieces> pieces;
    std::size_t count = 0;
    std::size_t total = 0;
    for (Feed ahead = feed; count < kPieces; ++count) {
      const Bytes piece = ahead.next(ring, titles);
      if (piece.empty()) break;
      pieces[count] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
      total += piece.size();
      ahead.advance(ring, titles, piece.size());
    }
    if (count == 0) {
      blocked = feed.is_lost(ring);
      return all;
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    all.broken = sent < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS;
    if (all.broken) return all;
    if (sent > 0) {
      feed.advance(ring, titles, static_cast<std::size_t>(sent));
      bytes += static_cast<std::uint64_t>(sent);
      all.bytes += static_cast<std::uint64_t>(sent);
    }
    blocked = sent < static_cast<ssize_t>(total);
  }
  return all;
}

}  // namespace infinara::cast

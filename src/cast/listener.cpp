// SPDX-License-Identifier: Apache-2.0
#include "cast/listener.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace infinara::cast {

bool Reading::has_stopped(std::uint64_t acked, std::uint64_t edge, bool waits,
                          Clock::time_point now, Seconds longest) {
  // Room is made by reading, and a little by better packing. Time counts only while there is
  // something to read: a stream that pauses moves no window.
  const std::uint64_t arrived = acked - acked_;
  const std::uint64_t made = edge - edge_;
  if (arrived > 0 ? made < arrived / 4 : made == 0 && waits)
    still_ += now - looked_;
  else if (made > 0)
    still_ = {};
  acked_ = acked;
  edge_ = edge;
  looked_ = now;
  return still_ > longest;
}

Listener::~Listener() {
  if (fd >= 0) ::close(fd);
}

ListenerFacts Listener::facts(Clock::time_point now) const {
  return {asked.address, asked.agent, now - joined, bytes, std::chrono::nanoseconds(lag_ns)};
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

bool Listener::has_stopped_reading(Clock::time_point now, Seconds longest) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
  if (length < offsetof(tcp_info, tcpi_snd_wnd) + sizeof info.tcpi_snd_wnd) return false;
  return reading.has_stopped(info.tcpi_bytes_acked, info.tcpi_bytes_acked + info.tcpi_snd_wnd,
                             blocked, now, longest);
}

void bound_buffers(int fd, int send_buffer) {
  constexpr int kReceiveBuffer = 2048;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
}

void discard_input(int fd) {
  std::array<char, 16384> bytes;
  for (int i = 0; i < 4; ++i)
    if (::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT) <= 0) return;
}

bool send_all(int fd, std::string_view text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(text.size());
}

void close_politely(int fd) {
  discard_input(fd);
  ::shutdown(fd, SHUT_WR);
  ::close(fd);
}

void close_with_reset(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

}  // namespace infinara::cast

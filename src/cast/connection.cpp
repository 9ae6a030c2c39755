// SPDX-License-Identifier: Apache-2.0
#include "cast/connection.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace infinara::cast {

namespace {

constexpr int kReceiveBuffer = 2048;  // bytes
constexpr int kKeepalive = 30;        // seconds, to the first probe and between two
constexpr int kKeepaliveProbes = 4;
// Fifteen retries (the default of tcp_retries2) with this limit last 132 s, so the kernel
// gives no connection up within BroadcasterOptions::max_silence.
constexpr int kMaxRetransmissionDelay = 12000;  // milliseconds
constexpr int kTcpRtoMaxMs = 44;                // TCP_RTO_MAX_MS, which older headers lack

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

std::optional<tcp_info> tcp_info_of(int fd) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return {};
  return info;
}

}  // namespace

void configure_connection(int fd, int send_buffer) {
  set_option(fd, SOL_SOCKET, SO_SNDBUF, send_buffer);
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepalive);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepalive);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  set_option(fd, IPPROTO_TCP, kTcpRtoMaxMs, kMaxRetransmissionDelay);
}

Seconds silence_of(int fd) {
  // TCP_USER_TIMEOUT is not used: it also ends a connection whose window stays closed, although
  // the other host answers each probe.
  const auto info = tcp_info_of(fd);
  if (!info || info->tcpi_retransmits + info->tcpi_probes < 2) return Seconds(0);
  return std::chrono::milliseconds(info->tcpi_last_ack_recv);
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

void end_stream(int fd) {
  discard_input(fd);
  ::shutdown(fd, SHUT_WR);
}

bool is_end_acknowledged(int fd) {
  // RFC 9293 3.3.2: these are the states in which the FIN has been sent and not acknowledged.
  constexpr int kFinWait1 = 4, kLastAck = 9, kClosing = 11;
  const auto info = tcp_info_of(fd);
  return !info || (info->tcpi_state != kFinWait1 && info->tcpi_state != kLastAck &&
                   info->tcpi_state != kClosing);
}

void close_with_fin(int fd) {
  end_stream(fd);
  ::close(fd);
}

void close_with_reset(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(fd);
}

}  // namespace infinara::cast

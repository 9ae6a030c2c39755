// SPDX-License-Identifier: Apache-2.0
#include "door/socket_io.hpp"

#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <utility>

#include "door/address.hpp"

namespace infinara::door {

void send_text(int fd, const std::string& text) {
  [[maybe_unused]] const auto sent =
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool discard(int fd) {
  std::array<char, 16384> bytes;
  for (int i = 0; i < 16; ++i) {
    const auto got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

void send_and_close(Socket socket, const std::string& text) {
  discard(socket.fd());
  send_text(socket.fd(), text);
  ::shutdown(socket.fd(), SHUT_WR);
  discard(socket.fd());
}

int port_in(const sockaddr_storage& name) {
  return ntohs(name.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(name).sin6_port
                                          : reinterpret_cast<const sockaddr_in&>(name).sin_port);
}

std::string own_host(const Socket& socket) {
  sockaddr_storage name{};
  socklen_t length = sizeof name;
  if (::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&name), &length) != 0) return {};
  const Address own = Address::of(name);
  return (own.is_ipv4() ? own.text() : "[" + own.text() + "]") + ":" +
         std::to_string(port_in(name));
}

}  // namespace infinara::door

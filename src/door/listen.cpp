// SPDX-License-Identifier: Apache-2.0
#include "door/listen.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace infinara::door {

namespace {

constexpr int kBacklog = 4096;  // the kernel's own limit (somaxconn) cuts it further

struct Name {
  sockaddr_storage storage{};
  socklen_t length = 0;
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool read_address(const std::string& address, int port, Name& name) {
  const char* text = address == "localhost" ? "127.0.0.1" : address.c_str();
  auto* v4 = reinterpret_cast<sockaddr_in*>(&name.storage);
  if (::inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
    name.length = sizeof(sockaddr_in);
    return true;
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&name.storage);
  if (::inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    name.length = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

void set(const Socket& socket, int level, int option, int value) {
  ::setsockopt(socket.fd(), level, option, &value, sizeof value);
}

}  // namespace

namespace {

/// What socket() or bind() says on a system without IPv6.
bool means_no_ipv6(int error) {
  return error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == EADDRNOTAVAIL;
}

}  // namespace

Socket listen_on(const std::string& address, int port) {
  const bool every = address == "::";
  const bool v6 = address.find(':') != std::string::npos;
  const std::string where = (v6 ? '[' + address + ']' : address) + ':' + std::to_string(port);
  const auto fail = [&](int error, const std::string& why) {
    throw CannotListen("cannot listen on " + where + ": " + why, error);
  };
  const auto fail_with_errno = [&] {
    const int error = errno;
    fail(error, std::system_category().message(error));
  };

  Name name;
  if (port < 0 || port > 65535) fail(EINVAL, "a port is a number from 0 to 65535");
  if (!read_address(address, port, name)) fail(EINVAL, "this is not an IP address");
  Socket socket(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) {
    if (every && means_no_ipv6(errno)) return listen_on("0.0.0.0", port);
    fail_with_errno();
  }
  set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (v6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  // Accepted sockets inherit these two, which saves two calls for each.
  set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (::bind(socket.fd(), name.get(), name.length) != 0) {
    if (every && means_no_ipv6(errno)) return listen_on("0.0.0.0", port);
    fail_with_errno();
  }
  if (::listen(socket.fd(), kBacklog) != 0) fail_with_errno();
  return socket;
}

int port_of(const Socket& socket) {
  Name name;
  name.length = sizeof name.storage;
  if (::getsockname(socket.fd(), name.get(), &name.length) != 0) return -1;
  return name.storage.ss_family == AF_INET6
             ? ntohs(reinterpret_cast<const sockaddr_in6*>(&name.storage)->sin6_port)
             : ntohs(reinterpret_cast<const sockaddr_in*>(&name.storage)->sin_port);
}

}  // namespace infinara::door

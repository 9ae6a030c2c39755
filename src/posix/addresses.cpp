// SPDX-License-Identifier: Apache-2.0
#include "posix/addresses.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace infinara::posix {
namespace {

std::string url(const std::string& host, int port) {
  return "http://" + (host.find(':') == host.npos ? host : "[" + host + "]") +
         (port == 80 ? "" : ":" + std::to_string(port));
}

/// Calls `call` for each address of an interface that is up, except loopback; false if the system
/// does not list them.
template <class Call>
bool for_each_address(Call call) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return false;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next)
    if ((each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0 &&
        each->ifa_addr != nullptr)
      call(*each->ifa_addr);
  ::freeifaddrs(all);
  return true;
}

}  // namespace

std::vector<std::string> urls(const std::string& address, int port) {
  if (address != "0.0.0.0" && address != "::") return {url(address, port)};
  std::vector<std::string> urls{url("localhost", port)};
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) == 0 && *name != '\0') urls.push_back(url(name, port));
  for_each_address([&](const sockaddr& each) {
    if (each.sa_family != AF_INET) return;
    char text[INET_ADDRSTRLEN];
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(each);
    urls.push_back(url(::inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof text), port));
  });
  return urls;
}

bool is_here(const std::string& address) {
  sockaddr_in ipv4{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  const bool is_ipv4 = ::inet_pton(AF_INET, address.c_str(), &ipv4.sin_addr) == 1;
  if (!is_ipv4 && ::inet_pton(AF_INET6, address.c_str(), &ipv6.sin6_addr) != 1) return false;
  const int fd = ::socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno != EAFNOSUPPORT;
  const auto* name =
      is_ipv4 ? reinterpret_cast<const sockaddr*>(&ipv4) : reinterpret_cast<const sockaddr*>(&ipv6);
  const bool absent =
      ::bind(fd, name, is_ipv4 ? sizeof ipv4 : sizeof ipv6) != 0 && errno == EADDRNOTAVAIL;
  ::close(fd);
  return !absent;
}

bool has_only_loopback() {
  bool other = false;
  const bool known = for_each_address([&](const sockaddr& each) {
    other |= each.sa_family == AF_INET || each.sa_family == AF_INET6;
  });
  return known && !other;
}

}  // namespace infinara::posix

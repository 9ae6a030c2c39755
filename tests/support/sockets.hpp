// SPDX-License-Identifier: Apache-2.0
// A plain TCP client on 127.0.0.1 for tests; every wait has a bound.
#pragma once

#include <arpa/inet.h>
#include <dirent.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace support {

using Clock = std::chrono::steady_clock;
constexpr int kPatience = 10000;  // milliseconds

class Client {
 public:
  /// Connected, or fd() is -1. `from` is the client's own address, `buffer` its SO_RCVBUF.
  explicit Client(int port, const char* from = nullptr, int buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    const int segment = 1460;  // bytes, as on a real path; loopback's 64 KB would fill a buffer
    ::setsockopt(fd_, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    if (from != nullptr) {
      sockaddr_in own = at(from, 0);
      if (::bind(fd_, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0) close();
    }
    sockaddr_in name = at("127.0.0.1", port);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) close();
  }
  Client(Client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Client& operator=(Client&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Client() { close(); }

  int fd() const { return fd_; }
  /// Is from now on the owner of this end of a connection.
  void adopt(int fd) {
    close();
    fd_ = fd;
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// Closes with a reset instead of a FIN.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void end_of_sending() { ::shutdown(fd_, SHUT_WR); }
  /// Drops all packets that arrive from now on, as a network outage does. Nothing is acknowledged.
  /// False if the system does not allow it to this user.
  [[nodiscard]] bool begin_outage() {
    sock_filter drop_all{BPF_RET | BPF_K, 0, 0, 0};
    const sock_fprog program{1, &drop_all};
    return ::setsockopt(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
  }
  void end_outage() {
    const int ignored = 0;
    ::setsockopt(fd_, SOL_SOCKET, SO_DETACH_FILTER, &ignored, sizeof ignored);
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// What arrives next: "" at the end, at a reset or when nothing comes in time.
  std::string read_some(std::size_t most = 65536, int milliseconds = kPatience) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds) != 1) {
      timed_out_ = true;
      return {};
    }
    std::string bytes(most, '\0');
    const auto got = ::recv(fd_, bytes.data(), bytes.size(), 0);
    has_end_ = has_end_ || got == 0;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  /// At least `least` bytes, unless the stream ends before or is late.
  std::string read_at_least(std::size_t least) {
    std::string bytes;
    while (bytes.size() < least) {
      const std::string more = read_some();
      if (more.empty()) break;
      bytes += more;
    }
    return bytes;
  }
  std::string read_all() { return read_at_least(SIZE_MAX); }
  /// True once the other side has closed; what it sent before is thrown away.
  bool is_closed_soon() {
    timed_out_ = false;
    read_all();
    return !timed_out_;
  }
  bool timed_out() const { return timed_out_; }
  /// True if the other side has ended its stream with a FIN, and all before it has been read.
  bool has_end() const { return has_end_; }

 private:
  static sockaddr_in at(const char* address, int port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, address, &name.sin_addr);
    return name;
  }

  int fd_;
  bool timed_out_ = false;
  bool has_end_ = false;
};

/// True as soon as `condition` is; false after the test's patience.
inline bool eventually(const std::function<bool()>& condition, int milliseconds = kPatience) {
  const auto end = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline std::size_t entries_of(const char* folder) {
  std::size_t count = 0;
  if (DIR* open = ::opendir(folder)) {
    while (::readdir(open) != nullptr) ++count;
    ::closedir(open);
  }
  return count;
}
inline std::size_t open_descriptors() {
  return entries_of("/proc/self/fd");
}
inline std::size_t threads() {
  return entries_of("/proc/self/task");
}

}  // namespace support

// SPDX-License-Identifier: Apache-2.0
// A client on a raw socket to 127.0.0.1: it sends what it is told to the byte, and waits with a
// bound.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace infinara::test {

class HttpClient {
 public:
  static constexpr int kPatience = 10000;  // ms without a byte

  explicit HttpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient() { ::close(fd_); }

  bool is_connected() const { return connected_; }

  HttpClient& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }

  /// What comes until the other end closes, `enough` bytes are there or patience ends.
  std::string receive(std::size_t enough = std::string::npos) {
    std::string text;
    char bytes[16384];
    pollfd waiting{fd_, POLLIN, 0};
    while (text.size() < enough && ::poll(&waiting, 1, kPatience) == 1) {
      const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
      if (got <= 0) break;
      text.append(bytes, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int fd_;
  bool connected_;
};

/// One request without further headers, and the whole response.
inline std::string request(int port, const std::string& method, const std::string& path,
                           const std::string& body = "") {
  HttpClient client(port);
  client.send(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
              (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
              "\r\n" + body);
  return client.receive();
}

}  // namespace infinara::test

// SPDX-License-Identifier: Apache-2.0
#include "support/small_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "text/ascii.hpp"

namespace support {
namespace {

constexpr std::size_t kMostBody = 64 << 20;  // bytes

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 302:
      return "Found";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Requested Range Not Satisfiable";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

/// A bound socket that does not listen yet: whoever connects is refused, and the port is ours.
int bound(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    ::close(fd);
    throw std::runtime_error("cannot bind 127.0.0.1:" + std::to_string(port));
  }
  return fd;
}

int port_of(int fd) {
  sockaddr_in name{};
  socklen_t size = sizeof name;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return ntohs(name.sin_port);
}

HttpRequest parse_head_of(std::string_view head) {
  HttpRequest request;
  const std::size_t end = head.find("\r\n");
  const std::string_view line = head.substr(0, end);
  const std::size_t first = line.find(' ');
  const std::size_t second = line.find(' ', first + 1);
  request.method = line.substr(0, first);
  const std::string_view target =
      first == line.npos ? "" : line.substr(first + 1, second - first - 1);
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != target.npos) request.query = target.substr(mark + 1);
  head.remove_prefix(std::min(head.size(), end + 2));
  while (!head.empty()) {
    const std::size_t stop = std::min(head.find("\r\n"), head.size());
    const std::string_view header = head.substr(0, stop);
    const std::size_t colon = header.find(':');
    if (colon != header.npos) {
      std::string_view value = header.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      request.headers.emplace_back(infinara::text::lowered(header.substr(0, colon)), value);
    }
    head.remove_prefix(std::min(head.size(), stop + 2));
  }
  return request;
}

}  // namespace

std::string HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

std::string percent_decoded(std::string_view text, bool plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() &&
        std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
        std::isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      out +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) ||
        std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      const char* digits = "0123456789ABCDEF";
      out += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
    }
  }
  return out;
}

bool form_value(std::string_view form, std::string_view name, std::string* value) {
  while (!form.empty()) {
    const std::string_view field = form.substr(0, form.find('&'));
    const std::size_t equals = field.find('=');
    if (percent_decoded(field.substr(0, equals), true) == name) {
      *value = equals == field.npos ? "" : percent_decoded(field.substr(equals + 1), true);
      return true;
    }
    form.remove_prefix(std::min(form.size(), field.size() + 1));
  }
  return false;
}

std::string head_of(int status, const Headers& headers, bool close) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + " " + reason_of(status) + "\r\n";
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char date[40];
  std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  head += std::string("date: ") + date + "\r\nserver: uvicorn\r\n";
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  if (close) head += "Connection: close\r\n";
  return head + "\r\n";
}

class SmallServer::Impl {
 public:
  Impl(int port, double keep_alive, Handler handler)
      : keep_alive_(keep_alive),
        handler_(std::move(handler)),
        fd_(bound(port)),
        port_(port_of(fd_)),
        wake_(::eventfd(0, EFD_CLOEXEC)),
        acceptor_([this] { accept_all(); }) {}

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      cut(false);
    }
    changed_.notify_all();
    ::eventfd_write(wake_, 1);
    acceptor_.join();
    for (Connection& connection : connections_) connection.thread.join();
    ::close(fd_);
    ::close(wake_);
  }

  int port() const { return port_; }

  void set_open(bool open) {
    std::unique_lock lock(mutex_);
    wanted_ = open;
    if (!open) cut(true);
    changed_.notify_all();
    ::eventfd_write(wake_, 1);
    changed_.wait(lock, [&] { return is_open_ == wanted_ || stopping_; });
  }

 private:
  struct Connection {
    int fd;
    std::thread thread;
    bool over = false;  // guarded by mutex_
    bool cut = false;   // likewise
  };

  class OpenSender : public Sender {
   public:
    OpenSender(Impl& server, Connection& connection) : server_(server), connection_(connection) {}
    bool send(std::string_view bytes) override {
      while (!bytes.empty()) {
        const auto sent = ::send(connection_.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    bool wait(double seconds) override {
      // A client that leaves is seen as readable with nothing to read, which a poll alone cannot
      // combine with the server's own end; so both are looked at in short turns.
      const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
      std::unique_lock lock(server_.mutex_);
      while (!server_.stopping_ && !connection_.cut) {
        if (std::chrono::steady_clock::now() >= end) return true;
        server_.changed_.wait_for(lock, std::chrono::milliseconds(20));
        char byte;
        if (::recv(connection_.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) return false;
      }
      return false;
    }

   private:
    Impl& server_;
    Connection& connection_;
  };

  void cut(bool reset) {
    for (Connection& connection : connections_) {
      if (connection.over) continue;
      const linger now{1, 0};
      if (reset) ::setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      connection.cut = true;
      ::shutdown(connection.fd, SHUT_RDWR);
    }
  }

  void accept_all() {
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        if (wanted_ != is_open_) {
          if (wanted_) {
            ::listen(fd_, 128);
          } else {
            ::close(fd_);
            fd_ = bound(port_);
          }
          is_open_ = wanted_;
          changed_.notify_all();
        }
        connections_.remove_if([](Connection& connection) {
          if (connection.over) connection.thread.join();
          return connection.over;
        });
      }
      pollfd waiting[2] = {{wake_, POLLIN, 0}, {is_open_ ? fd_ : -1, POLLIN, 0}};
      ::poll(waiting, 2, -1);
      eventfd_t ignored;
      if (waiting[0].revents != 0) ::eventfd_read(wake_, &ignored);
      if (waiting[1].revents == 0) continue;
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const int yes = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      const std::lock_guard lock(mutex_);
      if (stopping_ || !wanted_) {
        ::close(fd);
        continue;
      }
      Connection& connection = connections_.emplace_back();
      connection.fd = fd;
      connection.thread = std::thread([this, &connection] {
        converse(connection);
        {
          const std::lock_guard inner(mutex_);
          connection.over = true;
          ::close(connection.fd);
        }
        ::eventfd_write(wake_, 1);  // so that this thread is joined
      });
    }
  }

  /// More bytes into `bytes`; false at the end, an error or after keep_alive_ seconds of nothing.
  bool read_more(Connection& connection, std::string* bytes) const {
    pollfd waiting{connection.fd, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(keep_alive_ * 1000)) != 1) return false;
    char block[65536];
    const auto got = ::recv(connection.fd, block, sizeof block, 0);
    if (got <= 0) return false;
    bytes->append(block, static_cast<std::size_t>(got));
    return true;
  }

  void converse(Connection& connection) {
    OpenSender sender(*this, connection);
    std::string bytes;
    for (;;) {
      std::size_t end;
      while ((end = bytes.find("\r\n\r\n")) == bytes.npos)
        if (bytes.size() > 65536 || !read_more(connection, &bytes)) return;
      HttpRequest request = parse_head_of(std::string_view(bytes).substr(0, end + 2));
      const std::size_t length =
          std::strtoull(request.header("content-length").c_str(), nullptr, 10);
      if (length > kMostBody) return;
      while (bytes.size() < end + 4 + length)
        if (!read_more(connection, &bytes)) return;
      request.body = bytes.substr(end + 4, length);
      bytes.erase(0, end + 4 + length);

      const HttpAnswer answer = handler_(request);
      if (answer.by_hand) {
        answer.by_hand(sender);
        return;
      }
      const bool close = infinara::text::lowered(request.header("connection")) == "close";
      if (!sender.send(head_of(answer.status, answer.headers, close) +
                       (request.method == "HEAD" ? "" : answer.body)))
        return;
      if (close) return;
    }
  }

  const double keep_alive_;  // seconds
  const Handler handler_;
  int fd_;  // the acceptor's alone, once it runs
  const int port_;
  const int wake_;

  std::mutex mutex_;  // guards all below, and each Connection's marks
  std::condition_variable changed_;
  bool stopping_ = false;
  bool wanted_ = false;
  bool is_open_ = false;
  std::list<Connection> connections_;
  std::thread acceptor_;  // last: it uses all above
};

SmallServer::SmallServer(int port, double keep_alive, Handler handler)
    : impl_(std::make_unique<Impl>(port, keep_alive, std::move(handler))) {}
SmallServer::~SmallServer() = default;
int SmallServer::port() const {
  return impl_->port();
}
void SmallServer::open() {
  impl_->set_open(true);
}
void SmallServer::close() {
  impl_->set_open(false);
}

}  // namespace support

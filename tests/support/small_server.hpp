// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server on 127.0.0.1 for test doubles: a thread a connection, and everything that
// a bad server does (refuse, hang, cut, drip) is in reach.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;   // as sent, up to '?'
  std::string query;  // as sent, after '?'
  Headers headers;    // names in lower case
  std::string body;

  /// The first header of this name (lower case), or "".
  std::string header(std::string_view name) const;
};

/// `%41` and, where `plus` is set, `+` undone.
std::string percent_decoded(std::string_view text, bool plus = false);
std::string percent_encoded(std::string_view text);
/// The decoded value of a field in `a=1&b=2`; false if there is none.
bool form_value(std::string_view form, std::string_view name, std::string* value);

/// The connection of a request that is being answered by hand.
class Sender {
 public:
  virtual ~Sender() = default;
  /// False once the client or the server has gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Waits; false once the client or the server has gone.
  virtual bool wait(double seconds) = 0;
};

struct HttpAnswer {
  int status = 200;
  Headers headers;  // after date and server, in this order
  std::string body;
  /// Sends all by itself instead; the connection is closed after it.
  std::function<void(Sender&)> by_hand;
};

/// Status line and headers as uvicorn writes them, the empty line included.
std::string head_of(int status, const Headers& headers, bool close);

class SmallServer {
 public:
  /// Called on the connection's thread; may block, since destroying the server ends every Sender.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  /// Port 0 is any free one. It refuses connections until open(). Idle connections are closed after
  /// `keep_alive` seconds.
  SmallServer(int port, double keep_alive, Handler handler);
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;
  ~SmallServer();

  int port() const;
  /// Lets connections in, from the moment it returns.
  void open();
  /// Refuses new connections and resets the living ones; the port stays ours.
  void close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace support

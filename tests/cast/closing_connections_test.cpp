// SPDX-License-Identifier: Apache-2.0
#include "cast/closing_connections.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cast/connection.hpp"
#include "support/sockets.hpp"

namespace infinara::cast {
namespace {

using std::chrono::seconds;
using support::Client;
using support::eventually;
using Clock = ClosingConnections::Clock;

/// Makes connections; the accepted end is a descriptor, which the test's subject owns.
class Listener {
 public:
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    ::listen(fd_, 10);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
  }
  ~Listener() { ::close(fd_); }
  std::pair<Client, int> connection() {
    Client client(port_, nullptr, 2048);
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK);
    configure_connection(fd, 24576);
    return {std::move(client), fd};
  }

 private:
  int fd_;
  int port_ = 0;
};

void fill(int fd) {
  const std::string bytes(1000, 'x');
  while (send_all(fd, bytes)) {
  }
}

TEST(ClosingConnections, ClosesAtOnceWhatIsAcknowledged) {
  Listener listener;
  auto [client, fd] = listener.connection();
  ClosingConnections closing(seconds(100), 10);
  closing.add(fd, {}, Clock::now());
  EXPECT_TRUE(eventually([&, now = Clock::now()]() mutable {
    closing.close_finished(now += seconds(1));
    return closing.size() == 0;
  }));
  EXPECT_EQ(client.read_all(), "");
  EXPECT_TRUE(client.has_end());
}

TEST(ClosingConnections, WaitsUntilAClientHasReadToTheEnd) {
  Listener listener;
  auto [client, fd] = listener.connection();
  fill(fd);
  auto ticket = std::make_shared<int>();
  const std::weak_ptr<int> kept = ticket;
  const auto begin = Clock::now();
  ClosingConnections closing(seconds(100), 10);
  closing.add(fd, std::move(ticket), begin);
  for (int i = 1; i <= 50; ++i) closing.close_finished(begin + seconds(i));
  EXPECT_EQ(closing.size(), 1u);
  EXPECT_FALSE(kept.expired());
  EXPECT_GT(client.read_all().size(), 10000u);
  EXPECT_TRUE(client.has_end());
  EXPECT_TRUE(eventually([&, now = begin + seconds(51)]() mutable {
    closing.close_finished(now += std::chrono::milliseconds(1));
    return closing.size() == 0;
  }));
  EXPECT_TRUE(kept.expired());
}

TEST(ClosingConnections, WaitsForAClientThatHasClosedItsSendingHalf) {
  Listener listener;
  auto [client, fd] = listener.connection();
  client.end_of_sending();
  fill(fd);
  const auto begin = Clock::now();
  ClosingConnections closing(seconds(100), 10);
  closing.add(fd, {}, begin);
  closing.close_finished(begin + seconds(50));
  EXPECT_EQ(closing.size(), 1u);
  EXPECT_GT(client.read_all().size(), 10000u);
  EXPECT_TRUE(client.has_end());
}

TEST(ClosingConnections, GivesUpAfterAWhile) {
  Listener listener;
  auto [client, fd] = listener.connection();
  fill(fd);
  const auto begin = Clock::now();
  ClosingConnections closing(seconds(100), 10);
  closing.add(fd, {}, begin);
  closing.close_finished(begin + seconds(99));
  EXPECT_EQ(closing.size(), 1u);
  closing.close_finished(begin + seconds(100));
  EXPECT_EQ(closing.size(), 0u);
  client.read_all();
  EXPECT_FALSE(client.has_end());  // a reset
  EXPECT_FALSE(client.timed_out());
}

TEST(ClosingConnections, KeepsTheNewestOnly) {
  Listener listener;
  std::vector<Client> clients;
  const auto begin = Clock::now();
  ClosingConnections closing(seconds(100), 3);
  for (int i = 0; i < 5; ++i) {
    auto [client, fd] = listener.connection();
    fill(fd);
    closing.add(fd, {}, begin + std::chrono::milliseconds(i));
    clients.push_back(std::move(client));
  }
  EXPECT_EQ(closing.size(), 3u);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients[i].read_all();
    EXPECT_EQ(clients[i].has_end(), i >= 2) << i;
  }
}

TEST(ClosingConnections, LeavesTheRestToTheKernel) {
  Listener listener;
  const std::size_t before = support::open_descriptors();
  auto [client, fd] = listener.connection();
  fill(fd);
  {
    ClosingConnections closing(seconds(100), 10);
    closing.add(fd, {}, Clock::now());
  }
  EXPECT_EQ(support::open_descriptors(), before + 1);
  EXPECT_GT(client.read_all().size(), 10000u);
  EXPECT_TRUE(client.has_end());
}

}  // namespace
}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "door/door.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "support/sockets.hpp"

namespace infinara::door {
namespace {

using support::Client;
using support::eventually;

const std::string kGet = "GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// Takes every accepted and keeps it.
class AcceptedRequests {
 public:
  Door::Handler taker() {
    return [this](AcceptedRequest accepted) {
      const std::lock_guard lock(mutex_);
      accepted_.push_back(std::move(accepted));
    };
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return accepted_.size();
  }
  bool reach(std::size_t count) {
    return eventually([&] { return this->count() >= count; });
  }
  /// Only once no more can come.
  std::vector<AcceptedRequest>& all() { return accepted_; }
  void leave() {
    const std::lock_guard lock(mutex_);
    accepted_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<AcceptedRequest> accepted_;
};

Settings quick() {
  Settings settings;
  settings.address = "127.0.0.1";
  settings.port = 0;
  return settings;
}

double seconds_since(support::Clock::time_point start) {
  return std::chrono::duration<double>(support::Clock::now() - start).count();
}

TEST(Door, HandsOnTheSocketWithItsRequest) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  Client client(door.port());
  const std::string sent = "POST /api/skip HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  ASSERT_TRUE(client.send(sent));
  ASSERT_TRUE(accepted.reach(1));
  AcceptedRequest& one = accepted.all().front();
  EXPECT_EQ(one.request.path, "/api/skip");
  EXPECT_EQ(one.peer.address, "127.0.0.1");
  EXPECT_GT(one.peer.port, 0);
  EXPECT_EQ(one.body, "body");
  EXPECT_EQ(one.unread, "");
  ASSERT_EQ(::send(one.socket.fd(), "hello", 5, MSG_NOSIGNAL), 5);
  EXPECT_EQ(client.read_some(), "hello");
}

TEST(Door, WaitsForAHeadThatComesInPieces) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  Client client(door.port());
  for (const char byte : kGet) {
    EXPECT_EQ(accepted.count(), 0u);
    ASSERT_TRUE(client.send({&byte, 1}));
  }
  EXPECT_TRUE(accepted.reach(1));
}

TEST(Door, TakesAWholeHeadWithItsSenderHalfClosed) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  Client client(door.port());
  ASSERT_TRUE(client.send(kGet));
  client.end_of_sending();
  EXPECT_TRUE(accepted.reach(1));
}

TEST(Door, DropsAHalfHeadAtOnceWhenItsSenderLeaves) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.head_seconds = 60;
  const Door door(settings, accepted.taker());
  Client polite(door.port());
  Client rude(door.port());
  ASSERT_TRUE(polite.send("GET / HT"));
  ASSERT_TRUE(rude.send("GET / HT"));
  ASSERT_TRUE(eventually([&] { return door.tally().waiting == 2; }));
  polite.end_of_sending();
  EXPECT_TRUE(polite.is_closed_soon());
  rude.reset();
  EXPECT_TRUE(eventually([&] { return door.tally().waiting == 0; }));
  EXPECT_EQ(door.tally().dropped, 2u);
  EXPECT_EQ(accepted.count(), 0u);
}

TEST(Door, RefusesOnceAndClosesSoThatTheReasonIsRead) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  for (const auto& [sent, status] : std::vector<std::pair<std::string, std::string>>{
           {"GET / HTTP/1.1\r\n\r\n" + kGet, "400"},
           {"FOO / HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
            "chunked\r\n\r\n0\r\n\r\n" +
                kGet,
            "400"},
           {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000000\r\n\r\n" +
                std::string(2'000'000, 'x'),
            "413"},
           {"GET /" + std::string(50000, 'a') + " HTTP/1.1\r\nContent-Length: x\r\n\r\n", "414"}}) {
    Client client(door.port());
    std::thread sender([&client, &bytes = sent] { client.send(bytes); });
    const std::string answer = client.read_all();
    sender.join();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + status);
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "exactly one response";
    EXPECT_NE(answer.find("{\"ok\":false,\"error\":\""), std::string::npos);
  }
  EXPECT_EQ(door.tally().refused, 5u);
  EXPECT_EQ(accepted.count(), 0u);
}

TEST(Door, EndsTheWaitForAHead) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.head_seconds = 0.2;
  const Door door(settings, accepted.taker());
  const auto start = support::Clock::now();
  std::vector<Client> silent;
  for (int i = 0; i < 100; ++i) silent.emplace_back(door.port());
  Client slow(door.port());
  std::atomic<bool> cut = false;
  std::thread dripping([&] {  // a byte now and then does not buy time
    while (!cut && slow.send("G")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  EXPECT_EQ(slow.read_all().substr(0, 12), "HTTP/1.1 408");
  cut = true;
  EXPECT_GE(seconds_since(start), 0.2);
  EXPECT_LT(seconds_since(start), 5);
  for (Client& client : silent) EXPECT_EQ(client.read_all(), "");
  dripping.join();
  EXPECT_TRUE(eventually([&] { return door.tally().inside == 0; }));
  EXPECT_EQ(door.tally().dropped, 100u);
}

TEST(Door, CountsThoseInsideUntilTheyLeave) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.most_connections = 3;
  const Door door(settings, accepted.taker());
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(door.port());
    ASSERT_TRUE(clients.back().send(kGet));
  }
  ASSERT_TRUE(accepted.reach(3));
  Client fourth(door.port());
  ASSERT_TRUE(fourth.send(kGet));
  const std::string answer = fourth.read_all();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 503");
  EXPECT_NE(answer.find("\r\nRetry-After: "), std::string::npos);
  accepted.leave();
  EXPECT_EQ(door.tally().inside, 0u);
  Client fifth(door.port());
  ASSERT_TRUE(fifth.send(kGet));
  EXPECT_TRUE(accepted.reach(1));
}

TEST(Door, OneAddressCannotTakeAllPlaces) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.most_per_address = 2;
  const Door door(settings, accepted.taker());
  std::vector<Client> greedy;
  for (int i = 0; i < 2; ++i) {
    greedy.emplace_back(door.port(), "127.0.0.2");
    ASSERT_TRUE(greedy.back().send(kGet));
  }
  ASSERT_TRUE(accepted.reach(2));
  Client third(door.port(), "127.0.0.2");
  ASSERT_TRUE(third.send(kGet));
  EXPECT_EQ(third.read_all().substr(0, 12), "HTTP/1.1 503");
  Client other(door.port(), "127.0.0.3");
  ASSERT_TRUE(other.send(kGet));
  EXPECT_TRUE(accepted.reach(3));
}

/// The client that a request through a proxy at 127.0.0.1 comes from.
std::string client_by(const std::string& headers, const char* trusted = "127.0.0.1, 10.0.0.0/8",
                      const char* from = nullptr) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.trusted = AddressRanges::read(trusted).value();
  const Door door(settings, accepted.taker());
  Client client(door.port(), from);
  client.send("GET / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
  if (!accepted.reach(1)) return "";
  return accepted.all().front().peer.address;
}

TEST(Door, KnowsTheClientBehindTrustedProxies) {
  EXPECT_EQ(client_by("X-Forwarded-For: 203.0.113.9\r\n"), "203.0.113.9");
  EXPECT_EQ(client_by("X-Forwarded-For: 203.0.113.9\r\n", "none"), "127.0.0.1");
  EXPECT_EQ(client_by("X-Forwarded-For: 203.0.113.9\r\n", "127.0.0.1", "127.0.0.2"), "127.0.0.2");
}

TEST(Door, TheLimitIsOfTheClientNotOfTheProxy) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.most_per_address = 2;
  const Door door(settings, accepted.taker());
  std::vector<Client> clients;
  const auto ask = [&](const std::string& client) {
    clients.emplace_back(door.port());
    EXPECT_TRUE(clients.back().send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " + client +
                                    "\r\n\r\n"));
  };
  for (int i = 1; i <= 5; ++i) {
    ask("203.0.113." + std::to_string(i));
    ask("203.0.113." + std::to_string(i));
  }
  ASSERT_TRUE(accepted.reach(10));
  ask("203.0.113.3");
  EXPECT_EQ(clients.back().read_all().substr(0, 12), "HTTP/1.1 503");
  ask("2001:db8::1");
  ask("2001:db8::2");
  ASSERT_TRUE(accepted.reach(12));
  ask("[2001:db8::3]:99");  // of the same household
  EXPECT_EQ(clients.back().read_all().substr(0, 12), "HTTP/1.1 503");
}

TEST(Door, OneAddressMayHaveAFewUnfinishedRequests) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.most_unfinished_per_address = 3;
  settings.trusted = AddressRanges::read("127.0.0.1").value();
  settings.head_seconds = 60;
  const Door door(settings, accepted.taker());
  std::vector<Client> greedy;
  for (int i = 0; i < 3; ++i) {
    greedy.emplace_back(door.port(), "127.0.0.2");
    ASSERT_TRUE(greedy.back().send("GET / HT"));
  }
  ASSERT_TRUE(eventually([&] { return door.tally().reads == 3; }));
  Client fourth(door.port(), "127.0.0.2");
  EXPECT_EQ(fourth.read_all().substr(0, 12), "HTTP/1.1 503");
  // Neither another address nor a proxy is concerned.
  std::vector<Client> others;
  for (int i = 0; i < 5; ++i) {
    others.emplace_back(door.port(), i < 2 ? "127.0.0.3" : "127.0.0.1");
    ASSERT_TRUE(others.back().send("GET / HT"));
  }
  ASSERT_TRUE(eventually([&] { return door.tally().reads == 8; }));
  // Those who listen do not count.
  for (Client& client : greedy) ASSERT_TRUE(client.send("TP/1.0\r\n\r\n"));
  ASSERT_TRUE(accepted.reach(3));
  Client fifth(door.port(), "127.0.0.2");
  ASSERT_TRUE(fifth.send(kGet));
  EXPECT_TRUE(accepted.reach(4));
  EXPECT_EQ(door.tally().refused, 1u);
}

TEST(Door, AHeadInManyPiecesIsReadNowAndThen) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  Client client(door.port());
  const std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(15000, 'x') + "\r\n\r\n";
  const auto start = support::Clock::now();
  for (const char byte : head) ASSERT_TRUE(client.send({&byte, 1}));
  ASSERT_TRUE(accepted.reach(1));
  const auto tally = door.tally();
  EXPECT_LE(tally.examined, 3 * head.size());
  // As many pieces as are read at once, and then one in 20 ms, however many bytes come.
  EXPECT_LE(static_cast<double>(tally.reads), 10 + seconds_since(start) / 0.02 * 2);
}

TEST(Door, AClientOfManyPiecesMayLeaveBeforeTheNextIsRead) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  for (int i = 0; i < 20; ++i) {
    Client client(door.port());
    // The first pieces are read as they come; the next would be read 20 ms later.
    for (int piece = 0; piece < 9; ++piece) {
      const auto before = door.tally().reads;
      ASSERT_TRUE(client.send("G"));
      ASSERT_TRUE(eventually([&] { return door.tally().reads > before; }));
    }
    client.reset();
    ASSERT_TRUE(eventually([&] { return door.tally().inside == 0; }));
  }
  Client client(door.port());
  ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(accepted.reach(1));
}

/// Answers each request with its path, and keeps the connection if the request asks for it.
struct Echo {
  Door door{quick(), [this](AcceptedRequest accepted) {
              const std::string text = accepted.request.path + accepted.body;
              const bool keep = accepted.request.header("connection") != nullptr;
              door.answer(std::move(accepted),
                          "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(text.size()) +
                              "\r\n\r\n" + text,
                          keep);
            }};
};

TEST(Door, AnswersOneRequestAfterTheOtherOnOneConnection) {
  Echo echo;
  Client client(echo.door.port());
  const std::string keep = " HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n";
  for (const char* path : {"/a", "/b", "/c"}) {
    ASSERT_TRUE(client.send("GET " + std::string(path) + keep + "\r\n"));
    EXPECT_TRUE(client.read_at_least(40).ends_with(path));
  }
  // Two at once, the first with a body.
  ASSERT_TRUE(
      client.send("POST /d" + keep + "Content-Length: 4\r\n\r\nbodyGET /e" + keep + "\r\n"));
  const std::string both = client.read_at_least(84);
  EXPECT_NE(both.find("/dbody"), std::string::npos);
  EXPECT_TRUE(both.ends_with("/e"));
  ASSERT_TRUE(client.send("GET /f HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(client.read_all().ends_with("/f"));
  EXPECT_TRUE(eventually([&] { return echo.door.tally().inside == 0; }));
}

TEST(Door, SaysThatABodyIsWanted) {
  Echo echo;
  Client client(echo.door.port());
  ASSERT_TRUE(client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_some(), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("ok"));
  EXPECT_TRUE(client.read_all().ends_with("/ok"));
}

TEST(Door, AnswersAClientThatHasClosedItsSendingHalf) {
  Echo echo;
  Client client(echo.door.port());
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"));
  client.end_of_sending();
  EXPECT_TRUE(client.read_all().ends_with("/ok"));
}

TEST(Door, EndsAnIdleConnection) {
  Settings settings = quick();
  settings.idle_seconds = 0.1;
  std::unique_ptr<Door> door;
  std::atomic<Door*> made = nullptr;
  door = std::make_unique<Door>(settings, [&](AcceptedRequest accepted) {
    while (made == nullptr) std::this_thread::yield();
    made.load()->answer(std::move(accepted), "HTTP/1.1 204 No Content\r\n\r\n", true);
  });
  made = door.get();
  Client client(door->port());
  ASSERT_TRUE(client.send(kGet));
  EXPECT_EQ(client.read_all(), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_FALSE(client.timed_out());
  EXPECT_TRUE(eventually([&] { return door->tally().inside == 0; }));
}

TEST(Door, AClientThatDoesNotReadItsAnswerIsLetGo) {
  Settings settings = quick();
  settings.answer_seconds = 0.2;
  std::string page;
  page.resize(50'000'000, 'x');
  std::atomic<Door*> made = nullptr;
  const Door door(settings, [&](AcceptedRequest accepted) {
    while (made == nullptr) std::this_thread::yield();
    made.load()->answer(std::move(accepted), page, false);
  });
  made = const_cast<Door*>(&door);
  Client client(door.port());
  ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(eventually([&] { return door.tally().waiting == 1; }));
  EXPECT_TRUE(eventually([&] { return door.tally().inside == 0; }));
}

TEST(Door, WithoutAHostItsOwnAddressServes) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  Client client(door.port());
  ASSERT_TRUE(client.send("GET /listen.m3u HTTP/1.0\r\n\r\n"));
  ASSERT_TRUE(accepted.reach(1));
  EXPECT_EQ(accepted.all().front().request.host, "127.0.0.1:" + std::to_string(door.port()));
}

TEST(Door, OutlivesADoorThatCloses) {
  AcceptedRequests accepted;
  Client client(-1);
  {
    const Door door(quick(), accepted.taker());
    client = Client(door.port());
    ASSERT_TRUE(client.send(kGet));
    ASSERT_TRUE(accepted.reach(1));
  }
  ASSERT_EQ(::send(accepted.all().front().socket.fd(), "on", 2, MSG_NOSIGNAL), 2);
  EXPECT_EQ(client.read_some(), "on");
}

TEST(Door, ClosesAtOnceWithPeopleInside) {
  AcceptedRequests accepted;
  const std::size_t descriptors = support::open_descriptors();
  const std::size_t threads = support::threads();
  for (int i = 0; i < 20; ++i) {
    auto door = std::make_unique<Door>(quick(), accepted.taker());
    Client half(door->port());
    ASSERT_TRUE(half.send("GET"));
    ASSERT_TRUE(eventually([&] { return door->tally().waiting == 1; }));
    const auto start = support::Clock::now();
    door.reset();
    EXPECT_LT(seconds_since(start), 1);
    EXPECT_TRUE(half.is_closed_soon());
  }
  EXPECT_EQ(support::open_descriptors(), descriptors);
  EXPECT_EQ(support::threads(), threads);
}

TEST(Door, ARequestThatNobodyTakesIsClosed) {
  const Door door(quick(), [](AcceptedRequest) {});
  Client client(door.port());
  ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(client.is_closed_soon());
  EXPECT_EQ(door.tally().inside, 0u);
}

TEST(Door, TellsAClientWhyItIsRefused) {
  const Door door(quick(), [](AcceptedRequest accepted) {
    refuse(std::move(accepted), {404, "nothing here"});
  });
  Client client(door.port());
  ASSERT_TRUE(client.send(kGet));
  const std::string answer = client.read_all();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 404");
  EXPECT_NE(answer.find("nothing here"), std::string::npos);
}

std::string why_not(const std::string& address, int port) {
  Settings settings;
  settings.address = address;
  settings.port = port;
  try {
    const Door door(settings, [](AcceptedRequest) {});
  } catch (const CannotListen& error) {
    return error.what();
  }
  return "";
}

TEST(Door, SaysWhyItCannotListen) {
  const Door door(quick(), [](AcceptedRequest) {});
  const std::string port = std::to_string(door.port());
  EXPECT_EQ(why_not("127.0.0.1", door.port()),
            "cannot listen on 127.0.0.1:" + port + ": Address already in use");
  EXPECT_EQ(why_not("8.8.8.8", 0), "cannot listen on 8.8.8.8:0: Cannot assign requested address");
  EXPECT_EQ(why_not("somewhere", 1), "cannot listen on somewhere:1: this is not an IP address");
  EXPECT_EQ(why_not("127.0.0.1", 65536),
            "cannot listen on 127.0.0.1:65536: a port is a number from 0 to 65535");
}

TEST(Door, TakesBothFamilies) {
  Settings settings = quick();
  settings.address = "::";
  AcceptedRequests accepted;
  std::unique_ptr<Door> door;
  try {
    door = std::make_unique<Door>(settings, accepted.taker());
  } catch (const CannotListen&) {
    GTEST_SKIP() << "this machine has no IPv6";
  }
  Client client(door->port());
  ASSERT_TRUE(client.send(kGet));
  ASSERT_TRUE(accepted.reach(1));
  EXPECT_EQ(accepted.all().front().peer.address, "127.0.0.1");
}

// In a child of its own, since the limit holds for the whole process.
int life_with_few_descriptors() {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  std::vector<Client> clients;
  Client last(-1);
  const rlimit few{support::open_descriptors() + 20, support::open_descriptors() + 20};
  if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 10;
  Socket held(::dup(0));
  while (true) {
    Client client(door.port());
    if (client.fd() < 0) break;
    client.send("GET / HT");
    clients.push_back(std::move(client));
    const auto arrived = [&] { return door.tally().waiting + door.tally().refused; };
    if (!eventually([&] { return arrived() == clients.size(); })) return 17;
  }
  held.reset();  // now one client fits, but not its other end
  last = Client(door.port());
  if (last.fd() < 0) return 11;
  last.send(kGet);
  const std::string answer = last.read_all();
  if (answer.find("HTTP/1.1 503") != 0) return 12;
  if (answer.find("Retry-After") == std::string::npos) return 13;
  const auto cpu = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  };
  const double before = cpu();
  ::poll(nullptr, 0, 300);  // a while in which nothing happens
  if (cpu() - before > 0.05) return 14;
  clients.clear();
  last.close();
  if (!eventually([&] { return door.tally().waiting == 0; })) return 15;
  last = Client(door.port());
  last.send(kGet);
  return accepted.reach(1) ? 0 : 16;
}

TEST(Door, LeavesDescriptorsToTheProgram) {
  AcceptedRequests accepted;
  Settings settings = quick();
  settings.highest_descriptor = 0;  // which the first connection is above
  const Door door(settings, accepted.taker());
  Client client(door.port());
  client.send(kGet);
  const std::string answer = client.read_all();
  EXPECT_EQ(answer.find("HTTP/1.1 503"), 0u);
  EXPECT_NE(answer.find("\r\nRetry-After: "), std::string::npos);
}

TEST(Door, SaysThatItIsFullWithoutDescriptorsAndRecovers) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(life_with_few_descriptors());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Door, ServesAStormBehindAnIdleCrowd) {
  AcceptedRequests accepted;
  const Door door(quick(), accepted.taker());
  std::vector<Client> idle;
  for (int i = 0; i < 500; ++i) idle.emplace_back(door.port());
  std::vector<Client> storm;
  for (int i = 0; i < 500; ++i) storm.emplace_back(door.port());
  for (const Client& client : storm) ASSERT_TRUE(client.send(kGet));
  EXPECT_TRUE(accepted.reach(500));
  EXPECT_EQ(door.tally().waiting, 500u);
}

}  // namespace
}  // namespace infinara::door

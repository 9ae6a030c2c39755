// SPDX-License-Identifier: Apache-2.0
// The broadcaster on real sockets. Streams run faster than their sound would, so that seconds of
// lag take milliseconds.
#include "cast/broadcaster.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cast/connection.hpp"
#include "cast/icy_titles.hpp"
#include "station.hpp"
#include "support/mp3.hpp"
#include "support/sockets.hpp"

namespace infinara::cast {
namespace {

using namespace std::chrono_literals;
using support::Client;
using support::eventually;

BroadcasterOptions rare_batches() {
  BroadcasterOptions options;
  options.interval = Seconds(5);
  return options;
}

/// Reads until the head and `frames` frames are there.
std::string read_frames(Client& client, std::size_t frames) {
  std::string got = client.read_some();
  while (got.find("\r\n\r\n") == std::string::npos || support::body_of(got).size() < frames * 576) {
    const std::string more = client.read_some();
    if (more.empty()) break;
    got += more;
  }
  return got;
}

TEST(Broadcaster, AnswersBeforeThereIsSound) {
  Station station(rare_batches());
  Client client = station.connect();
  EXPECT_EQ(client.read_some().find("HTTP/1.1 200 OK\r\n"), 0u);
  EXPECT_EQ(station.broadcaster().totals().listeners, 1u);
}

TEST(Broadcaster, DoesNotKeepTheFirstListenersWaitingForABatch) {
  Station station(rare_batches());
  Client client = station.join();
  ASSERT_FALSE(client.read_some().empty());
  for (int i = 0; i < 5; ++i) {
    station.play(1);
    const std::string got = client.read_at_least(576);
    EXPECT_EQ(support::numbers_in(got), std::vector<std::uint32_t>{station.next() - 1});
  }
}

TEST(Broadcaster, GivesTheLastSecondsAtOnceFromAFrameOn) {
  Station station(rare_batches());
  station.play(1000);  // 24 s
  Client client = station.connect();
  const std::string got = read_frames(client, 125);
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  ASSERT_FALSE(numbers->empty());
  EXPECT_EQ(numbers->front(), 1000u - 125);  // 3 s
  EXPECT_EQ(numbers->back(), 999u);
  EXPECT_TRUE(support::is_contiguous(*numbers));
}

TEST(Broadcaster, ABurstIsWhatTheListenerAskedFor) {
  for (const auto& [request, frames] : std::vector<std::pair<double, std::size_t>>{
           {0.0, 0}, {1.0, 42}, {8.0, 334}, {1e9, 334}, {-5, 0}, {NAN, 0}}) {
    StreamRequest wish;
    wish.burst = request;
    Station station(rare_batches(), wish);
    station.play(1000);
    Client client = station.join();
    station.play(1);
    const auto numbers = support::numbers_in(support::body_of(read_frames(client, frames)));
    ASSERT_TRUE(numbers);
    if (!numbers->empty()) {
      EXPECT_EQ(numbers->front(), 1000u - frames) << request;
    }
    EXPECT_GE(numbers->size(), frames);
  }
}

TEST(Broadcaster, SendsBatches) {
  BroadcasterOptions options;
  options.interval = Seconds(0.05);
  Station station(options);
  station.play(200);
  Client client = station.join();
  std::string got = read_frames(client, 125);
  for (int i = 0; i < 20; ++i) {
    station.play(3);
    got += client.read_at_least(3 * 576);
  }
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  EXPECT_TRUE(support::is_contiguous(*numbers));
  EXPECT_EQ(numbers->back(), station.next() - 1);
  EXPECT_TRUE(eventually(
      [&] { return station.broadcaster().totals().bytes == support::body_of(got).size(); }));
}

TEST(Broadcaster, AStalledAndASlowListenerDisturbNobody) {
  BroadcasterOptions options;
  options.interval = Seconds(0.02);
  options.max_lag = Seconds(2);
  Station station(options);
  station.play(200);
  Client stalled = station.join("/stalled", 4096);
  Client slow = station.join("/slow", 4096);
  Client quick = station.join("/quick");
  std::string got;
  const auto both_gone = [&] { return station.left().size() >= 2; };
  const auto end = support::Clock::now() + 20s;
  while (!both_gone() && support::Clock::now() < end) {
    station.play(5);
    const std::string more = quick.read_at_least(5 * 576);
    ASSERT_FALSE(more.empty());
    got += more;
    slow.read_some(5 * 576 / 2, 0);  // half of what is sent to it
  }
  EXPECT_TRUE(station.has_left("!/slow: it was too far behind"));
  EXPECT_TRUE(station.has_left("!/stalled: it was too far behind"));
  EXPECT_EQ(station.broadcaster().totals().dropped, 2u);
  EXPECT_EQ(station.broadcaster().totals().behind, 2u);
  EXPECT_TRUE(eventually([&] { return station.broadcaster().totals().listeners == 1; }));
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  EXPECT_GT(numbers->size(), 200u);
  EXPECT_TRUE(support::is_contiguous(*numbers));
}

TEST(Broadcaster, NoticesWhoLeaves) {
  BroadcasterOptions options;
  options.interval = Seconds(0.02);
  Station station(options);
  Client polite = station.join("/polite");
  Client rude = station.join("/rude");
  polite.close();
  rude.reset();
  EXPECT_TRUE(eventually([&] {
    station.play(1);  // a client that has closed its connection is found when it is sent to
    return station.left().size() == 2;
  }));
  EXPECT_TRUE(station.has_left("/polite: it left"));
  EXPECT_TRUE(station.has_left("/rude: it left"));
  EXPECT_TRUE(eventually([&] { return station.inside() == 0; }));
  EXPECT_EQ(station.broadcaster().totals().dropped, 0u);
}

TEST(Broadcaster, AClosedListenerIsGoneWithinTwoSeconds) {
  Station station;  // with its usual batches, at the speed of the sound
  station.play(200);
  Client client = station.join("/closed");
  read_frames(client, 125);
  client.close();
  const auto closed = support::Clock::now();
  EXPECT_TRUE(eventually([&] {
    station.play(1);
    std::this_thread::sleep_for(24ms);
    return station.has_left("/closed: it left");
  }));
  EXPECT_LT(support::Clock::now() - closed, 2s);
}

TEST(Broadcaster, ServesAListenerThatHasClosedItsSendingHalf) {
  BroadcasterOptions options;
  options.interval = Seconds(0.02);
  Station station(options);
  station.play(200);
  Client client = station.join("/half");
  client.end_of_sending();
  std::string got = read_frames(client, 125);
  for (int i = 0; i < 20; ++i) {
    station.play(10);
    got += client.read_at_least(10 * 576);
  }
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  EXPECT_TRUE(support::is_contiguous(*numbers));
  EXPECT_EQ(numbers->back(), station.next() - 1);
  EXPECT_EQ(station.broadcaster().totals().listeners, 1u);
  client.reset();
  EXPECT_TRUE(eventually([&] {
    station.play(1);
    return station.has_left("/half: it left");
  }));
}

TEST(Broadcaster, AnswersHeadAndCloses) {
  Station station(rare_batches());
  station.play(100);
  Client client = station.connect("/", 0, "HEAD");
  const std::string got = client.read_all();
  EXPECT_FALSE(client.timed_out());
  EXPECT_TRUE(got.ends_with("\r\n\r\n"));
  EXPECT_EQ(support::body_of(got), "");
  EXPECT_EQ(station.broadcaster().totals().listeners, 0u);
}

TEST(Broadcaster, AnswersThePreflightOfABrowserAndCloses) {
  StreamRequest preflight;
  preflight.kind = StreamRequest::Kind::kPreflight;
  Station station(rare_batches(), preflight);
  Client client = station.connect();
  const std::string got = client.read_all();
  EXPECT_FALSE(client.timed_out());
  EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(got.find("\r\nAccess-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"), got.npos);
  EXPECT_EQ(support::body_of(got), "");
  EXPECT_EQ(station.broadcaster().totals().listeners, 0u);
}

TEST(Broadcaster, TheNextListenerIsToldWhatHasBeenSet) {
  BroadcasterOptions options;
  options.content_type = "";
  Station station(options);
  station.broadcaster().set_type("audio/aac");
  station.broadcaster().set_genre("jazz");
  station.broadcaster().set_bitrate(192);
  station.broadcaster().set_burst(Seconds(1));
  station.broadcaster().set_interval(Seconds(5));
  station.play(1000);
  Client client = station.connect();
  const std::string got = read_frames(client, 42);
  for (const char* line : {"Content-Type: audio/aac", "icy-genre: jazz", "icy-br: 192"})
    EXPECT_NE(got.find("\r\n" + std::string(line) + "\r\n"), got.npos) << line;
  const auto numbers = support::numbers_in(support::body_of(got));
  ASSERT_TRUE(numbers);
  ASSERT_FALSE(numbers->empty());
  EXPECT_EQ(numbers->front(), 1000u - 42);
}

TEST(Broadcaster, TurnsAwayOneTooMany) {
  BroadcasterOptions options = rare_batches();
  options.max_listeners = 1;
  Station station(options);
  Client first = station.join("/first");
  Client second = station.connect("/second");
  EXPECT_EQ(second.read_all().substr(0, 12), "HTTP/1.1 503");
  station.broadcaster().set_max_listeners(0);
  Client third = station.join("/third");
  EXPECT_EQ(third.read_some().substr(0, 12), "HTTP/1.1 200");
}

TEST(Broadcaster, LetsEverybodyHearTheEnd) {
  BroadcasterOptions options = rare_batches();
  options.send_buffer = 4096;
  Station station(options);
  Client before = station.join("/before");
  station.play(400);
  station.broadcaster().finish();
  Client after = station.connect("/after");
  std::thread waiting([&] { station.broadcaster().wait_until_sent(Seconds(10)); });
  const auto whole = support::numbers_in(support::body_of(before.read_all()));
  EXPECT_FALSE(before.timed_out());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->size(), 400u);
  const auto rest = support::numbers_in(support::body_of(after.read_all()));
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->back(), 399u);
  waiting.join();
  EXPECT_TRUE(eventually([&] { return station.has_left("/before: the stream ended"); }));
  station.play(10);  // and goes on
  Client next = station.join("/next");
  EXPECT_FALSE(next.read_some().empty());
}

TEST(Broadcaster, AWaitForTheEndCanBeCutShort) {
  Station station(rare_batches());
  Client stalled = station.join("/stalled", 4096);
  station.play(400);
  station.broadcaster().finish();
  const auto start = support::Clock::now();
  std::thread waiting([&] { station.broadcaster().wait_until_sent(Seconds(60)); });
  station.broadcaster().cancel_wait();
  waiting.join();
  EXPECT_LT(support::Clock::now() - start, 10s);
}

TEST(Broadcaster, TellsTitlesWhereTheyChange) {
  StreamRequest request;
  request.icy = true;
  Station station(rare_batches(), request);
  Client client = station.join();
  station.broadcaster().set_title("one");
  station.play(100);
  station.broadcaster().set_title("it's \"two\"");
  station.play(100);
  station.broadcaster().finish();
  std::string rest = support::body_of(client.read_all());
  std::string sound;
  std::vector<std::pair<std::size_t, std::string>> titles;
  while (rest.size() > kMetaint) {
    sound += rest.substr(0, kMetaint);
    const auto length = 16 * static_cast<std::size_t>(static_cast<unsigned char>(rest[kMetaint]));
    if (length > 0) titles.emplace_back(sound.size(), rest.substr(kMetaint + 1, length).c_str());
    rest.erase(0, kMetaint + 1 + length);
  }
  sound += rest;
  EXPECT_EQ(sound.size(), 200u * 576);
  EXPECT_TRUE(support::numbers_in(sound));
  ASSERT_EQ(titles.size(), 2u);
  EXPECT_EQ(titles[0].first, kMetaint);
  EXPECT_EQ(titles[0].second, "StreamTitle='one';StreamUrl='';");
  EXPECT_EQ(titles[1].first, 4 * kMetaint);  // the first after 57 600
  EXPECT_EQ(titles[1].second, "StreamTitle='it\u2019s \"two\"';StreamUrl='';");
}

TEST(Broadcaster, KnowsItsListeners) {
  Station station(rare_batches());
  station.play(200);
  Client client = station.join("/phone");
  read_frames(client, 125);
  ASSERT_TRUE(eventually([&] {
    const auto all = station.broadcaster().listeners(10);
    return all.size() == 1 && all[0].bytes == 125 * 576;
  }));
  const auto all = station.broadcaster().listeners(10);
  EXPECT_EQ(all[0].agent, "/phone");
  EXPECT_EQ(all[0].address, "127.0.0.1");
  EXPECT_EQ(all[0].lag, Seconds(0));
  EXPECT_GE(all[0].since, Seconds(0));
}

TEST(Broadcaster, LeavesNothingBehind) {
  std::size_t descriptors;
  std::size_t threads;
  {
    Station station(rare_batches());
    station.play(200);
    { Client warm_up = station.join(); }
    ASSERT_TRUE(eventually([&] { return station.inside() == 0; }));
    descriptors = support::open_descriptors();
    threads = support::threads();
    std::size_t heap = 0;
    for (int i = 0; i < 600; ++i) {
      if (i == 100) heap = ::mallinfo2().uordblks;  // what grows once has grown
      Client client = station.join();
      if (i % 3 == 0) read_frames(client, 1);
      if (i % 3 == 1) client.reset();
    }
    ASSERT_TRUE(eventually([&] { return station.inside() == 0; }));
    // What is remembered here of each who left is this test's own.
    EXPECT_LT(::mallinfo2().uordblks, heap + 500 * 128);
    EXPECT_EQ(support::open_descriptors(), descriptors);
    EXPECT_EQ(support::threads(), threads);
    EXPECT_EQ(station.left().size(), 601u);
  }
  EXPECT_EQ(support::threads(), threads - 2);
}

TEST(Broadcaster, AStormOfJoinsIsHeardByNobodyElse) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_GE(limit.rlim_max, 4200u) << "each of 2000 connections has two ends here";
  {
    BroadcasterOptions options;
    options.interval = Seconds(0.1);
    Station station(options);
    station.play(200);
    Client quick = station.join("/quick");
    std::atomic<bool> over = false;
    std::atomic<std::size_t> read = 0;
    std::string got;
    std::thread reading([&] {
      while (!over) {
        got += quick.read_some(65536, 100);
        read = got.size();
      }
    });
    std::thread playing([&] {
      while (!over) {
        station.play(1);
        std::this_thread::sleep_for(24ms);  // as it sounds
      }
    });
    std::vector<Client> storm;
    for (int i = 0; i < 2000; ++i) storm.push_back(station.connect("/storm"));
    EXPECT_TRUE(eventually([&] { return station.broadcaster().totals().listeners == 2001; }));
    for (Client& client : storm) EXPECT_EQ(client.read_some(15), "HTTP/1.1 200 OK");
    constexpr std::size_t kBurst = 125 * 576, kHead = 1000;
    const std::size_t in_the_storm = std::max<std::size_t>(read, kBurst + kHead);
    EXPECT_TRUE(eventually([&] { return read > in_the_storm; }));
    over = true;
    reading.join();
    playing.join();
    const auto numbers = support::numbers_in(support::body_of(got));
    ASSERT_TRUE(numbers);
    EXPECT_GT(numbers->size(), 125u);
    EXPECT_TRUE(support::is_contiguous(*numbers));
    storm.clear();
    EXPECT_TRUE(eventually([&] { return station.broadcaster().totals().listeners == 1; }));
    EXPECT_EQ(station.broadcaster().totals().dropped, 0u);
  }
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

TEST(Broadcaster, ClosesEverybodyAtOnce) {
  std::vector<Client> clients;
  {
    Station station(rare_batches());
    for (int i = 0; i < 20; ++i) clients.push_back(station.join("/", 4096));
    station.play(1000);
  }
  for (Client& client : clients) EXPECT_TRUE(client.is_closed_soon());
}

TEST(Connection, IsTriedAgainAfterTwelveSecondsAtMost) {
  constexpr int kTcpRtoMaxMs = 44;  // of Linux 6.15
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(fd, 0);
  configure_connection(fd, 24 * 1024);
  int longest = 0;
  socklen_t size = sizeof longest;
  const bool is_known = ::getsockopt(fd, IPPROTO_TCP, kTcpRtoMaxMs, &longest, &size) == 0;
  ::close(fd);
  if (!is_known) GTEST_SKIP() << "this kernel has no such limit";
  EXPECT_EQ(longest, 12000);
}

}  // namespace
}  // namespace infinara::cast

// SPDX-License-Identifier: Apache-2.0
#include "app/http_server.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <filesystem>
#include <future>
#include <thread>

#include "gstpp/ref.hpp"
#include "station/fake_radio.hpp"
#include "support/http_client.hpp"
#include "support/sockets.hpp"
#include "webrtc/fake_sessions.hpp"
#include "webrtc/offers.hpp"

namespace infinara::app {
namespace {

using namespace station;

using test::HttpClient;
using test::request;

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

/// A server on a free port; the default main context runs in a thread of its own.
struct AServer : testing::Test {
  AServer() {
    loop_thread = std::thread([this] { g_main_loop_run(loop); });
  }
  ~AServer() override {
    // From inside: a loop that does not run yet would not hear it.
    g_idle_add(
        [](gpointer loop) -> gboolean {
          g_main_loop_quit(static_cast<GMainLoop*>(loop));
          return G_SOURCE_REMOVE;
        },
        loop.get());
    loop_thread.join();
  }
  static door::Settings settings() {
    door::Settings settings;
    settings.address = "127.0.0.1";
    settings.port = 0;
    return settings;
  }
  void listen(door::AcceptedRequest accepted) { listener.set_value(std::move(accepted)); }

  FakeRadio radio;
  memory::Memory memory;
  webrtc::FakeSessions sessions;
  std::promise<door::AcceptedRequest> listener;
  HttpServer server{
      {.door = settings()}, radio, memory, sessions, [this](door::AcceptedRequest accepted) {
        listen(std::move(accepted));
      }};
  gstpp::Ref<GMainLoop> loop = gstpp::Ref<GMainLoop>::adopt(g_main_loop_new(nullptr, FALSE));
  std::thread loop_thread;
};

TEST_F(AServer, ServesThePage) {
  const auto response = request(server.port(), "GET", "/");
  EXPECT_EQ(response.find("HTTP/1.1 200 OK\r\n"), 0u) << response;
  EXPECT_NE(response.find("Content-Security-Policy: default-src 'self'"), response.npos);
  EXPECT_NE(response.find("Connection: close"), response.npos);
  EXPECT_NE(response.find("<title>Infinara"), response.npos);
}

TEST_F(AServer, AnswersHeadWithTheSizeAndNoBody) {
  const auto get = request(server.port(), "GET", "/");
  const auto head = request(server.port(), "HEAD", "/");
  const auto end = head.find("\r\n\r\n");
  EXPECT_EQ(end, head.size() - 4);
  const auto size =
      "Content-Length: " + std::to_string(get.size() - get.find("\r\n\r\n") - 4) + "\r\n";
  EXPECT_NE(head.find(size), head.npos) << head;
}

TEST_F(AServer, AnswersTheApi) {
  EXPECT_EQ(request(server.port(), "GET", "/nothing").find("HTTP/1.1 404 "), 0u);
  const auto wrong = request(server.port(), "GET", "/api/skip");
  EXPECT_EQ(wrong.find("HTTP/1.1 405 "), 0u);
  EXPECT_NE(wrong.find("Allow: POST, OPTIONS\r\n"), wrong.npos);
  EXPECT_EQ(
      request(server.port(), "POST", "/api/genre", R"({"genre":"jazz"})").find("HTTP/1.1 200 "),
      0u);
  EXPECT_EQ(request(server.port(), "POST", "/api/genre", "{}").find("HTTP/1.1 400 "), 0u);
  EXPECT_EQ(request(server.port(), "OPTIONS", "/stream").find("HTTP/1.1 204 "), 0u);
  EXPECT_EQ(request(server.port(), "POST", "/stream").find("HTTP/1.1 405 "), 0u);
  EXPECT_EQ(radio.told, std::vector<std::string>{"jazz queue"});
}

TEST_F(AServer, AnswersWebRtc) {
  HttpClient client(server.port());
  client.send(
      "POST /whep HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\nContent-Length: " +
      std::to_string(webrtc::kGoodOffer.size()) + "\r\n\r\n" + webrtc::kGoodOffer);
  const auto response = client.receive();
  EXPECT_EQ(response.find("HTTP/1.1 201 "), 0u) << response;
  EXPECT_NE(response.find("Location: whep/" + sessions.id + "\r\n"), response.npos);
  EXPECT_NE(response.find("Connection: close\r\n"), response.npos);
  EXPECT_TRUE(response.ends_with("\r\n\r\n" + sessions.answer));
  EXPECT_EQ(request(server.port(), "DELETE", "/whep/" + sessions.id).find("HTTP/1.1 200 "), 0u);
  EXPECT_EQ(request(server.port(), "PATCH", "/whep/" + sessions.id, "x").find("HTTP/1.1 404 "), 0u);
  EXPECT_EQ(request(server.port(), "GET", "/whep").find("HTTP/1.1 204 "), 0u);
  const auto head = request(server.port(), "HEAD", "/whep");
  EXPECT_EQ(head.find("HTTP/1.1 200 "), 0u) << head;
  EXPECT_NE(head.find("Content-Type: application/sdp\r\n"), head.npos) << head;
  EXPECT_NE(head.find("Content-Length: 0\r\n"), head.npos) << head;
  const auto options = request(server.port(), "OPTIONS", "/whep");
  EXPECT_EQ(options.find("HTTP/1.1 200 "), 0u) << options;
  EXPECT_NE(options.find("Content-Length: 0\r\n"), options.npos) << options;
  EXPECT_EQ(request(server.port(), "DELETE", "/api/skip").find("HTTP/1.1 405 "), 0u);
}

TEST_F(AServer, TheQueryIsNoPartOfThePath) {
  EXPECT_EQ(request(server.port(), "GET", "/api/status?x=1").find("HTTP/1.1 200 "), 0u);
  EXPECT_EQ(request(server.port(), "GET", "/api/statusx").find("HTTP/1.1 404 "), 0u);
  EXPECT_EQ(request(server.port(), "GET", "/x%2f..%2fapi").find("HTTP/1.1 4"), 0u);
}

TEST_F(AServer, AProxyMayTellByWhichNameItWasFound) {
  HttpClient client(server.port());
  client.send(
      "GET /radio/listen.m3u HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Forwarded-Prefix: /radio\r\n"
      "X-Forwarded-Host: radio.example, inner\r\nX-Forwarded-Proto: HTTPS, http\r\n\r\n");
  const auto response = client.receive();
  EXPECT_NE(response.find("\nhttps://radio.example/radio/stream\n"), response.npos) << response;
}

TEST_F(AServer, WithoutAHostItsOwnAddressServes) {
  HttpClient client(server.port());
  client.send("GET /listen.m3u HTTP/1.0\r\n\r\n");
  const auto response = client.receive();
  EXPECT_NE(response.find("\nhttp://127.0.0.1:" + std::to_string(server.port()) + "/stream\n"),
            response.npos)
      << response;
}

TEST_F(AServer, KeepsAConnectionThatAsksForIt) {
  HttpClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\nConnection: Keep-Alive\r\n\r\n");
    std::string head;
    while (head.find("\r\n\r\n") == head.npos) {
      const auto more = client.receive(1);
      ASSERT_NE(more, "") << head;
      head += more;
    }
    EXPECT_EQ(head.find("HTTP/1.1 200 OK\r\n"), 0u);
    EXPECT_NE(head.find("Connection: keep-alive\r\n"), head.npos);
    EXPECT_NE(head.find("Date: "), head.npos);
  }
}

struct APublicServer : AServer {
  HttpServer shown{{.door = settings(),
                    .public_url = http::read_public_url("https://radio.example:8443/radio/")},
                   radio,
                   memory,
                   sessions,
                   [this](door::AcceptedRequest accepted) { listen(std::move(accepted)); }};
};

TEST_F(APublicServer, IsFoundWithItsPathAndWithout) {
  for (const char* path :
       {"/radio/", "/", "/radio/api/status", "/api/status", "/radio/style.css", "/radio/healthz?x"})
    EXPECT_EQ(request(shown.port(), "GET", path).find("HTTP/1.1 200 "), 0u) << path;
  for (const char* path : {"/radiox/", "/radio/radio/api/status", "/radio/nothing", "/Radio/"})
    EXPECT_EQ(request(shown.port(), "GET", path).find("HTTP/1.1 404 "), 0u) << path;
  EXPECT_NE(request(shown.port(), "GET", "/radio/listen.pls")
                .find("File1=https://radio.example:8443/radio/stream\n"),
            std::string::npos);
  const auto redirect = request(shown.port(), "GET", "/radio?x=1");
  EXPECT_EQ(redirect.find("HTTP/1.1 301 "), 0u) << redirect;
  EXPECT_NE(redirect.find("Location: radio/?x=1\r\n"), redirect.npos) << redirect;
  EXPECT_EQ(request(shown.port(), "DELETE", "/radio/whep/" + sessions.id).find("HTTP/1.1 200 "),
            0u);
}

TEST_F(APublicServer, ListenersComeByEitherPathAndName) {
  HttpClient client(shown.port());
  client.send("GET /radio/stream.ogg HTTP/1.0\r\n\r\n");
  auto arrived = listener.get_future();
  ASSERT_EQ(arrived.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_EQ(arrived.get().request.path, "/stream.opus");
}

TEST_F(AServer, AStatusHasItsWords) {
  HttpClient client(server.port());
  client.send("PATCH /whep/" + sessions.id +
              " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
              "Content-Type: application/trickle-ice-sdpfrag\r\n\r\nx");
  EXPECT_EQ(client.receive().find("HTTP/1.1 428 Precondition Required\r\n"), 0u);
}

TEST_F(AServer, IfMatchMayHaveSomeLines) {
  HttpClient client(server.port());
  const std::string body = "a=ice-ufrag:Ab1/\r\n";
  client.send("PATCH /whep/" + sessions.id + " HTTP/1.1\r\nHost: x\r\nIf-Match: \"" +
              sessions.id.substr(0, 12) +
              "\"\r\nIf-Match: \"other\"\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\nContent-Type: application/trickle-ice-sdpfrag\r\n\r\n" + body);
  EXPECT_EQ(client.receive().find("HTTP/1.1 204 "), 0u);
}

TEST_F(AServer, ABodyMayComeInPieces) {
  HttpClient client(server.port());
  client.send("POST /api/autodj HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n{\"enabl");
  client.send("ed\":false}");
  EXPECT_EQ(client.receive().find("HTTP/1.1 200 "), 0u);
  EXPECT_FALSE(radio.wished.auto_dj);
}

TEST_F(AServer, RefusesAHugeBodyBeforeItComes) {
  HttpClient client(server.port());
  client.send("POST /api/genre HTTP/1.1\r\nHost: x\r\nContent-Length: 300000000\r\n\r\n");
  EXPECT_EQ(client.receive().find("HTTP/1.1 413 "), 0u);
}

TEST_F(AServer, KnowsNoRanges) {
  std::string ranges = "0-";
  for (int i = 0; i < 1000; ++i) ranges += ",0-";
  HttpClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + ranges + "\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.find("HTTP/1.1 200 "), 0u);
  EXPECT_LT(response.size(), 30000u);
}

TEST_F(AServer, OneConnectionIsOneAnswer) {
  HttpClient client(server.port());
  client.send(
      "POST /api/skip HTTP/1.1\r\nHost: x\r\n\r\nGET /api/status HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto response = client.receive();
  EXPECT_EQ(response.find("HTTP/1.1", 1), response.npos) << response;
}

TEST_F(AServer, HandsTheListenerOnWithItsRequest) {
  HttpClient client(server.port());
  client.send("GET /stream?burst=2 HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n");
  auto arrived = listener.get_future();
  ASSERT_EQ(arrived.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  const door::AcceptedRequest accepted = arrived.get();
  EXPECT_EQ(accepted.request.query_value("burst"), "2");
  EXPECT_EQ(*accepted.request.header("icy-metadata"), "1");
  EXPECT_EQ(accepted.request.minor, 0);
  EXPECT_EQ(::send(accepted.socket.fd(), "sound", 5, MSG_NOSIGNAL), 5);
  EXPECT_EQ(client.receive(5), "sound");
}

TEST_F(AServer, TwoThousandOfEachKindLeaveNothingBehind) {
  const auto ask = [this](const std::string& said, bool waits) {
    HttpClient client(server.port());
    client.send(said);
    if (waits) client.receive();
  };
  const std::string get = "GET /api/status HTTP/1.1\r\nHost: x\r\n";
  const auto one_of_each = [&] {
    ask(get + "\r\n", true);
    ask(get + "Connection: keep-alive\r\n\r\n", false);
    ask(get + "\r\n", false);  // that does not wait for its answer
    ask("POST /offer HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", true);
    ask("POST /api/genre HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{", false);
    ask(get, false);  // half a head
  };
  const auto settle = [](std::ptrdiff_t descriptors) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (open_descriptors() > descriptors && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
  };
  request(server.port(), "GET", "/");  // what is opened once is open now
  const auto before = open_descriptors();
  for (int i = 0; i < 500; ++i) one_of_each();
  settle(before);
  const std::size_t heap = ::mallinfo2().uordblks;
  for (int i = 0; i < 1500; ++i) one_of_each();
  settle(before);
  EXPECT_LE(open_descriptors(), before);
  EXPECT_LE(::mallinfo2().uordblks, heap + 6 * 1500 * 16);
}

TEST_F(AServer, HugeRequestsCostNoMemory) {
  std::string ranges = "0-";
  for (int i = 0; i < 6000; ++i) ranges += ",0-";
  const std::string post = "POST /nowhere HTTP/1.1\r\nHost: x\r\n";
  const std::vector<std::pair<std::string, std::string>> bombs{
      {post + "Content-Length: 300000000\r\n\r\n" + std::string(1'000'000, 'x'), "413"},
      {post + "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n" + std::string(1'000'000, 'x'), "411"},
      {"GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + ranges + "\r\n\r\n", "431"},
      {"GET /" + std::string(50000, 'a') + " HTTP/1.1\r\nContent-Length: x\r\n\r\n", "414"}};
  const auto throw_all = [&] {
    for (const auto& [said, status] : bombs) {
      HttpClient client(server.port());
      client.send(said);
      EXPECT_EQ(client.receive().substr(0, 12), "HTTP/1.1 " + status);
    }
  };
  for (int i = 0; i < 20; ++i) throw_all();
  const std::size_t heap = ::mallinfo2().uordblks;
  for (int i = 0; i < 500; ++i) throw_all();
  // The door may still be letting the last of them go.
  EXPECT_TRUE(support::eventually([&] { return ::mallinfo2().uordblks <= heap + 65536; }))
      << ::mallinfo2().uordblks << " bytes, before " << heap;
}

TEST_F(AServer, SaysWhenThePortIsTaken) {
  auto settings = AServer::settings();
  settings.port = server.port();
  try {
    const HttpServer second({.door = settings}, radio, memory, sessions,
                            [](door::AcceptedRequest) {});
    FAIL() << "two servers on one port";
  } catch (const door::CannotListen& error) {
    EXPECT_EQ(error.what(), "cannot listen on 127.0.0.1:" + std::to_string(server.port()) +
                                ": Address already in use");
  }
}

}  // namespace
}  // namespace infinara::app

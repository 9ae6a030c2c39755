// SPDX-License-Identifier: Apache-2.0
// Requests with something broken in them, cut and ended in odd ways, at a real port. The random
// numbers are seeded; INFINARA_FUZZ_SECONDS says for how long.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "door/door.hpp"
#include "support/sockets.hpp"

namespace infinara::door {
namespace {

using support::Client;
using support::eventually;

constexpr std::string_view kSeeds[] = {
    "GET /stream?burst=2 HTTP/1.1\r\nHost: a.b:8080\r\nIcy-MetaData: 1\r\nRange: bytes=0-\r\n\r\n",
    "POST /api/genre HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 18\r\n\r\n{\"genre\":\"jazz\"}  ",
    "OPTIONS * HTTP/1.0\r\nOrigin: null\r\n\r\n",
    "HEAD /%2e%2e/%00?x=%zz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"};
constexpr std::string_view kWords[] = {"\r\n",
                                       "\n",
                                       "\r",
                                       " ",
                                       ":",
                                       "\0\0",
                                       "%",
                                       "\xff",
                                       "../",
                                       "Host: ",
                                       "Content-Length: -5\r\n",
                                       "HTTP/9.9",
                                       "\t",
                                       "A"};

class Fuzz {
 public:
  std::string request() {
    std::string text(kSeeds[below(std::size(kSeeds))]);
    for (std::size_t i = below(6); i > 0; --i) {
      const std::size_t at = below(text.size() + 1);
      switch (below(4)) {
        case 0:
          text.insert(at, kWords[below(std::size(kWords))]);
          break;
        case 1:
          text.erase(at, below(8));
          break;
        case 2:
          if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
          break;
        default:
          text.insert(at, std::string(below(300) * below(80), static_cast<char>(below(256))));
      }
    }
    return text;
  }
  std::size_t below(std::size_t end) { return end == 0 ? 0 : dice_() % end; }

 private:
  std::mt19937 dice_{20260101};
};

TEST(Fuzz, NothingThatIsSentToTheDoorHurtsIt) {
  Settings settings;
  settings.address = "127.0.0.1";
  settings.port = 0;
  settings.linger_seconds = 0.2;
  const Door door(settings, [](AcceptedRequest accepted) {
    refuse(std::move(accepted), {404, "nothing here"});
  });
  const char* wanted = std::getenv("INFINARA_FUZZ_SECONDS");
  const std::chrono::duration<double> lasting(wanted != nullptr ? std::atof(wanted) : 2);
  const std::size_t descriptors = support::open_descriptors();
  Fuzz fuzz;
  std::size_t sent = 0;
  for (const auto end = support::Clock::now() + lasting; support::Clock::now() < end; ++sent) {
    Client client(door.port());
    ASSERT_GE(client.fd(), 0) << "after " << sent << " requests";
    const std::string text = fuzz.request();
    const std::size_t cut = fuzz.below(text.size() + 1);
    client.send(std::string_view(text).substr(0, cut));
    if (fuzz.below(2) == 0) client.send(std::string_view(text).substr(cut));
    switch (fuzz.below(4)) {
      case 0:
        client.reset();
        break;
      case 1:
        client.end_of_sending();
        client.read_some(4096, 5);
        break;
      case 2:
        client.read_some(4096, 1);
        break;
      default:
        break;
    }
  }
  EXPECT_GT(sent, 100u);
  EXPECT_TRUE(eventually([&] { return support::open_descriptors() == descriptors; }));
  Client good(door.port());
  good.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(good.read_all().find("HTTP/1.1 404 "), 0u);
}

}  // namespace
}  // namespace infinara::door

// SPDX-License-Identifier: Apache-2.0
// A crowd for a stream server: opens N connections, listens for a while and prints one line of JSON
// about what it was given. One thread; an MP3 stream of a constant bit rate, on 127.0.0.1 only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cast/mp3_frames.hpp"

namespace {

using namespace infinara::cast;
using Clock = std::chrono::steady_clock;
using Time = double;  // seconds since the start

constexpr const char* kUsage =
    "usage: listeners PORT PATH COUNT JOINS_A_SECOND SECONDS [stalled]\n"
    "SECONDS of listening begin 3 s after the last join; the first 32 clients' frames are "
    "checked. With `stalled` nobody reads more than the beginning.\n";
constexpr int kStalledBuffer = 4096;  // bytes, SO_RCVBUF: what is not read stays at the server
bool stalled = false;
constexpr std::size_t kChecked = 32;
constexpr int kEachAddress = 2000;  // clients; a source address has 28 000 ports
constexpr double kRate = 24000;     // bytes a second at 192 kbit/s
constexpr double kPrebuffer = 1;    // seconds that a player waits for
constexpr Time kPatience = 10;      // for the first byte of sound

const Clock::time_point kBegin = Clock::now();
Time now() {
  return std::chrono::duration<double>(Clock::now() - kBegin).count();
}

struct Client {
  int fd = -1;
  bool asked = false, in_body = false, failed = false, left = false;
  std::string head;
  double bytes = 0;
  Time began = 0, first = 0, second = 0, playing = 0;
  double least = 1e9;  // seconds in hand
  double bytes_before = 0;
  std::string kept;  // all the sound, of those who are checked
};

void join(Client& client, int number, int port, int epoll) {
  client.began = now();
  client.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in own{}, server{};
  own.sin_family = server.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(0x7f000002u + static_cast<unsigned>(number / kEachAddress));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons(static_cast<std::uint16_t>(port));
  const int on = 1, segment = 1460;  // loopback's segments of 64 KB would not fit a small buffer
  if (stalled) {
    ::setsockopt(client.fd, SOL_SOCKET, SO_RCVBUF, &kStalledBuffer, sizeof kStalledBuffer);
    ::setsockopt(client.fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
  }
  ::setsockopt(client.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLET;
  event.data.ptr = &client;
  if (client.fd < 0 || ::bind(client.fd, reinterpret_cast<sockaddr*>(&own), sizeof own) != 0 ||
      (::connect(client.fd, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0 &&
       errno != EINPROGRESS) ||
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, client.fd, &event) != 0)
    client.failed = true;
}

void hear(Client& client, const char* bytes, std::size_t size, bool checked) {
  if (size == 0) return;
  const Time at = now();
  if (client.first == 0) client.first = at;
  if (client.playing > 0)
    client.least = std::min(client.least, client.bytes / kRate - (at - client.playing));
  client.bytes += static_cast<double>(size);
  if (client.second == 0 && client.bytes >= kRate) client.second = at;
  if (client.playing == 0 && client.bytes >= kRate * kPrebuffer) client.playing = at;
  if (checked) client.kept.append(bytes, size);
}

void serve(Client& client, const std::string& request, bool checked) {
  static std::vector<char> bytes(262144);
  if (!client.asked) {
    const auto sent = ::send(client.fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
    client.asked = true;
    client.failed = sent != static_cast<ssize_t>(request.size());
  }
  while (!client.failed) {
    if (stalled && client.in_body && client.first > 0) return;
    const auto got = ::recv(client.fd, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) break;
    const std::string_view piece(bytes.data(), static_cast<std::size_t>(got));
    if (client.in_body) {
      hear(client, piece.data(), piece.size(), checked);
      continue;
    }
    client.head += piece;
    const auto end = client.head.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    if (client.head.find(" 200 ") > 12) break;
    client.in_body = true;
    hear(client, client.head.data() + end + 4, client.head.size() - end - 4, checked);
    std::string().swap(client.head);
  }
  (client.in_body ? client.left : client.failed) = true;
  ::close(std::exchange(client.fd, -1));
}

/// Of a frame that is there twice, as silence before the first sound is.
constexpr std::size_t kAnyPlace = 0;

struct Frames {
  std::size_t offset = 0, broken = 0, undecodable = 0, skipped = 0;
};

/// Where whole frames begin, and how long they are.
std::vector<Bytes> frames_of(const std::string& sound, Frames& found) {
  std::vector<Bytes> all;
  const Bytes bytes = bytes_of(sound);
  for (std::size_t at = 0; at + 4 <= bytes.size();) {
    const auto header = read_mp3_header(bytes.subspan(at));
    if (header && at + header->size + 4 > bytes.size()) break;
    if (header && (!all.empty() || read_mp3_header(bytes.subspan(at + header->size)))) {
      all.push_back(bytes.subspan(at, header->size));
      at += header->size;
      continue;
    }
    all.empty() ? ++found.offset : ++found.broken;
    ++at;
  }
  return all;
}

std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Frames check(const std::string& sound,
             const std::unordered_map<std::string_view, std::size_t>& all) {
  Frames found;
  std::size_t reservoir = 0;
  std::size_t expected = 0;
  bool leading = true;
  for (const Bytes frame : frames_of(sound, found)) {
    if (leading && reach_back_of(frame) > reservoir)
      ++found.undecodable;
    else
      leading = false;
    reservoir += read_mp3_header(frame)->main_size();
    const auto place = all.find(text_of(frame));
    if (place == all.end()) continue;  // a priming frame, or beyond what the reference heard
    if (place->second == kAnyPlace) {
      if (expected != 0) ++expected;
      continue;
    }
    if (expected != 0 && place->second > expected) found.skipped += place->second - expected;
    expected = place->second + 1;
  }
  return found;
}

double part(std::vector<double>& values, double share) {
  if (values.empty()) return -1;
  std::sort(values.begin(), values.end());
  return 1000 * values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

double own_cpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void say(const std::vector<Client>& clients, Time seconds) {
  std::vector<double> first, second;
  std::size_t connected = 0, left = 0, dry = 0;
  double least = 1e9, slowest = 1e9, received = 0;
  for (const Client& client : clients) {
    if (!client.in_body || client.first == 0) continue;
    ++connected;
    left += client.left;
    first.push_back(client.first - client.began);
    if (client.second > 0) second.push_back(client.second - client.began);
    dry += client.least < 0;
    least = std::min(least, client.least);
    received += client.bytes - client.bytes_before;
    slowest = std::min(slowest, (client.bytes - client.bytes_before) / seconds * 8 / 1000);
  }
  std::unordered_map<std::string_view, std::size_t> reference;
  Frames ignored, worst;
  std::size_t number = 0;
  for (const Bytes frame : frames_of(clients[0].kept, ignored))
    if (const auto [same, first_of_it] = reference.emplace(text_of(frame), ++number); !first_of_it)
      same->second = kAnyPlace;
  for (std::size_t i = 0; i < std::min(kChecked, clients.size()); ++i) {
    const Frames one = check(clients[i].kept, reference);
    worst.offset = std::max(worst.offset, one.offset);
    worst.broken += one.broken;
    worst.undecodable = std::max(worst.undecodable, one.undecodable);
    worst.skipped += one.skipped;
  }
  std::printf(
      "{\"connected\":%zu,\"left\":%zu,\"first_byte_p50\":%.2f,\"first_byte_p99\":%.2f,"
      "\"first_second_p50\":%.2f,\"first_second_p99\":%.2f,\"dry\":%zu,\"least_in_hand\":%.0f,"
      "\"slowest_kbps\":%.1f,\"offset\":%zu,\"broken\":%zu,\"undecodable\":%zu,\"skipped\":%zu,"
      "\"hours\":%.4f,\"own_cpu\":%.2f}\n",
      connected, left, part(first, .5), part(first, .99), part(second, .5), part(second, .99), dry,
      least * 1000, slowest, worst.offset, worst.broken, worst.undecodable, worst.skipped,
      received / kRate / 3600, own_cpu());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  stalled = argc == 7 && std::string_view(argv[6]) == "stalled";
  if (argc != 6 && !stalled) return std::fputs(kUsage, stderr), 2;
  const int port = std::atoi(argv[1]);
  const auto count = static_cast<std::size_t>(std::atol(argv[3]));
  const double joins = std::atof(argv[4]), seconds = std::atof(argv[5]);
  if (port <= 0 || count == 0 || joins <= 0 || seconds <= 0) return std::fputs(kUsage, stderr), 2;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  const std::string request = std::string("GET ") + argv[2] +
                              " HTTP/1.0\r\nHost: 127.0.0.1\r\nUser-Agent: listeners\r\n\r\n";
  std::vector<Client> clients(count);
  const int epoll = ::epoll_create1(0);
  std::vector<epoll_event> events(512);
  std::size_t begun = 0;
  Time all_in = 0, steady = 0;
  while (steady == 0 || now() < steady + seconds) {
    while (begun < count && static_cast<double>(begun) / joins <= now()) {
      join(clients[begun], static_cast<int>(begun), port, epoll);
      if (++begun == count) all_in = now();
    }
    const int ready =
        ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), begun < count ? 1 : 20);
    for (int i = 0; i < ready; ++i) {
      auto* client = static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (client->fd >= 0)
        serve(*client, request, static_cast<std::size_t>(client - clients.data()) < kChecked);
    }
    if (steady == 0 && all_in > 0) {
      const bool complete =
          std::ranges::all_of(clients, [](const Client& c) { return c.first > 0 || c.failed; });
      if ((complete && now() > all_in + 3) || now() > all_in + kPatience + 3) {
        steady = now();
        for (Client& client : clients) client.bytes_before = client.bytes;
        std::puts("steady");  // who measures the server measures from here on
        std::fflush(stdout);
      }
    }
  }
  std::puts("done");
  say(clients, seconds);
  return 0;
}

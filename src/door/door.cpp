// SPDX-License-Identifier: Apache-2.0
#include "door/door.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <list>
#include <system_error>
#include <thread>
#include <vector>

#include "posix/thread.hpp"

namespace infinara::door {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAcceptsAWake = 64;  // then those already inside have their turn
constexpr std::size_t kMostLingering = 512;
constexpr auto kEmergencyPause = std::chrono::milliseconds(100);
constexpr Refusal kHouseFull{503, "the station is full, try again soon"};

void send_text(int fd, const std::string& text) {
  // The send buffer of a fresh socket is far larger than any refusal, so it never takes a part
  // only.
  [[maybe_unused]] const auto sent =
      ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Throws away what has arrived. True while the other end may send more.
bool discard(int fd) {
  std::array<char, 16384> bytes;
  for (int i = 0; i < 16; ++i) {
    const auto got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

void send_and_close(Socket socket, const std::string& text) {
  discard(socket.fd());
  send_text(socket.fd(), text);
  ::shutdown(socket.fd(), SHUT_WR);
  discard(socket.fd());
}

Clock::time_point after(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

Socket spare_descriptor() {
  return Socket(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

class Door::Impl {
 public:
  Impl(Settings settings, Handler handler)
      : settings_(std::move(settings)),
        handler_(std::move(handler)),
        listening_(listen_on(settings_.address, settings_.port)),
        port_(port_of(listening_)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        spare_(spare_descriptor()),
        visits_(Visits::with_limits(settings_.most_connections, settings_.most_per_address)),
        peeked_(settings_.head.head + 1) {
    if (!epoll_ || !wake_ || !spare_)
      throw CannotListen("cannot listen: " + std::system_category().message(errno), errno);
    watch_listening(true);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &wake_;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wake_.fd(), &event);
    thread_ = posix::quiet_thread("door", [this] { run(); });
  }

  ~Impl() {
    stop_ = true;
    ::eventfd_write(wake_.fd(), 1);
    thread_.join();
  }

  int port() const { return port_; }

  Tally tally() const { return {refused_, dropped_, waiting_count_, visits_->total()}; }

 private:
  struct Waiting;
  using Queue = std::list<Waiting>;
  /// A connection whose head is not complete, or one that was refused and may still read why. The
  /// clients of a queue all have the same time, so the first is always the next to run out of it.
  struct Waiting {
    Socket socket;
    sockaddr_storage name;
    Visit visit;
    Clock::time_point deadline;
    Queue* queue;
    Queue::iterator self;
    bool spoke = false;  // has sent a part of a head
  };

  void run() {
    std::array<epoll_event, 256> events;
    while (!stop_) {
      const int count = ::epoll_wait(epoll_.fd(), events.data(), events.size(), time_left());
      for (int i = 0; i < count && !stop_; ++i) {
        void* const what = events[i].data.ptr;
        if (what == &listening_)
          accept_some();
        else if (what != &wake_)
          serve(*static_cast<Waiting*>(what), events[i].events);
      }
      expire(Clock::now());
    }
  }

  int time_left() const {
    Clock::time_point next = Clock::time_point::max();
    if (!heads_.empty()) next = std::min(next, heads_.front().deadline);
    if (!lingering_.empty()) next = std::min(next, lingering_.front().deadline);
    if (!watching_) next = std::min(next, watch_again_);
    if (next == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  void expire(Clock::time_point now) {
    while (!heads_.empty() && heads_.front().deadline <= now) {
      Waiting& waiting = heads_.front();
      if (waiting.spoke)
        turn_away(waiting, {408, "the request head took too long"});
      else
        drop(waiting);
    }
    while (!lingering_.empty() && lingering_.front().deadline <= now) forget(lingering_.front());
    if (watching_ || watch_again_ > now) return;
    if (!spare_) spare_ = spare_descriptor();
    watch_listening(true);
  }

  void watch_listening(bool on) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &listening_;
    ::epoll_ctl(epoll_.fd(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listening_.fd(), &event);
    watching_ = on;
    watch_again_ = Clock::now() + kEmergencyPause;
  }

  void accept_some() {
    for (int i = 0; i < kAcceptsAWake && !stop_; ++i) {
      Waiting fresh{};
      socklen_t length = sizeof fresh.name;
      fresh.socket = Socket(::accept4(listening_.fd(), reinterpret_cast<sockaddr*>(&fresh.name),
                                      &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fresh.socket) {
        if (errno == EMFILE || errno == ENFILE) return refuse_with_spare();
        if (errno == ENOBUFS || errno == ENOMEM) return watch_listening(false);
        if (errno == EAGAIN) return;
        continue;  // the client has gone already
      }
      const bool scarce = fresh.socket.fd() > settings_.highest_descriptor;
      const Full full = scarce ? Full::kHouse : visits_->enter(fresh.name, fresh.visit);
      fresh.deadline = after(settings_.head_seconds);
      fresh.queue = &heads_;
      heads_.push_back(std::move(fresh));
      Waiting& waiting = heads_.back();
      waiting.self = std::prev(heads_.end());
      ++waiting_count_;
      if (full == Full::kHouse)
        turn_away(waiting, kHouseFull);
      else if (full == Full::kAddress)
        turn_away(waiting, {503, "too many connections from your address"});
      else
        serve(waiting, 0);  // most clients' heads are here as soon as they are
    }
  }

  /// No descriptor is left: the spare one lets a client in to hear so, instead of leaving it and
  /// everybody behind it in the queue.
  void refuse_with_spare() {
    spare_.reset();
    Socket client(::accept4(listening_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (client) {
      send_and_close(std::move(client), response_of(kHouseFull));
      ++refused_;
    }
    spare_ = spare_descriptor();
    // Another thread was quicker: come back when descriptors may be free, rather than spin.
    if (!spare_) watch_listening(false);
  }

  /// Edge-triggered while the head grows, since peeked bytes stay and would wake us for ever.
  bool watch(Waiting& waiting, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = &waiting;
    if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, waiting.socket.fd(), &event) == 0) return true;
    return errno == EEXIST &&
           ::epoll_ctl(epoll_.fd(), EPOLL_CTL_MOD, waiting.socket.fd(), &event) == 0;
  }

  /// `events` is 0 right after accept, when the socket is not watched yet.
  void serve(Waiting& waiting, std::uint32_t events) {
    if (waiting.queue == &lingering_) {
      if ((events & (EPOLLHUP | EPOLLERR)) != 0 || !discard(waiting.socket.fd())) forget(waiting);
      return;
    }
    const auto got =
        ::recv(waiting.socket.fd(), peeked_.data(), peeked_.size(), MSG_PEEK | MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return drop(waiting);
    const std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
    waiting.spoke = size > 0;
    Parsed parsed = parse_head({peeked_.data(), size}, settings_.head);
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) return turn_away(waiting, *refusal);
    if (auto* request = std::get_if<Request>(&parsed)) return hand_on(waiting, std::move(*request));
    // The rest of a half head can no longer come.
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) return drop(waiting);
    if (events == 0 && !watch(waiting, EPOLLIN | EPOLLRDHUP | EPOLLET)) drop(waiting);
  }

  void hand_on(Waiting& waiting, Request request) {
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, waiting.socket.fd(), nullptr);
    Guest guest{std::move(waiting.socket), std::move(request), peer_of(waiting.name),
                std::move(waiting.visit)};
    forget(waiting);
    handler_(std::move(guest));
  }

  /// Sends the reason and lets the client read it: closing with unread bytes would send a reset
  /// that overtakes the response.
  void turn_away(Waiting& waiting, const Refusal& refusal) {
    ++refused_;
    send_text(waiting.socket.fd(), response_of(refusal));
    ::shutdown(waiting.socket.fd(), SHUT_WR);
    if (!discard(waiting.socket.fd()) || lingering_.size() >= kMostLingering)
      return forget(waiting);
    waiting.visit = Visit();
    waiting.deadline = after(settings_.linger_seconds);
    waiting.queue = &lingering_;
    lingering_.splice(lingering_.end(), heads_, waiting.self);
    if (!watch(waiting, EPOLLIN | EPOLLRDHUP)) forget(waiting);
  }

  void drop(Waiting& waiting) {
    ++dropped_;
    forget(waiting);
  }

  /// Closes it, if it has not been handed on.
  void forget(Waiting& waiting) {
    --waiting_count_;
    waiting.queue->erase(waiting.self);
  }

  const Settings settings_;
  const Handler handler_;
  Socket listening_;
  const int port_;
  const Socket epoll_;
  Socket wake_;
  Socket spare_;
  const std::shared_ptr<Visits> visits_;
  std::vector<char> peeked_;
  Queue heads_;
  Queue lingering_;
  bool watching_ = false;
  Clock::time_point watch_again_;
  std::atomic<std::size_t> refused_ = 0, dropped_ = 0, waiting_count_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

Door::Door(Settings settings, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(handler))) {}

Door::~Door() = default;

int Door::port() const {
  return impl_->port();
}

Tally Door::tally() const {
  return impl_->tally();
}

void refuse(Guest guest, const Refusal& refusal) {
  send_and_close(std::move(guest.socket), response_of(refusal));
}

}  // namespace infinara::door

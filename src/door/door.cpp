// SPDX-License-Identifier: Apache-2.0
#include "door/door.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <iterator>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "door/acceptor.hpp"
#include "door/socket_io.hpp"
#include "posix/thread.hpp"

namespace infinara::door {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAcceptsAWake = 64;  // then those already inside have their turn
constexpr int kReadsAWake = 8;
constexpr std::size_t kMostLingering = 512;
constexpr std::size_t kMostIdle = 1024;  // one more closes the one that has been idle longest
constexpr int kPromptPieces = 8;         // of a request that are taken as they come; then:
constexpr auto kLatePause = std::chrono::milliseconds(20);
constexpr auto kEmergencyPause = std::chrono::milliseconds(100);
constexpr Refusal kServerFull{503, "the station is full, try again soon"};

Clock::time_point after(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

class Door::Impl {
 public:
  Impl(Settings settings, Handler handler)
      : settings_(std::move(settings)),
        handler_(std::move(handler)),
        acceptor_(settings_.address, settings_.port),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        slots_(
            ConnectionSlots::with_limits(settings_.most_connections, settings_.most_per_address)) {
    if (!epoll_ || !wake_)
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

  void answer(AcceptedRequest accepted, std::string response, bool keep) {
    {
      const std::lock_guard lock(mutex_);
      answers_.push_back({std::move(accepted), std::move(response), keep});
    }
    ::eventfd_write(wake_.fd(), 1);
  }

  int port() const { return acceptor_.port(); }

  Tally tally() const { return {refused_, dropped_, held_, slots_->total(), reads_, examined_}; }

 private:
  /// What a connection waits for: the rest of a head or body, room for its answer, the next
  /// request, or the end of a client that has been answered for good.
  enum Phase { kHead, kBody, kAnswer, kIdle, kLinger, kPhases };

  struct Connection;
  /// The connections of a queue all have the same time, so the first is always the next to run out
  /// of it.
  using Queue = std::list<Connection>;
  struct Connection {
    explicit Connection(const HeadLimits& limits) : head(limits) {}
    Socket socket;
    sockaddr_storage name{};  // of the peer
    ConnectionSlot slot;
    Phase phase = kHead;
    Queue::iterator self;
    Clock::time_point deadline;
    std::uint32_t watched = 0;  // the events that epoll tells; 0 before the first and in between
    bool is_watched = false;
    int pieces = 0;  // in which this request has come so far
    bool is_late = false;
    bool is_counted = false;  // in unfinished_
    bool is_too_many = false;
    HeadReader head;
    Request request;  // from kBody on
    std::string body;
    std::string response;
    std::size_t sent = 0;  // of the response
    bool keep = false;
  };
  struct Late {
    Clock::time_point when;
    Connection* connection;
  };
  struct Answer {
    AcceptedRequest accepted;
    std::string response;
    bool keep;
  };

  void run() {
    std::array<epoll_event, 256> events;
    while (!stop_) {
      bool rung = false;
      const int count = ::epoll_wait(epoll_.fd(), events.data(), events.size(), time_left());
      for (int i = 0; i < count && !stop_; ++i) {
        void* const what = events[i].data.ptr;
        if (what == &acceptor_)
          accept_some();
        else if (what == &wake_)
          rung = true;
        else
          serve(*static_cast<Connection*>(what), events[i].events);
      }
      // After the events, since those name connections by their addresses.
      if (rung) take_answers();
      expire(Clock::now());
    }
  }

  int time_left() const {
    Clock::time_point next = Clock::time_point::max();
    for (const Queue& queue : queues_)
      if (!queue.empty()) next = std::min(next, queue.front().deadline);
    if (!late_.empty()) next = std::min(next, late_.front().when);
    if (!watching_) next = std::min(next, watch_again_);
    if (next == Clock::time_point::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  void expire(Clock::time_point now) {
    while (!late_.empty() && late_.front().when <= now) {
      Connection& connection = *late_.front().connection;
      late_.pop_front();
      connection.is_late = false;
      receive(connection);
    }
    for (Queue& queue : queues_)
      while (!queue.empty() && queue.front().deadline <= now) run_out(queue.front());
    while (queues_[kIdle].size() > kMostIdle) forget(queues_[kIdle].front());
    if (watching_ || watch_again_ > now) return;
    acceptor_.recover();
    watch_listening(true);
  }

  void run_out(Connection& connection) {
    if (connection.phase == kBody) return turn_away(connection, {408, "the body took too long"});
    if (connection.phase != kHead) return forget(connection);
    if (connection.head.has_begun())
      return turn_away(connection, {408, "the request head took too long"});
    drop(connection);
  }

  void watch_listening(bool on) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &acceptor_;
    ::epoll_ctl(epoll_.fd(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, acceptor_.socket().fd(), &event);
    watching_ = on;
    watch_again_ = Clock::now() + kEmergencyPause;
  }

  void accept_some() {
    using What = Acceptor::Accepted::What;
    const std::string refusal = response_of(kServerFull);
    for (int i = 0; i < kAcceptsAWake && !stop_; ++i) {
      Acceptor::Accepted client = acceptor_.accept(refusal);
      if (client.is_refused) ++refused_;
      if (client.what == What::kPause) return watch_listening(false);
      if (client.what == What::kNothing) return;
      if (client.what == What::kGone) continue;
      Connection& fresh = hold(std::move(client.socket));
      fresh.name = client.name;
      enter(fresh, kHead);
      const bool scarce = fresh.socket.fd() > settings_.highest_descriptor;
      if (scarce || !slots_->enter(fresh.slot)) {
        turn_away(fresh, kServerFull);
        continue;
      }
      begin_request(fresh);
      receive(fresh);  // most clients' requests are here as soon as they are
    }
  }

  Connection& hold(Socket socket) {
    Queue& queue = queues_[kHead];
    queue.emplace_back(settings_.head);
    Connection& connection = queue.back();
    connection.socket = std::move(socket);
    connection.self = std::prev(queue.end());
    ++held_;
    return connection;
  }

  /// Starts the time of a phase.
  void enter(Connection& connection, Phase phase) {
    static constexpr double Settings::*kTimes[kPhases] = {
        &Settings::head_seconds, &Settings::body_seconds, &Settings::answer_seconds,
        &Settings::idle_seconds, &Settings::linger_seconds};
    connection.deadline = after(settings_.*kTimes[phase]);
    queues_[phase].splice(queues_[phase].end(), queues_[connection.phase], connection.self);
    connection.phase = phase;
  }

  /// Counts it among those of its peer whose request has not fully arrived.
  void begin_request(Connection& connection) {
    connection.pieces = 0;
    const Address peer = Address::of(connection.name);
    const std::size_t most = settings_.most_unfinished_per_address;
    if (most == 0 || settings_.trusted.contains(peer)) return;
    connection.is_counted = true;
    connection.is_too_many = ++unfinished_[peer.network()] > most;
  }

  void end_request(Connection& connection) {
    if (!connection.is_counted) return;
    connection.is_counted = connection.is_too_many = false;
    const auto found = unfinished_.find(Address::of(connection.name).network());
    if (--found->second == 0) unfinished_.erase(found);
  }

  /// False if the system does not do it.
  bool watch(Connection& connection, std::uint32_t events) {
    if (connection.is_watched && connection.watched == events) return true;
    epoll_event event{};
    event.events = events;
    event.data.ptr = &connection;
    const int how = connection.is_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_.fd(), how, connection.socket.fd(), &event) != 0) return false;
    connection.is_watched = true;
    connection.watched = events;
    return true;
  }

  void serve(Connection& connection, std::uint32_t events) {
    if (connection.phase == kLinger) {
      if ((events & (EPOLLHUP | EPOLLERR)) != 0 || !discard(connection.socket.fd()))
        forget(connection);
    } else if (connection.phase == kAnswer) {
      if ((events & (EPOLLHUP | EPOLLERR)) != 0) return forget(connection);
      send_response(connection);
    } else {
      receive(connection);
    }
  }

  /// Takes what has arrived of a request.
  void receive(Connection& connection) {
    for (int i = 0; i < kReadsAWake; ++i) {
      const auto got =
          ::recv(connection.socket.fd(), received_.data(), received_.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) break;
      if (got <= 0) return connection.phase == kIdle ? forget(connection) : drop(connection);
      ++reads_;
      if (connection.phase == kIdle) {
        enter(connection, kHead);
        begin_request(connection);
      }
      const auto size = static_cast<std::size_t>(got);
      if (read(connection, {received_.data(), size})) return;
      if (size < received_.size()) break;  // that was all
    }
    wait_for_more(connection);
  }

  /// A request that comes in many pieces is looked at now and then, not for each of them.
  void wait_for_more(Connection& connection) {
    if (connection.is_too_many)
      return turn_away(connection, {503, "too many unfinished requests from your address"});
    const bool often = ++connection.pieces > kPromptPieces;
    if (!watch(connection, often ? 0 : EPOLLIN | EPOLLRDHUP)) return drop(connection);
    if (!often || connection.is_late) return;
    connection.is_late = true;
    late_.push_back({Clock::now() + kLatePause, &connection});
  }

  /// True once the connection waits for no more of this request; it may be gone then.
  bool read(Connection& connection, std::string_view bytes) {
    if (connection.phase == kHead) {
      const std::size_t before = connection.head.examined();
      Parsed parsed = connection.head.take(bytes);
      examined_ += connection.head.examined() - before;
      if (std::holds_alternative<NeedMore>(parsed)) return false;
      if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        turn_away(connection, *refusal);
        return true;
      }
      connection.request = std::get<Request>(std::move(parsed));
      connection.body = connection.head.rest();
      enter(connection, kBody);
    } else {
      connection.body += bytes;
    }
    const Request& request = connection.request;
    if (connection.body.size() >= request.body_length) {
      hand_on(connection);
      return true;
    }
    if (connection.body.empty() && request.minor == 1 && request.header("expect") != nullptr)
      send_text(connection.socket.fd(), "HTTP/1.1 100 Continue\r\n\r\n");
    return false;
  }

  void hand_on(Connection& connection) {
    end_request(connection);
    const Address peer = Address::of(connection.name);
    const bool trusted = settings_.trusted.contains(peer);
    const Address client = client_of(connection.request, peer, settings_.trusted);
    if (!connection.slot.count_for(client))
      return turn_away(connection, {503, "too many connections from your address"});
    if (connection.is_watched)
      ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, connection.socket.fd(), nullptr);
    AcceptedRequest accepted{std::move(connection.socket),
                             std::move(connection.request),
                             std::move(connection.body),
                             client,
                             {client.text(), client == peer ? port_in(connection.name) : 0},
                             {},
                             std::move(connection.slot)};
    forget(connection);
    if (trusted) accepted.forwarded = forwarded_of(accepted.request);
    if (accepted.request.host.empty()) accepted.request.host = own_host(accepted.socket);
    accepted.unread = accepted.body.substr(accepted.request.body_length);
    accepted.body.resize(accepted.request.body_length);
    handler_(std::move(accepted));
  }

  void take_answers() {
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex_);
      eventfd_t rung = 0;
      ::eventfd_read(wake_.fd(), &rung);
      answers.swap(answers_);
    }
    for (Answer& answer : answers) {
      AcceptedRequest& accepted = answer.accepted;
      Connection& connection = hold(std::move(accepted.socket));
      socklen_t length = sizeof connection.name;
      if (::getpeername(connection.socket.fd(), reinterpret_cast<sockaddr*>(&connection.name),
                        &length) != 0) {
        forget(connection);
        continue;
      }
      connection.slot = std::move(accepted.slot);
      connection.body = std::move(accepted.unread);
      connection.response = std::move(answer.response);
      connection.keep = answer.keep;
      enter(connection, kAnswer);
      send_response(connection);
    }
  }

  void send_response(Connection& connection) {
    while (connection.sent < connection.response.size()) {
      const auto sent =
          ::send(connection.socket.fd(), connection.response.data() + connection.sent,
                 connection.response.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno == EAGAIN) {
        if (!watch(connection, EPOLLOUT)) forget(connection);
        return;
      }
      if (sent < 0) return forget(connection);
      connection.sent += static_cast<std::size_t>(sent);
    }
    if (!connection.keep) return part_from(connection);
    connection.slot.count_for_nobody();
    connection.response = {};
    connection.sent = 0;
    const std::string unread = std::exchange(connection.body, {});
    if (unread.empty()) {
      enter(connection, kIdle);
      if (!watch(connection, EPOLLIN | EPOLLRDHUP)) forget(connection);
      return;
    }
    enter(connection, kHead);
    begin_request(connection);
    if (!read(connection, unread)) wait_for_more(connection);
  }

  void turn_away(Connection& connection, const Refusal& refusal) {
    ++refused_;
    send_text(connection.socket.fd(), response_of(refusal));
    part_from(connection);
  }

  /// Lets the client read what was sent: closing with unread bytes would send a reset that
  /// overtakes the response.
  void part_from(Connection& connection) {
    end_request(connection);
    unlist_late(connection);
    ::shutdown(connection.socket.fd(), SHUT_WR);
    if (!discard(connection.socket.fd()) || queues_[kLinger].size() >= kMostLingering)
      return forget(connection);
    connection.slot = ConnectionSlot();
    connection.response = {};
    connection.body = {};
    enter(connection, kLinger);
    if (!watch(connection, EPOLLIN | EPOLLRDHUP)) forget(connection);
  }

  void drop(Connection& connection) {
    ++dropped_;
    forget(connection);
  }

  void unlist_late(Connection& connection) {
    if (!std::exchange(connection.is_late, false)) return;
    std::erase_if(late_, [&](const Late& late) { return late.connection == &connection; });
  }

  /// Closes it, if it has not been handed on.
  void forget(Connection& connection) {
    end_request(connection);
    unlist_late(connection);
    --held_;
    queues_[connection.phase].erase(connection.self);
  }

  const Settings settings_;
  const Handler handler_;
  Acceptor acceptor_;
  const Socket epoll_;
  Socket wake_;
  const std::shared_ptr<ConnectionSlots> slots_;
  std::array<char, 16384> received_;
  std::array<Queue, kPhases> queues_;
  std::deque<Late> late_;
  std::unordered_map<Address, std::size_t> unfinished_;
  bool watching_ = false;
  Clock::time_point watch_again_;
  std::atomic<std::size_t> refused_ = 0, dropped_ = 0, held_ = 0, reads_ = 0, examined_ = 0;
  std::mutex mutex_;  // guards answers_
  std::vector<Answer> answers_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

Door::Door(Settings settings, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(handler))) {}

Door::~Door() = default;

void Door::answer(AcceptedRequest accepted, std::string response, bool keep) {
  impl_->answer(std::move(accepted), std::move(response), keep);
}

int Door::port() const {
  return impl_->port();
}

Tally Door::tally() const {
  return impl_->tally();
}

void refuse(AcceptedRequest accepted, const Refusal& refusal) {
  send_and_close(std::move(accepted.socket), response_of(refusal));
}

}  // namespace infinara::door

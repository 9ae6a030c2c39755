// SPDX-License-Identifier: Apache-2.0
#include "cast/broadcaster.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "cast/closing_connections.hpp"
#include "cast/command_queue.hpp"
#include "cast/connection.hpp"
#include "cast/icy_titles.hpp"
#include "cast/response_head.hpp"
#include "cast/send_schedule.hpp"
#include "cast/stream.hpp"
#include "posix/descriptor.hpp"
#include "posix/thread.hpp"

namespace infinara::cast {

namespace {

// A listener that joins without a burst gets each packet as it comes until it has so much sound.
constexpr Seconds kAtLiveEdge{1};
// Checks of whether a listener's host still answers, during BroadcasterOptions::max_silence.
constexpr int kChecks = 12;

std::chrono::nanoseconds to_ns(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

/// At the rate of the programme.
std::int64_t samples_of(std::chrono::nanoseconds time) {
  return std::chrono::round<std::chrono::duration<std::int64_t, std::ratio<1, 48000>>>(time)
      .count();
}

posix::Descriptor opened(int fd) {
  if (fd < 0) throw std::system_error(errno, std::system_category(), "no descriptor is free");
  return posix::Descriptor(fd);
}

}  // namespace

class Broadcaster::Impl {
 public:
  Impl(const BroadcasterOptions& options, Hooks hooks)
      : options_(options),
        hooks_(std::move(hooks)),
        interval_(options.interval),
        burst_(options.burst),
        max_listeners_(options.max_listeners),
        epoll_(opened(::epoll_create1(EPOLL_CLOEXEC))),
        wake_(opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))),
        type_(options.content_type),
        stream_(to_ns(options.max_burst + options.max_lag)),
        schedule_(Clock::now()),
        closing_(options.max_silence, options.max_closing) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wake_.fd(), &event);
    thread_ = posix::quiet_thread("listeners", [this] { run(); });
  }

  ~Impl() {
    stop_ = true;
    wake();
    thread_.join();
  }

  bool add(int fd, const StreamRequest& request, std::shared_ptr<void> keep) {
    discard_input(fd);
    if (request.kind != StreamRequest::Kind::kStream) {
      send_all(fd, request.kind == StreamRequest::Kind::kHead
                       ? head_for(request, Listener::kNoPosition)
                       : preflight_response(request.minor));
      close_with_fin(fd);
      return true;
    }
    const std::size_t max = max_listeners_;
    if (count_.fetch_add(1) >= max && max != 0) {
      --count_;
      ++refused_;
      send_all(fd, short_response(request.minor, "503 Service Unavailable",
                                  "Retry-After: 10\r\nContent-Type: application/json\r\n",
                                  "{\"ok\":false,\"error\":\"the station is full\"}\n"));
      close_with_fin(fd);
      return false;
    }
    configure_connection(fd, options_.send_buffer);
    auto listener = std::make_unique<Listener>();
    listener->fd = fd;
    listener->request = request;
    listener->keep = std::move(keep);
    ++joined_;
    {
      const std::lock_guard lock(commands_mutex_);
      listener->next_packet = appended_;
      commands_.joining.push_back(std::move(listener));
    }
    wake();
    return true;
  }

  void set_type(std::string_view content_type) {
    {
      const std::lock_guard lock(commands_mutex_);
      type_ = content_type;
    }
    wake();
  }

  void set_headers(std::string_view bytes) {
    const std::lock_guard lock(commands_mutex_);
    commands_.set_headers(bytes);
  }

  void append(Bytes packet, std::chrono::nanoseconds duration, bool random_access, Pts pts) {
    {
      const std::lock_guard lock(commands_mutex_);
      commands_.append(packet, duration, random_access, pts);
      appended_ += packet.size();
      finishing_ = false;
    }
    if (packet_awaited_) wake();
  }

  void set_title(std::string_view title) {
    const std::lock_guard lock(commands_mutex_);
    commands_.set_title(title);
  }

  void set_genre(std::string_view genre) {
    const std::lock_guard lock(commands_mutex_);
    genre_ = genre;
  }

  void set_bitrate(int kbits) { bitrate_ = kbits; }

  void finish() {
    {
      const std::lock_guard lock(commands_mutex_);
      finishing_ = true;
      wait_ = true;
    }
    wake();
  }

  void wait_until_sent(Seconds longest) {
    std::unique_lock lock(commands_mutex_);
    sent_.wait_for(lock, longest, [this] { return !wait_ || count_ == 0; });
  }

  void cancel_wait() {
    {
      const std::lock_guard lock(commands_mutex_);
      wait_ = false;
    }
    sent_.notify_all();
  }

  void set_interval(Seconds interval) { interval_ = interval; }
  void set_burst(Seconds burst) { burst_ = burst; }
  void set_max_listeners(std::size_t max) { max_listeners_ = max; }

  std::optional<std::int64_t> position_of(std::string_view key) const {
    const std::lock_guard lock(listeners_mutex_);
    const Listener* newest = nullptr;
    for (const auto& listener : listeners_)
      if (listener->request.key == key && (newest == nullptr || newest->joined < listener->joined))
        newest = listener.get();
    if (newest == nullptr || newest->position == Listener::kNoPosition) return {};
    return newest->position;
  }

  Totals totals() const { return {count_, bytes_, joined_, dropped_, behind_, refused_}; }

  std::vector<ListenerInfo> listeners(std::size_t max) const {
    const auto now = Clock::now();
    std::vector<ListenerInfo> list;
    const std::lock_guard lock(listeners_mutex_);
    for (const auto& listener : std::span(listeners_).first(std::min(max, listeners_.size())))
      list.push_back(listener->info(now));
    return list;
  }

 private:
  std::string type() const {
    const std::lock_guard lock(commands_mutex_);
    return type_;
  }

  std::string head_for(const StreamRequest& request, std::int64_t position) const {
    ResponseHead head;
    if (position != Listener::kNoPosition) head.position = position;
    head.programme = options_.programme;
    head.minor = request.minor;
    head.name = options_.name;
    head.bitrate = bitrate_;
    {
      const std::lock_guard lock(commands_mutex_);
      head.content_type = type_;
      head.genre = genre_;
    }
    head.icy = request.icy;
    return response_head(head);
  }

  /// Sends the response head. The type of the stream is known.
  bool answer(Listener& listener) const {
    listener.answered = true;
    return send_all(listener.fd, head_for(listener.request, listener.position));
  }

  void wake() {
    if (!woken_.exchange(true)) ::eventfd_write(wake_.fd(), 1);
  }

  void run() {
    std::array<epoll_event, 256> events;
    while (!stop_) {
      const int count = ::epoll_wait(epoll_.fd(), events.data(), events.size(), time_left());
      now_ = Clock::now();
      for (int i = 0; i < count; ++i) {
        if (events[i].data.ptr == nullptr) {
          eventfd_t ignored;
          ::eventfd_read(wake_.fd(), &ignored);
        } else {
          serve(*static_cast<Listener*>(events[i].data.ptr), events[i].events);
        }
      }
      woken_ = false;  // before the commands are taken: a later one wakes the thread again
      take_commands();
      for (Listener* listener : schedule_.at_live_edge()) send_to(*listener);
      schedule_.for_each_due(now_, interval_,
                             [this](Listener& listener) { send_batch_to(listener); });
      leave_live_edge();
      remove_disconnected();
      closing_.close_finished(now_);
    }
    for (const auto& listener : listeners_) disconnect(*listener, "the stream was closed", false);
    remove_disconnected();
  }

  int time_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(schedule_.next() - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  void take_commands() {
    bool finishing;
    {
      const std::lock_guard lock(commands_mutex_);
      std::swap(commands_, taken_);
      is_mp3_ = type_ == "audio/mpeg";
      finishing = finishing_;
    }
    taken_.apply_to(stream_);
    stream_.forget_old();
    for (auto& listener : taken_.joining) add_listener(std::move(listener));
    taken_.joining.clear();
    if (finishing && !finished_) {
      finished_ = true;
      for (const auto& listener : listeners_) send_to(*listener);
    }
    finished_ = finishing;
  }

  void add_listener(std::unique_ptr<Listener> fresh) {
    Listener& listener = *fresh;
    listener.joined = now_;
    listener.next_check = now_ + time_between_checks();
    listener.start = listener.request.opening ? listener.next_packet
                                              : stream_.ring().start_for(to_ns(burst_of(listener)));
    listener.max_lag = stream_.ring().ahead_of(listener.start) + to_ns(options_.max_lag);
    schedule_.join(listener);
    {
      const std::lock_guard lock(listeners_mutex_);
      listener.index = listeners_.size();
      listeners_.push_back(std::move(fresh));
    }
    if (hooks_.joined) hooks_.joined(listener.info(now_));
    // Edge-triggered EPOLLOUT comes only after the socket has been full, so quick listeners cost
    // nothing. A client that closes its sending half still listens; one that has closed its
    // connection answers the next packet with a reset.
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET;
    event.data.ptr = &listener;
    if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, listener.fd, &event) != 0)
      disconnect(listener, "it could not be watched", true);
  }

  /// The burst that the listener asked for, at most max_burst; zero if that is not a number.
  Seconds burst_of(const Listener& listener) const {
    if (!listener.request.burst) return burst_;
    const Seconds wanted(*listener.request.burst);
    return wanted > Seconds(0) ? std::min(wanted, options_.max_burst) : Seconds(0);
  }

  void serve(Listener& listener, std::uint32_t events) {
    if ((events & (EPOLLHUP | EPOLLERR)) != 0)
      remove_left(listener);
    else if (listener.blocked)
      send_to(listener);
  }

  Clock::duration time_between_checks() const {
    return std::chrono::duration_cast<Clock::duration>(options_.max_silence / kChecks);
  }

  /// Sends all that is there and that the socket takes. Disconnects the listener if it is too far
  /// behind or its host is gone.
  void send_to(Listener& listener) {
    if (listener.fd < 0) return;
    if (now_ >= listener.next_check) {
      listener.next_check = now_ + time_between_checks();
      if (silence_of(listener.fd) > options_.max_silence)
        return disconnect(listener, "its host does not answer", true);
    }
    if (!listener.begun && !begin(listener)) return;
    const auto sent = listener.send(stream_);
    bytes_ += sent.bytes;
    if (sent.broken) return remove_left(listener);
    if (!listener.blocked) {
      listener.lag_ns = 0;
      if (finished_) disconnect(listener, "the stream ended", false);
      return;
    }
    check_lag(listener);
  }

  /// Disconnects a listener whose socket is full if it is too far behind.
  void check_lag(Listener& listener) {
    const auto lag = stream_.ring().ahead_of(listener.feed.position());
    listener.lag_ns = lag.count();
    if (lag <= listener.max_lag && !listener.feed.is_lost(stream_.ring())) return;
    listener.behind = true;
    disconnect(listener, "it was too far behind", true);
  }

  /// Sends a batch, unless the socket is full: then EPOLLOUT says when it has room again. To try
  /// with each batch would cost more than a listener that reads.
  void send_batch_to(Listener& listener) {
    if (listener.fd >= 0 && listener.blocked && now_ < listener.next_check)
      check_lag(listener);
    else
      send_to(listener);
  }

  /// Sets up a listener as soon as there is a packet to start at. Returns false if there is none
  /// yet, or if the client is gone.
  bool begin(Listener& listener) {
    if (type().empty()) return false;
    if (listener.request.opening) {
      if (!answer(listener)) {
        remove_left(listener);
        return false;
      }
      listener.begun = true;
      listener.feed = Feed(*std::move(listener.request.opening), listener.start, false);
      return true;
    }
    listener.start = stream_.ring().random_access_from(listener.start);
    const bool starts = listener.start != stream_.ring().end();
    Preamble preamble;
    if (starts) {
      preamble = stream_.preamble(listener.start, is_mp3_);
      if (const Pts pts = stream_.ring().pts_at(listener.start))
        listener.position = samples_of(*pts - preamble.silence);
    }
    // A client that comes before the first sound has its answer at once, without a position.
    if (!listener.answered && (starts || finished_ || !has_sound()) && !answer(listener)) {
      remove_left(listener);
      return false;
    }
    if (!starts) {
      if (finished_) disconnect(listener, "the stream ended", false);
      return false;
    }
    listener.begun = true;
    listener.feed = Feed(std::move(preamble.bytes), listener.start, listener.request.icy);
    return true;
  }

  bool has_sound() const {
    const BurstRing& ring = stream_.ring();
    return ring.random_access_from(ring.begin()) != ring.end();
  }

  /// Listeners at the live edge that have enough sound wait for batches like all others.
  void leave_live_edge() {
    schedule_.leave_live_edge_if([this](const Listener& listener) {
      return listener.fd < 0 ||
             (!options_.at_live_edge && stream_.ring().ahead_of(listener.start) >= kAtLiveEdge);
    });
    // A packet that came before packet_awaited_ was set has not woken the thread: look once more.
    if (schedule_.at_live_edge().empty())
      packet_awaited_ = false;
    else if (!packet_awaited_.exchange(true))
      wake();
  }

  /// Ends a listener's stream. What its send buffer holds still reaches it.
  void disconnect(Listener& listener, const char* reason, bool dropped) {
    if (listener.fd < 0) return;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, listener.fd, nullptr);
    closing_.add(std::exchange(listener.fd, -1), std::move(listener.keep), now_);
    remove(listener, reason, dropped);
  }

  /// For a client that has closed its connection, or whose connection has failed.
  void remove_left(Listener& listener) {
    if (listener.fd < 0) return;
    ::close(std::exchange(listener.fd, -1));
    remove(listener, "it left", false);
  }

  void remove(Listener& listener, const char* reason, bool dropped) {
    listener.reason = reason;
    listener.dropped = dropped;
    disconnected_.push_back(&listener);
  }

  /// Deletes disconnected listeners. Nothing else does, so loops and events of one round may refer
  /// to any listener.
  void remove_disconnected() {
    if (disconnected_.empty()) return;
    std::vector<std::unique_ptr<Listener>> gone;
    for (Listener* listener : disconnected_) {
      schedule_.leave(*listener);
      if (listener->behind) ++behind_;
      if (listener->dropped) ++dropped_;
      if (hooks_.left) hooks_.left(listener->info(now_), listener->reason, listener->dropped);
      const std::lock_guard lock(listeners_mutex_);
      auto& own = listeners_[listener->index];
      std::swap(own, listeners_.back());
      own->index = listener->index;
      gone.push_back(std::move(listeners_.back()));
      listeners_.pop_back();
    }
    gone.clear();
    {
      const std::lock_guard lock(commands_mutex_);  // wait_until_sent() reads the count under it
      count_ -= disconnected_.size();
    }
    disconnected_.clear();
    sent_.notify_all();
  }

  const BroadcasterOptions options_;
  const Hooks hooks_;
  std::atomic<Seconds> interval_;
  std::atomic<Seconds> burst_;
  std::atomic<std::size_t> max_listeners_;
  std::atomic<int> bitrate_ = 0;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0, joined_ = 0, dropped_ = 0, behind_ = 0, refused_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> woken_ = false;
  std::atomic<bool> packet_awaited_ = false;  // append() must wake the thread
  const posix::Descriptor epoll_;
  const posix::Descriptor wake_;

  mutable std::mutex commands_mutex_;  // guards the next six; held for copies only
  CommandQueue commands_;
  Position appended_ = 0;  // bytes so far; the stream's position where there are no headers
  std::string type_;
  std::string genre_;
  bool finishing_ = false;
  bool wait_ = false;
  std::condition_variable sent_;

  mutable std::mutex listeners_mutex_;  // held to change the list, and to read it elsewhere
  std::vector<std::unique_ptr<Listener>> listeners_;

  // Only the broadcaster's thread uses these.
  Stream stream_;
  SendSchedule schedule_;
  ClosingConnections closing_;
  CommandQueue taken_;
  bool is_mp3_ = false;
  bool finished_ = false;
  Clock::time_point now_;
  std::vector<Listener*> disconnected_;
  std::thread thread_;
};

Broadcaster::Broadcaster(const BroadcasterOptions& options, Hooks hooks)
    : impl_(std::make_unique<Impl>(options, std::move(hooks))) {}

Broadcaster::~Broadcaster() = default;

bool Broadcaster::add(int fd, const StreamRequest& request, std::shared_ptr<void> keep) {
  return impl_->add(fd, request, std::move(keep));
}
void Broadcaster::set_type(std::string_view content_type) {
  impl_->set_type(content_type);
}
void Broadcaster::set_headers(std::string_view bytes) {
  impl_->set_headers(bytes);
}
void Broadcaster::append(Bytes packet, std::chrono::nanoseconds duration, bool random_access,
                         Pts pts) {
  impl_->append(packet, duration, random_access, pts);
}
void Broadcaster::set_title(std::string_view title) {
  impl_->set_title(title);
}
void Broadcaster::set_genre(std::string_view genre) {
  impl_->set_genre(genre);
}
void Broadcaster::set_bitrate(int kbits) {
  impl_->set_bitrate(kbits);
}
void Broadcaster::finish() {
  impl_->finish();
}
void Broadcaster::wait_until_sent(Seconds longest) {
  impl_->wait_until_sent(longest);
}
void Broadcaster::cancel_wait() {
  impl_->cancel_wait();
}
void Broadcaster::set_interval(Seconds interval) {
  impl_->set_interval(interval);
}
void Broadcaster::set_burst(Seconds burst) {
  impl_->set_burst(burst);
}
void Broadcaster::set_max_listeners(std::size_t max) {
  impl_->set_max_listeners(max);
}
std::optional<std::int64_t> Broadcaster::position_of(std::string_view key) const {
  return impl_->position_of(key);
}
Totals Broadcaster::totals() const {
  return impl_->totals();
}
std::vector<ListenerInfo> Broadcaster::listeners(std::size_t max) const {
  return impl_->listeners(max);
}

}  // namespace infinara::cast

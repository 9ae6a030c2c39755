// SPDX-License-Identifier: Apache-2.0
#include "cast/writer.hpp"

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
#include "cast/connection.hpp"
#include "cast/icy.hpp"
#include "cast/inbox.hpp"
#include "cast/rota.hpp"
#include "cast/stream.hpp"
#include "posix/descriptor.hpp"
#include "posix/thread.hpp"

namespace infinara::cast {

namespace {

// So long after it has joined at the live edge a listener gets every unit as it comes.
constexpr Seconds kPrompt{1};
// Part of Options::max_silence between two checks of whether a listener's host still answers.
constexpr int kChecks = 12;

std::chrono::nanoseconds to_ns(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

posix::Descriptor opened(int fd) {
  if (fd < 0) throw std::system_error(errno, std::system_category(), "no descriptor is free");
  return posix::Descriptor(fd);
}

}  // namespace

class Writer::Impl {
 public:
  Impl(const Options& options, Hooks hooks)
      : options_(options),
        hooks_(std::move(hooks)),
        interval_(options.interval),
        burst_(options.burst),
        most_listeners_(options.most_listeners),
        epoll_(opened(::epoll_create1(EPOLL_CLOEXEC))),
        wake_(opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))),
        type_(options.content_type),
        stream_(to_ns(options.most_burst + options.max_lag)),
        rota_(Clock::now()),
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

  bool add(int fd, const Asked& asked, std::shared_ptr<void> keep) {
    discard_input(fd);
    if (asked.want != Asked::Want::kStream) {
      send_all(
          fd, asked.want == Asked::Want::kHead ? head_for(asked) : preflight_response(asked.minor));
      close_with_fin(fd);
      return true;
    }
    const std::size_t most = most_listeners_;
    if (count_.fetch_add(1) >= most && most != 0) {
      --count_;
      ++refused_;
      send_all(fd, short_response(asked.minor, "503 Service Unavailable",
                                  "Retry-After: 10\r\nContent-Type: application/json\r\n",
                                  "{\"ok\":false,\"error\":\"the station is full\"}\n"));
      close_with_fin(fd);
      return false;
    }
    configure_connection(fd, options_.send_buffer);
    auto listener = std::make_unique<Listener>();
    listener->fd = fd;
    listener->asked = asked;
    listener->keep = std::move(keep);
    if (!type().empty() && !answer(*listener)) {
      --count_;
      return false;
    }
    ++joined_;
    {
      const std::lock_guard lock(inbox_mutex_);
      inbox_.joining.push_back(std::move(listener));
    }
    wake();
    return true;
  }

  void set_type(std::string_view content_type) {
    {
      const std::lock_guard lock(inbox_mutex_);
      type_ = content_type;
    }
    wake();
  }

  void set_headers(std::string_view bytes) {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.set_headers(bytes);
  }

  void append(Bytes unit, std::chrono::nanoseconds duration, bool sync) {
    {
      const std::lock_guard lock(inbox_mutex_);
      inbox_.append(unit, duration, sync);
      finishing_ = false;
    }
    if (hungry_) wake();
  }

  void set_title(std::string_view title) {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.set_title(title);
  }

  void set_genre(std::string_view genre) {
    const std::lock_guard lock(inbox_mutex_);
    genre_ = genre;
  }

  void set_bitrate(int kbits) { bitrate_ = kbits; }

  void finish() {
    {
      const std::lock_guard lock(inbox_mutex_);
      finishing_ = true;
      wait_ = true;
    }
    wake();
  }

  void wait_until_sent(Seconds longest) {
    std::unique_lock lock(inbox_mutex_);
    sent_.wait_for(lock, longest, [this] { return !wait_ || count_ == 0; });
  }

  void cancel_wait() {
    {
      const std::lock_guard lock(inbox_mutex_);
      wait_ = false;
    }
    sent_.notify_all();
  }

  void set_interval(Seconds interval) { interval_ = interval; }
  void set_burst(Seconds burst) { burst_ = burst; }
  void set_most_listeners(std::size_t most) { most_listeners_ = most; }

  Totals totals() const { return {count_, bytes_, joined_, dropped_, refused_}; }

  std::vector<ListenerFacts> listeners(std::size_t most) const {
    const auto now = Clock::now();
    std::vector<ListenerFacts> some;
    const std::lock_guard lock(listeners_mutex_);
    some.reserve(std::min(most, listeners_.size()));
    for (const auto& listener : std::span(listeners_).first(some.capacity()))
      some.push_back(listener->facts(now));
    return some;
  }

 private:
  std::string type() const {
    const std::lock_guard lock(inbox_mutex_);
    return type_;
  }

  std::string head_for(const Asked& asked) const {
    HeadFacts facts;
    facts.minor = asked.minor;
    facts.name = options_.name;
    facts.bitrate = bitrate_;
    {
      const std::lock_guard lock(inbox_mutex_);
      facts.content_type = type_;
      facts.genre = genre_;
    }
    facts.icy = asked.icy;
    return response_head(facts);
  }

  /// Sends the response head. The type of the stream is known.
  bool answer(Listener& listener) const {
    listener.answered = true;
    return send_all(listener.fd, head_for(listener.asked));
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
      woken_ = false;  // before the inbox is emptied: what comes later wakes us again
      take_inbox();
      for (Listener* listener : rota_.prompt()) pump(*listener);
      rota_.for_each_due(now_, interval_, [this](Listener& listener) { pump_batch(listener); });
      calm_down();
      sweep();
      closing_.close_finished(now_);
    }
    for (const auto& listener : listeners_) disconnect(*listener, "the stream was closed", false);
    sweep();
  }

  int time_left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(rota_.next() - Clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  void take_inbox() {
    bool finishing;
    {
      const std::lock_guard lock(inbox_mutex_);
      std::swap(inbox_, taken_);
      is_mp3_ = type_ == "audio/mpeg";
      finishing = finishing_;
    }
    taken_.pour_into(stream_);
    stream_.forget_old();
    for (auto& listener : taken_.joining) welcome(std::move(listener));
    taken_.joining.clear();
    if (finishing && !finished_) {
      finished_ = true;
      for (const auto& listener : listeners_) pump(*listener);
    }
    finished_ = finishing;
  }

  void welcome(std::unique_ptr<Listener> fresh) {
    Listener& listener = *fresh;
    listener.joined = now_;
    listener.next_check = now_ + time_between_checks();
    listener.start = stream_.ring().start_for(to_ns(burst_of(listener)));
    listener.max_lag = stream_.ring().ahead_of(listener.start) + to_ns(options_.max_lag);
    rota_.join(listener);
    {
      const std::lock_guard lock(listeners_mutex_);
      listener.place = listeners_.size();
      listeners_.push_back(std::move(fresh));
    }
    if (hooks_.joined) hooks_.joined(listener.facts(now_));
    // EPOLLOUT comes, edge-triggered, only after the socket has been full: quick listeners cost
    // nothing. A client that closes its sending half still listens; one that has closed its
    // connection answers the next packet with a reset.
    epoll_event event{};
    event.events = EPOLLOUT | EPOLLET;
    event.data.ptr = &listener;
    if (::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, listener.fd, &event) != 0)
      disconnect(listener, "it could not be watched", true);
  }

  /// What it asked for, within reason; whatever is no number is none.
  Seconds burst_of(const Listener& listener) const {
    if (!listener.asked.burst) return burst_;
    const Seconds asked(*listener.asked.burst);
    return asked > Seconds(0) ? std::min(asked, options_.most_burst) : Seconds(0);
  }

  void serve(Listener& listener, std::uint32_t events) {
    if ((events & (EPOLLHUP | EPOLLERR)) != 0)
      remove_left(listener);
    else if (listener.blocked)
      pump(listener);
  }

  Clock::duration time_between_checks() const {
    return std::chrono::duration_cast<Clock::duration>(options_.max_silence / kChecks);
  }

  /// Sends all that is there and that the socket takes. Disconnects the listener if it is too far
  /// behind or its host is gone.
  void pump(Listener& listener) {
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
    judge(listener);
  }

  /// Disconnects a listener whose socket is full if it is too far behind.
  void judge(Listener& listener) {
    const auto lag = stream_.ring().ahead_of(listener.feed.position());
    listener.lag_ns = lag.count();
    if (lag > listener.max_lag || listener.feed.is_lost(stream_.ring()))
      disconnect(listener, "it was too far behind", true);
  }

  /// A full socket is sent to when it has room again, which EPOLLOUT tells; asking it with each
  /// batch would cost more than a listener who reads.
  void pump_batch(Listener& listener) {
    if (listener.fd >= 0 && listener.blocked && now_ < listener.next_check)
      judge(listener);
    else
      pump(listener);
  }

  /// As soon as there is something to send. False if there is not, or it has gone.
  bool begin(Listener& listener) {
    if (!listener.answered) {
      if (type().empty()) return false;
      if (!answer(listener)) {
        remove_left(listener);
        return false;
      }
    }
    listener.start = stream_.ring().sync_from(listener.start);
    if (listener.start == stream_.ring().end()) {
      if (finished_) disconnect(listener, "the stream ended", false);
      return false;
    }
    listener.begun = true;
    listener.feed =
        Feed(stream_.lead_in(listener.start, is_mp3_), listener.start, listener.asked.icy);
    return true;
  }

  /// Those who have had a second of sound wait for batches like all others.
  void calm_down() {
    rota_.calm_down([this](const Listener& listener) {
      return listener.fd < 0 || stream_.ring().ahead_of(listener.start) >= kPrompt;
    });
    // A unit that came just before we said so has woken nobody: look once more.
    if (rota_.prompt().empty())
      hungry_ = false;
    else if (!hungry_.exchange(true))
      wake();
  }

  /// Ends the stream of a listener; what the kernel has taken still reaches it.
  void disconnect(Listener& listener, const char* reason, bool dropped) {
    if (listener.fd < 0) return;
    ::epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, listener.fd, nullptr);
    closing_.add(std::exchange(listener.fd, -1), std::move(listener.keep), now_);
    remove(listener, reason, dropped);
  }

  /// The client has closed its connection, or the network has given it up.
  void remove_left(Listener& listener) {
    if (listener.fd < 0) return;
    ::close(std::exchange(listener.fd, -1));
    remove(listener, "it left", false);
  }

  void remove(Listener& listener, const char* reason, bool dropped) {
    listener.reason = reason;
    listener.dropped = dropped;
    leaving_.push_back(&listener);
  }

  /// Only here do listeners cease to be, so that no loop or event stumbles over one that has gone.
  void sweep() {
    if (leaving_.empty()) return;
    std::vector<std::unique_ptr<Listener>> gone;
    for (Listener* listener : leaving_) {
      rota_.leave(*listener);
      if (listener->dropped) ++dropped_;
      if (hooks_.left) hooks_.left(listener->facts(now_), listener->reason, listener->dropped);
      const std::lock_guard lock(listeners_mutex_);
      auto& own = listeners_[listener->place];
      std::swap(own, listeners_.back());
      own->place = listener->place;
      gone.push_back(std::move(listeners_.back()));
      listeners_.pop_back();
    }
    gone.clear();
    {
      const std::lock_guard lock(inbox_mutex_);  // for whoever waits on the count
      count_ -= leaving_.size();
    }
    leaving_.clear();
    sent_.notify_all();
  }

  const Options options_;
  const Hooks hooks_;
  std::atomic<Seconds> interval_;
  std::atomic<Seconds> burst_;
  std::atomic<std::size_t> most_listeners_;
  std::atomic<int> bitrate_ = 0;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<std::uint64_t> bytes_ = 0, joined_ = 0, dropped_ = 0, refused_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> woken_ = false;
  std::atomic<bool> hungry_ = false;  // somebody waits for the next unit
  const posix::Descriptor epoll_;
  const posix::Descriptor wake_;

  mutable std::mutex inbox_mutex_;  // guards the next six; held for copies only
  Inbox inbox_;
  std::string type_;
  std::string genre_;
  bool finishing_ = false;
  bool wait_ = false;
  std::condition_variable sent_;

  mutable std::mutex
      listeners_mutex_;  // the thread changes the list under it, others read under it
  std::vector<std::unique_ptr<Listener>> listeners_;

  // The thread's own.
  Stream stream_;
  Rota rota_;
  ClosingConnections closing_;
  Inbox taken_;
  bool is_mp3_ = false;
  bool finished_ = false;
  Clock::time_point now_;
  std::vector<Listener*> leaving_;
  std::thread thread_;
};

Writer::Writer(const Options& options, Hooks hooks)
    : impl_(std::make_unique<Impl>(options, std::move(hooks))) {}

Writer::~Writer() = default;

bool Writer::add(int fd, const Asked& asked, std::shared_ptr<void> keep) {
  return impl_->add(fd, asked, std::move(keep));
}
void Writer::set_type(std::string_view content_type) {
  impl_->set_type(content_type);
}
void Writer::set_headers(std::string_view bytes) {
  impl_->set_headers(bytes);
}
void Writer::append(Bytes unit, std::chrono::nanoseconds duration, bool sync) {
  impl_->append(unit, duration, sync);
}
void Writer::set_title(std::string_view title) {
  impl_->set_title(title);
}
void Writer::set_genre(std::string_view genre) {
  impl_->set_genre(genre);
}
void Writer::set_bitrate(int kbits) {
  impl_->set_bitrate(kbits);
}
void Writer::finish() {
  impl_->finish();
}
void Writer::wait_until_sent(Seconds longest) {
  impl_->wait_until_sent(longest);
}
void Writer::cancel_wait() {
  impl_->cancel_wait();
}
void Writer::set_interval(Seconds interval) {
  impl_->set_interval(interval);
}
void Writer::set_burst(Seconds burst) {
  impl_->set_burst(burst);
}
void Writer::set_most_listeners(std::size_t most) {
  impl_->set_most_listeners(most);
}
Totals Writer::totals() const {
  return impl_->totals();
}
std::vector<ListenerFacts> Writer::listeners(std::size_t most) const {
  return impl_->listeners(most);
}

}  // namespace infinara::cast

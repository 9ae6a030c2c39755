// SPDX-License-Identifier: Apache-2.0
#include "log/log.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "text/printable.hpp"

namespace infinara::log {
namespace {

constexpr std::size_t kMaxQueued = 1000;
constexpr std::chrono::milliseconds kFlushTimeout{100};

std::string with_time(std::string_view text) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S  ", &local);
  return stamp + text::printable(text, 2000) + "\n";
}

/// Blocks until all of it is written, or writing fails for good.
void write_out(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    if (written >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return;
    pollfd room{STDOUT_FILENO, POLLOUT, 0};
    ::poll(&room, 1, -1);
  }
}

class Writer {
 public:
  Writer() {
    try {
      std::thread([this] { run(); }).detach();
    } catch (const std::system_error&) {
      has_thread_ = false;
    }
  }

  void add(std::string_view text) {
    std::string line = with_time(text);
    const std::lock_guard lock(lock_);
    if (!has_thread_) return write_out(line);  // a slow reader then blocks the caller
    if (queue_.size() >= kMaxQueued) {
      ++dropped_;
      return;
    }
    if (dropped_ > 0)
      queue_.push_back(with_time("lines left out, as these were not taken: " +
                                 std::to_string(std::exchange(dropped_, 0))));
    queue_.push_back(std::move(line));
    changed_.notify_all();
  }

  void flush() {
    std::unique_lock lock(lock_);
    changed_.wait_for(lock, kFlushTimeout, [this] { return queue_.empty(); });
  }

 private:
  [[noreturn]] void run() {
    std::unique_lock lock(lock_);
    for (;;) {
      changed_.wait(lock, [this] { return !queue_.empty(); });
      const std::string line = queue_.front();
      lock.unlock();
      write_out(line);
      lock.lock();
      queue_.pop_front();
      if (queue_.empty()) changed_.notify_all();
    }
  }

  bool has_thread_ = true;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::string> queue_;  // the first one may be half written
  std::size_t dropped_ = 0;        // since the last queued line
};

/// Never destroyed: its thread may be writing when the program ends.
Writer& writer() {
  static auto* const writer = new Writer;
  return *writer;
}

}  // namespace

void line(std::string_view text) {
  writer().add(text);
}

void flush() {
  writer().flush();
}

}  // namespace infinara::log

// SPDX-License-Identifier: Apache-2.0
#include "station/log.hpp"

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

namespace infinara::station {
namespace {

constexpr std::size_t kMostWaiting = 1000;
constexpr std::chrono::milliseconds kPatience{100};

std::string line_of(std::string_view fact) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char stamp[32];
  std::strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S  ", &local);
  return stamp + text::printable(fact, 2000) + "\n";
}

/// However long that takes; given up where nothing more can be written.
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

class Diary {
 public:
  Diary() {
    try {
      std::thread([this] { write(); }).detach();
    } catch (const std::system_error&) {
      has_thread_ = false;
    }
  }

  void add(std::string_view fact) {
    std::string line = line_of(fact);
    const std::lock_guard lock(lock_);
    if (!has_thread_) return write_out(line);  // a slow reader then holds up the station
    if (waiting_.size() >= kMostWaiting) {
      ++left_out_;
      return;
    }
    if (left_out_ > 0)
      waiting_.push_back(line_of("lines left out, as these were not taken: " +
                                 std::to_string(std::exchange(left_out_, 0))));
    waiting_.push_back(std::move(line));
    changed_.notify_all();
  }

  void finish() {
    std::unique_lock lock(lock_);
    changed_.wait_for(lock, kPatience, [this] { return waiting_.empty(); });
  }

 private:
  [[noreturn]] void write() {
    std::unique_lock lock(lock_);
    for (;;) {
      changed_.wait(lock, [this] { return !waiting_.empty(); });
      const std::string line = waiting_.front();
      lock.unlock();
      write_out(line);
      lock.lock();
      waiting_.pop_front();
      if (waiting_.empty()) changed_.notify_all();
    }
  }

  bool has_thread_ = true;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::string> waiting_;  // the first may be half written
  std::size_t left_out_ = 0;         // since the last that waits
};

/// Never destroyed: its thread may be writing when the program ends.
Diary& diary() {
  static auto* const all = new Diary;
  return *all;
}

}  // namespace

void log(std::string_view fact) {
  diary().add(fact);
}

void finish_log() {
  diary().finish();
}

}  // namespace infinara::station

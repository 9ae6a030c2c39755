// SPDX-License-Identifier: Apache-2.0
// A few threads for work that the main loop must not wait for.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace infinara::webrtc {

class ThreadPool {
 public:
  /// Starts `count` threads, or as many as the system has room for. Throws std::system_error if
  /// there is not even one.
  explicit ThreadPool(int count) {
    threads_.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) try {
        threads_.emplace_back([this] { work(); });
      } catch (const std::system_error&) {
        if (threads_.empty()) throw;
        break;
      }
  }
  std::size_t size() const { return threads_.size(); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// When all jobs are done.
  ~ThreadPool() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    more_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  /// Any thread. Jobs begin in this order.
  void run(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    more_.notify_one();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      more_.wait(lock, [this] { return over_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }

  std::mutex mutex_;  // guards the two below
  std::deque<std::function<void()>> jobs_;
  bool over_ = false;
  std::condition_variable more_;
  std::vector<std::thread> threads_;
};

}  // namespace infinara::webrtc

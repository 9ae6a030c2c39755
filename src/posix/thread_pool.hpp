// SPDX-License-Identifier: Apache-2.0
// Threads for jobs that a streaming thread or the main loop must not wait for.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace infinara::posix {

/// Starts a thread for a job, up to a limit of threads; a thread goes on with the jobs that wait
/// and ends when there are none.
class ThreadPool {
 public:
  /// Without a limit, each job starts at once, so that one that hangs keeps no other waiting.
  explicit ThreadPool(std::size_t max_threads = std::numeric_limits<std::size_t>::max())
      : max_threads_(max_threads) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { wait(); }

  /// Jobs begin in the order of these calls. While the system cannot start another thread, a job
  /// waits for the next thread of the pool that has finished its own, or for wait(). Any thread, a
  /// job's included.
  void run(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    std::erase_if(workers_, [](Worker& worker) {
      if (!*worker.done) return false;
      worker.thread.join();
      return true;
    });
    jobs_.push_back(std::move(job));
    if (running_ >= max_threads_) return;
    auto done = std::make_shared<std::atomic<bool>>(false);
    workers_.push_back({{}, done});
    try {
      workers_.back().thread = std::thread([this, done] {
        work();
        *done = true;
      });
      ++running_;
    } catch (const std::system_error&) {
      workers_.pop_back();
    }
  }

  /// Returns when all jobs are done, those included that jobs started meanwhile. Not from a job.
  void wait() {
    for (;;) {
      std::list<Worker> workers;
      {
        const std::lock_guard lock(mutex_);
        workers.swap(workers_);
        if (workers.empty() && jobs_.empty()) return;
        if (workers.empty()) ++running_;  // this thread, for jobs that no other does
      }
      for (Worker& worker : workers) worker.thread.join();
      if (workers.empty()) work();
    }
  }

 private:
  struct Worker {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };

  /// Does the jobs that wait, until there are none.
  void work() {
    for (;;) {
      std::function<void()> job;
      {
        const std::lock_guard lock(mutex_);
        if (jobs_.empty()) {
          --running_;
          return;
        }
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }  // what the job holds is destroyed before the next one starts
  }

  const std::size_t max_threads_;
  std::mutex mutex_;                        // guards what follows
  std::deque<std::function<void()>> jobs_;  // not begun
  std::size_t running_ = 0;                 // threads in work()
  std::list<Worker> workers_;
};

}  // namespace infinara::posix

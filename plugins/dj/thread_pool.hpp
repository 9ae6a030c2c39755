// SPDX-License-Identifier: Apache-2.0
// Threads for jobs that must not run on a streaming thread: each job starts at once, on a thread of
// its own, so that one that hangs keeps no other waiting.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace infinara {

class ThreadPool {
 public:
  ThreadPool() = default;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { wait(); }

  /// Any thread, a job included. While the system has no room for another thread, the job waits for
  /// the next of ours that ends, or for wait().
  void run(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    std::erase_if(workers_, [](Worker& worker) {
      if (!*worker.done) return false;
      worker.thread.join();
      return true;
    });
    jobs_.push_back(std::move(job));
    auto done = std::make_shared<std::atomic<bool>>(false);
    workers_.push_back({{}, done});
    try {
      workers_.back().thread = std::thread([this, done] {
        work();
        *done = true;
      });
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
      }
      for (Worker& worker : workers) worker.thread.join();
      work();
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
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }  // what the job holds is destroyed before the next one starts
  }

  std::mutex mutex_;                        // guards what follows
  std::deque<std::function<void()>> jobs_;  // not begun; more than one only without threads
  std::list<Worker> workers_;
};

}  // namespace infinara

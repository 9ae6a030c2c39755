// SPDX-License-Identifier: Apache-2.0
// Hands for work that must not be done on a streaming thread: each job runs at once, on a thread of
// its own, so that one that hangs keeps no other waiting.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace infinara {

class Crew {
 public:
  Crew() = default;
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { wait(); }

  /// Any thread, a job included.
  void run(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    std::erase_if(hands_, [](Hand& hand) {
      if (!*hand.done) return false;
      hand.thread.join();
      return true;
    });
    auto done = std::make_shared<std::atomic<bool>>(false);
    hands_.push_back({std::thread([job = std::move(job), done]() mutable {
                        job();
                        job = nullptr;  // what it holds ends before it is done
                        *done = true;
                      }),
                      done});
  }

  /// Until all jobs are done, those too that jobs began meanwhile. Not from a job.
  void wait() {
    for (;;) {
      std::list<Hand> hands;
      {
        const std::lock_guard lock(mutex_);
        hands.swap(hands_);
      }
      if (hands.empty()) return;
      for (Hand& hand : hands) hand.thread.join();
    }
  }

 private:
  struct Hand {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  std::mutex mutex_;  // guards hands_
  std::list<Hand> hands_;
};

}  // namespace infinara

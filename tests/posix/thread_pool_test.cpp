// SPDX-License-Identifier: Apache-2.0
#include "posix/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

#include "support/no_threads.hpp"

namespace infinara::posix {
namespace {

/// Blocks whoever waits until it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

TEST(ThreadPool, AJobThatHangsKeepsNoOtherWaiting) {
  Gate first, second;
  ThreadPool pool;
  pool.run([&] { first.wait(); });
  pool.run([&] { second.open(); });
  second.wait();
  first.open();
  pool.wait();
}

TEST(ThreadPool, WaitsForJobsThatJobsBegin) {
  std::atomic<int> done = 0;
  ThreadPool pool;
  pool.run([&] { pool.run([&] { pool.run([&] { ++done; }); }); });
  pool.wait();
  EXPECT_EQ(done, 1);
}

TEST(ThreadPool, AJobWithoutAThreadIsDoneByTheNextThatEnds) {
  Gate gate, done;
  ThreadPool pool;
  pool.run([&] { gate.wait(); });
  {
    const support::NoThreads full;
    pool.run([&] { done.open(); });
  }
  gate.open();
  done.wait();
}

TEST(ThreadPool, AJobWithoutAThreadIsDoneBesideTheNextThatHasOne) {
  Gate done;
  ThreadPool pool;
  {
    const support::NoThreads full;
    pool.run([&] { done.open(); });
  }
  pool.run([] {});
  done.wait();
}

TEST(ThreadPool, WithoutAnyThreadJobsAreDoneAtTheEnd) {
  std::atomic<int> done = 0;
  const auto held = std::make_shared<int>();
  ThreadPool pool;
  const support::NoThreads full;
  for (int i = 0; i < 3; ++i) pool.run([&done, held] { ++done; });
  EXPECT_EQ(done, 0);
  pool.wait();
  EXPECT_EQ(done, 3);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ThreadPool, NoMoreThreadsThanItsLimitWorkAtATime) {
  std::atomic<int> working = 0, most = 0, done = 0;
  {
    ThreadPool pool(3);
    for (int i = 0; i < 100; ++i)
      pool.run([&] {
        const int now = ++working;
        int before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        std::this_thread::yield();
        --working;
        ++done;
      });
  }
  EXPECT_EQ(done, 100);
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 3);
}

TEST(ThreadPool, JobsOfOneThreadAreDoneInTheirOrder) {
  std::vector<int> order, wanted;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 50; ++i) pool.run([&order, i] { order.push_back(i); });
  }
  for (int i = 0; i < 50; ++i) wanted.push_back(i);
  EXPECT_EQ(order, wanted);
}

}  // namespace
}  // namespace infinara::posix

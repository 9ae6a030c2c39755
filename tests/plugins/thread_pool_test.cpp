// SPDX-License-Identifier: Apache-2.0
#include "thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>

#include "support/no_threads.hpp"

namespace infinara {
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

}  // namespace
}  // namespace infinara

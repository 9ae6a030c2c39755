// SPDX-License-Identifier: Apache-2.0
#include "crew.hpp"

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

TEST(Crew, AJobThatHangsKeepsNoOtherWaiting) {
  Gate first, second;
  Crew crew;
  crew.run([&] { first.wait(); });
  crew.run([&] { second.open(); });
  second.wait();
  first.open();
  crew.wait();
}

TEST(Crew, WaitsForJobsThatJobsBegin) {
  std::atomic<int> done = 0;
  Crew crew;
  crew.run([&] { crew.run([&] { crew.run([&] { ++done; }); }); });
  crew.wait();
  EXPECT_EQ(done, 1);
}

TEST(Crew, AJobWithoutAThreadIsDoneByTheNextThatEnds) {
  Gate gate, done;
  Crew crew;
  crew.run([&] { gate.wait(); });
  {
    const support::NoThreads full;
    crew.run([&] { done.open(); });
  }
  gate.open();
  done.wait();
}

TEST(Crew, AJobWithoutAThreadIsDoneBesideTheNextThatHasOne) {
  Gate done;
  Crew crew;
  {
    const support::NoThreads full;
    crew.run([&] { done.open(); });
  }
  crew.run([] {});
  done.wait();
}

TEST(Crew, WithoutAnyThreadJobsAreDoneAtTheEnd) {
  std::atomic<int> done = 0;
  const auto held = std::make_shared<int>();
  Crew crew;
  const support::NoThreads full;
  for (int i = 0; i < 3; ++i) crew.run([&done, held] { ++done; });
  EXPECT_EQ(done, 0);
  crew.wait();
  EXPECT_EQ(done, 3);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace infinara

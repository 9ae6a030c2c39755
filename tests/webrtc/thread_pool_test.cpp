// SPDX-License-Identifier: Apache-2.0
#include "webrtc/thread_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>

#include "support/no_threads.hpp"

namespace infinara::webrtc {
namespace {

TEST(ThreadPool, DoAllJobsBeforeTheyEnd) {
  std::atomic<int> done = 0;
  {
    ThreadPool hands(3);
    EXPECT_EQ(hands.size(), 3U);
    for (int i = 0; i < 100; ++i) hands.run([&] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

TEST(ThreadPool, AreFewerWhereTheSystemHasNoRoomForAll) {
  std::optional<ThreadPool> hands;
  {
    const support::NoThreads full(1);
    hands.emplace(3);
  }
  EXPECT_EQ(hands->size(), 1U);
  std::atomic<int> done = 0;
  for (int i = 0; i < 10; ++i) hands->run([&] { ++done; });
  hands.reset();
  EXPECT_EQ(done, 10);
}

TEST(ThreadPool, WithoutASingleThreadThrow) {
  const support::NoThreads full;
  EXPECT_THROW(ThreadPool(3), std::system_error);
}

}  // namespace
}  // namespace infinara::webrtc

// SPDX-License-Identifier: Apache-2.0
#include "posix/thread.hpp"

#include <gtest/gtest.h>

#include <string>
#include <system_error>

#include "support/no_threads.hpp"

namespace {

using infinara::posix::quiet_thread;

bool is_blocked(int signal) {
  sigset_t now;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return ::sigismember(&now, signal) == 1;
}

}  // namespace

TEST(QuietThread, ReceivesNoSignalsAndLeavesItsCallerTheirs) {
  bool term = false, interrupt = false;
  std::string name(16, '\0');
  quiet_thread("a quiet one", [&] {
    term = is_blocked(SIGTERM);
    interrupt = is_blocked(SIGINT);
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  }).join();
  EXPECT_TRUE(term);
  EXPECT_TRUE(interrupt);
  EXPECT_FALSE(is_blocked(SIGTERM));
}

TEST(QuietThread, ThatCannotBeStartedLeavesTheSignalMaskAsItWas) {
  {
    const support::NoThreads full;
    EXPECT_THROW(quiet_thread("none", [] {}), std::system_error);
  }
  EXPECT_FALSE(is_blocked(SIGTERM));
  EXPECT_FALSE(is_blocked(SIGINT));
  EXPECT_FALSE(is_blocked(SIGSEGV));
}

TEST(QuietThread, KeepsTheSignalsThatItsCallerHadBlocked) {
  sigset_t hangup, before;
  ::sigemptyset(&hangup);
  ::sigaddset(&hangup, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &hangup, &before);
  {
    const support::NoThreads full;
    EXPECT_THROW(quiet_thread("none", [] {}), std::system_error);
  }
  EXPECT_TRUE(is_blocked(SIGHUP));
  EXPECT_FALSE(is_blocked(SIGTERM));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

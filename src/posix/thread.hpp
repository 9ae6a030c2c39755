// SPDX-License-Identifier: Apache-2.0
// Threads that receive no signals.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <functional>
#include <thread>
#include <utility>

namespace infinara::posix {

/// Blocks all signals for the calling thread while it lives, and restores the thread's signal mask
/// at its end. Threads started meanwhile inherit the blocked mask.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

/// Starts a thread that receives no signals: they belong to the program's main thread. `name` is
/// what tools show of it, 15 bytes at most. Throws std::system_error if the thread cannot be
/// started; the caller's signal mask is then as before.
inline std::thread quiet_thread(const char* name, std::function<void()> body) {
  const BlockedSignals blocked;
  std::thread thread(std::move(body));
  ::pthread_setname_np(thread.native_handle(), name);
  return thread;
}

}  // namespace infinara::posix

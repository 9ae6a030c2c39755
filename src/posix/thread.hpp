// SPDX-License-Identifier: Apache-2.0
// A thread for work that signals must not disturb.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <functional>
#include <thread>
#include <utility>

namespace infinara::posix {

/// Starts a thread that no signal reaches: they belong to the program's main thread. `name` is what
/// tools show of it, 15 bytes at most.
inline std::thread quiet_thread(const char* name, std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::pthread_setname_np(thread.native_handle(), name);
  return thread;
}

}  // namespace infinara::posix

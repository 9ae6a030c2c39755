// SPDX-License-Identifier: Apache-2.0
// A system without room for threads: while a NoThreads lives, pthread_create fails with EAGAIN in
// this program after `first` more threads. Include it in one file of a program.
#pragma once

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace support {

/// Threads that may still be started; negative: any number.
inline std::atomic<int> threads_left{-1};

class NoThreads {
 public:
  explicit NoThreads(int first = 0) { threads_left = first; }
  ~NoThreads() { threads_left = -1; }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
};

}  // namespace support

/// Stands before libc's in the program's order of symbols.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* how,
                                                                     void* (*body)(void*),
                                                                     void* with) noexcept {
  if (support::threads_left >= 0 && support::threads_left-- <= 0) {
    support::threads_left = 0;
    return EAGAIN;
  }
  static const auto real =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, how, body, with);
}

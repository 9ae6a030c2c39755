// SPDX-License-Identifier: Apache-2.0
#include "app/process.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#ifdef INFINARA_COVERAGE
extern "C" void __gcov_dump();
#endif

namespace infinara::app {

void open_standard_streams() {
  int free = 0;
  while (free >= 0 && free <= STDERR_FILENO) free = ::open("/dev/null", O_RDWR);
  if (free >= 0) ::close(free);
}

void limit_heaps() {
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

int raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return INT_MAX;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t own = std::min<rlim_t>(256, limit.rlim_cur / 4);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur - own, INT_MAX));
}

void exit_now(int code) {
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();  // exit() would do it
#endif
#ifdef INFINARA_COVERAGE
  __gcov_dump();  // as would this
#endif
  ::_exit(code);
}

}  // namespace infinara::app

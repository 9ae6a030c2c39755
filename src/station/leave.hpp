// SPDX-License-Identifier: Apache-2.0
// The last step of a program that has played by WebRTC.
#pragma once

#include <unistd.h>

#include <cstdio>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace infinara::station {

/// Ends the process without exit()'s handlers: threads of GStreamer's are still ending, and what
/// OpenSSL keeps for one would be freed by it and by its handler at once.
[[noreturn]] inline void leave(int code) {
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();  // else exit() would have it done
#endif
  ::_exit(code);
}

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// main() of every test that runs inside GStreamer.
#include <gst/gst.h>
#include <gtest/gtest.h>
#include <malloc.h>

int main(int argc, char** argv) {
  ::mallopt(M_ARENA_MAX, 2);  // both as the station does
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  testing::InitGoogleTest(&argc, argv);
  gst_registry_fork_set_enabled(FALSE);  // a forked scanner and a sanitizer do not mix
  gst_init(&argc, &argv);
  const int result = RUN_ALL_TESTS();
  gst_deinit();  // then a leak checker reports leaks alone
  return result;
}

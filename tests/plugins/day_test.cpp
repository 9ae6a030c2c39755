// SPDX-License-Identifier: Apache-2.0
// Hours of programme faster than real time: no gap, and no memory that creeps. A short day as a
// test; INFINARA_HOURS=24 makes it a whole one (bench/day.py).
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>

#include "support/radio.hpp"

namespace infinara {
namespace {

/// Without what is free and only kept by the allocator, which comes and goes by two MiB.
double resident_kib() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  long all = 0;
  long resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
}

/// Slope of the line through the points that has the least squares.
double slope_of(const std::vector<std::pair<double, double>>& points) {
  double x = 0;
  double y = 0;
  for (const auto& point : points) {
    x += point.first / static_cast<double>(points.size());
    y += point.second / static_cast<double>(points.size());
  }
  double above = 0;
  double below = 0;
  for (const auto& point : points) {
    above += (point.first - x) * (point.second - y);
    below += (point.first - x) * (point.first - x);
  }
  return above / below;
}

TEST(Day, HasNoGapAndNeedsNoMoreMemoryAtItsEnd) {
  const char* wish = std::getenv("INFINARA_HOURS");
  const bool is_checked = std::getenv("INFINARA_CHECKED") != nullptr;
  const double hours = wish != nullptr ? std::atof(wish) : is_checked ? 2 : 6;
  ASSERT_GT(hours, 1);
  Radio radio("is-live=false generators=testtracksrc seed=1");
  radio.hashes = false;
  radio.keeps = false;
  std::vector<std::pair<double, double>> memory;  // hours, KiB
  for (double at = 1; at < hours; at += 0.05)
    radio.script.emplace(at * 3600, [&memory, at] { memory.emplace_back(at, resident_kib()); });
  const std::clock_t begin = std::clock();
  ASSERT_TRUE(radio.play(hours * 3600)) << radio.error;
  const double cpu = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(radio.buffers, static_cast<std::uint64_t>(hours * 180'000));
  EXPECT_TRUE(radio.faults.empty()) << radio.faults.front();
  EXPECT_EQ(radio.longest_silence, 0u);
  EXPECT_GE(testtrack::made, hours * 3600 / 90);
  const double slope = slope_of(memory);
  std::cout << "day: hours=" << hours << " cpu_s=" << cpu << " tracks=" << testtrack::made
            << " rss_kib_first=" << memory.front().second
            << " rss_kib_last=" << memory.back().second << " slope_kib_per_hour=" << slope
            << std::endl;
  // The look-ahead at the moments of measuring differs by a MiB or two. A leaked buffer a track
  // would be 16 KiB and more, a leaked chain some 30 KiB, 40 times an hour.
  if (!is_checked) {
    EXPECT_LT(slope, hours >= 12 ? 100 : 400);
  }
}

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "http/change_limits.hpp"

#include <gtest/gtest.h>

namespace infinara::http {
namespace {

door::Address address(const char* text) {
  return door::Address::read(text).value();
}

struct Step {
  double now;
  const char* from;
  bool is_skip;
  double wait;
};

void expect(ChangeLimits& limits, std::initializer_list<Step> steps) {
  for (const auto& [now, from, is_skip, wait] : steps)
    EXPECT_DOUBLE_EQ(limits.admit(address(from), is_skip, now), wait) << now << " " << from;
}

TEST(ChangeLimits, ASkipIsTheWholeStations) {
  ChangeLimits limits({.skip_seconds = 2});
  expect(limits, {{0, "192.0.2.1", true, 0},
                  {0.5, "192.0.2.2", true, 1.5},
                  {0.5, "192.0.2.2", false, 0},
                  {1.5, "192.0.2.1", true, 0.5},  // a refused one is not counted
                  {2, "192.0.2.2", true, 0},
                  {2, "192.0.2.2", true, 2}});
}

TEST(ChangeLimits, AnAddressHasSoManyInAMinute) {
  ChangeLimits limits({.per_minute = 3});
  expect(limits, {{0, "192.0.2.1", true, 0},
                  {1, "192.0.2.1", true, 0},
                  {2, "192.0.2.1", false, 0},
                  {3, "192.0.2.1", false, 57},
                  {3, "192.0.2.2", false, 0},  // another
                  {59, "192.0.2.1", false, 1},
                  {60, "192.0.2.1", false, 0},
                  {60, "192.0.2.1", false, 1}});
}

TEST(ChangeLimits, AHouseholdIsOneAddress) {
  ChangeLimits limits({.per_minute = 1});
  expect(limits, {{0, "2001:db8:0:1::1", false, 0},
                  {1, "2001:db8:0:1::2", false, 59},
                  {1, "2001:db8:0:2::1", false, 0},
                  {1, "::ffff:192.0.2.1", false, 0},
                  {1, "192.0.2.1", false, 60}});
}

TEST(ChangeLimits, NoneIsNone) {
  ChangeLimits limits({});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limits.admit(address("::1"), true, 0), 0);
}

TEST(ChangeLimits, ManyAddressesTakeNoMoreMemory) {
  ChangeLimits limits({.per_minute = 1});
  const auto nth = [](int i) {
    return address(("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256)).c_str());
  };
  for (int i = 0; i < 4096; ++i) EXPECT_EQ(limits.admit(nth(i), false, 0), 0);
  EXPECT_EQ(limits.admit(nth(4096), false, 1), 60);
  EXPECT_EQ(limits.admit(nth(4096), false, 60), 0);  // those of a minute ago are forgotten
}

}  // namespace
}  // namespace infinara::http

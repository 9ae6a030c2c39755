// SPDX-License-Identifier: Apache-2.0
#include "station/track_numbers.hpp"

#include <gtest/gtest.h>

namespace infinara::station {
namespace {

using namespace onair;

Message on_air(std::uint64_t id) {
  return OnAir{.track = {.order = {.id = id}}};
}
Message next(std::uint64_t id) {
  return Next{.track = {.order = {.id = id}}};
}
Message fade(std::uint64_t from, std::uint64_t to) {
  return Fade{.from = from, .to = to};
}

TEST(TrackNumbers, GoOnOverProgrammes) {
  TrackNumbers numbers(40);
  numbers.begin_programme();
  EXPECT_EQ(numbers.numbered(on_air(1)), on_air(41));
  EXPECT_EQ(numbers.numbered(next(3)), next(43));
  EXPECT_EQ(numbers.numbered(fade(1, 2)), fade(41, 42));
  EXPECT_EQ(numbers.numbered(on_air(1)), on_air(41));
  numbers.begin_programme();
  EXPECT_EQ(numbers.numbered(on_air(1)), on_air(44));  // 43 was told already
}

TEST(TrackNumbers, LeaveSilenceAndOtherMessagesAlone) {
  TrackNumbers numbers(40);
  EXPECT_EQ(numbers.numbered(fade(0, 1)), fade(0, 41));
  EXPECT_EQ(numbers.numbered(fade(1, 0)), fade(41, 0));
  EXPECT_EQ(numbers.numbered(next(0)), next(0));
  EXPECT_EQ(numbers.numbered(Remark{.text = "7"}), Message(Remark{.text = "7"}));
}

}  // namespace
}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "control_room.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace infinara {
namespace {

/// Fails at the first errand, as for want of a thread or of memory.
class Staff final : public ControlRoom::Staff {
 public:
  void carry_out(const Errand&) override {
    if (++errands == 1) throw std::runtime_error("no thread");
  }
  void give_up() override {}
  int errands = 0;
};

TEST(ControlRoom, GoesOnAfterAnErrandThatFailed) {
  Staff staff;
  ControlRoom room(staff);
  room.open(music::Programme(music::Settings{}, {"band"}, {}, 1), true);
  EXPECT_THROW(room.happen(music::Tick{}), std::runtime_error);
  EXPECT_EQ(staff.errands, 1);
  room.happen(music::Tick{});
  EXPECT_GT(staff.errands, 1) << "what was decided before the failure is still to be done";
  room.close();  // would wait for ever
  EXPECT_FALSE(room.is_open());
}

}  // namespace
}  // namespace infinara

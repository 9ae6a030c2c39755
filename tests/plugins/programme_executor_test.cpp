// SPDX-License-Identifier: Apache-2.0
#include "programme_executor.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace infinara {
namespace {

/// Fails at the first command, as for want of a thread or of memory.
class Handler final : public ProgrammeExecutor::Handler {
 public:
  void carry_out(const Command&) override {
    if (++commands == 1) throw std::runtime_error("no thread");
  }
  void give_up() override {}
  int commands = 0;
};

TEST(ProgrammeExecutor, GoesOnAfterACommandThatFailed) {
  Handler handler;
  ProgrammeExecutor executor(handler);
  executor.open(music::Programme(music::Settings{}, {"band"}, {}, 1), true);
  EXPECT_THROW(executor.happen(music::Tick{}), std::runtime_error);
  EXPECT_EQ(handler.commands, 1);
  executor.happen(music::Tick{});
  EXPECT_GT(handler.commands, 1) << "what was decided before the failure is still to be done";
  executor.close();  // would wait for ever
  EXPECT_FALSE(executor.is_open());
}

}  // namespace
}  // namespace infinara

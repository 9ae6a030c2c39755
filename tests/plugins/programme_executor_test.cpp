// SPDX-License-Identifier: Apache-2.0
#include "programme_executor.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

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

/// Has something to tell while it carries out its first command.
class Teller final : public ProgrammeExecutor::Handler {
 public:
  void carry_out(const Command& command) override {
    const auto* said = std::get_if<onair::Message>(&command.what);
    carried_out.push_back(said != nullptr ? "told" : "done");
    if (carried_out.size() == 1) executor.tell(command.at, onair::Remark{command.at, "a line"});
  }
  void give_up() override {}
  ProgrammeExecutor executor{*this};
  std::vector<std::string> carried_out;
};

TEST(ProgrammeExecutor, TellsAMessageAfterAllThatWasDecidedBefore) {
  Teller teller;
  teller.executor.tell(0, onair::Remark{0, "nothing is open"});
  EXPECT_TRUE(teller.carried_out.empty());
  teller.executor.open(music::Programme(music::Settings{.buffer_ahead = 2}, {"band"}, {}, 1), true);
  teller.executor.happen(music::Begin{});  // the genre, and two tracks to make
  EXPECT_EQ(teller.carried_out, (std::vector<std::string>{"done", "done", "done", "told"}));
  teller.executor.close();
}

}  // namespace
}  // namespace infinara

// SPDX-License-Identifier: Apache-2.0
#include "sound/fifo.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {

using infinara::sound::Fifo;

TEST(Fifo, GivesBackWhatWasWrittenInAnyPieces) {
  std::mt19937 rng(11);
  infinara::sound::Blocks blocks;
  blocks.keep(20'000);
  Fifo fifo(blocks);
  std::int16_t next_in = 0;
  std::int16_t next_out = 0;
  std::int64_t held = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    std::vector<std::int16_t> piece(2 * (rng() % 3000));
    for (auto& x : piece) x = next_in++;
    fifo.write(piece);
    held += static_cast<std::int64_t>(piece.size()) / 2;
    for (auto wanted = static_cast<std::int64_t>(rng() % 3001); wanted > 0 && fifo.size() > 0;) {
      const auto front = fifo.front();
      ASSERT_FALSE(front.empty());
      const auto count = std::min(wanted, static_cast<std::int64_t>(front.size()) / 2);
      for (const auto x : front.first(static_cast<std::size_t>(count) * 2))
        ASSERT_EQ(x, next_out++);
      fifo.drop(count);
      wanted -= count;
      held -= count;
    }
    ASSERT_EQ(fifo.size(), held);
    if (rng() % 500 == 0) {
      fifo.clear();
      next_out = next_in;
      held = 0;
      ASSERT_TRUE(fifo.front().empty());
    }
  }
}

}  // namespace

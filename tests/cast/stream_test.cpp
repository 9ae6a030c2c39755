// SPDX-License-Identifier: Apache-2.0
#include "cast/stream.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "cast/command_queue.hpp"

namespace infinara::cast {
namespace {

using namespace std::chrono_literals;

std::string all_of(const Stream& stream) {
  std::string text;
  for (Position at = stream.ring().begin(); at < stream.ring().end();) {
    const Bytes piece = stream.ring().read(at);
    text.append(piece.begin(), piece.end());
    at += piece.size();
  }
  return text;
}

TEST(Stream, NewHeadersGoToAllAndOldOnesAreNotRepeated) {
  Stream stream(10s);
  stream.set_headers("[one]");
  stream.append(bytes_of("a"), 1s, true);
  stream.set_headers("[one]");
  stream.append(bytes_of("b"), 1s, true);
  stream.set_headers("[two]");
  stream.append(bytes_of("c"), 1s, true);
  EXPECT_EQ(all_of(stream), "[one]ab[two]c");
  EXPECT_EQ(stream.preamble(5, false).bytes, "[one]");
  EXPECT_EQ(stream.preamble(6, false).bytes, "[one]");
  EXPECT_EQ(stream.preamble(12, false).bytes, "[two]");
}

TEST(Stream, NobodyStartsAtHeaders) {
  Stream stream(10s);
  stream.append(bytes_of("a"), 1s, true);
  stream.set_headers("[two]");
  stream.append(bytes_of("b"), 1s, true);
  EXPECT_EQ(stream.ring().random_access_from(1), 6u);
}

TEST(Stream, WhatIsNoLongerInTheRingIsForgottenButForWhatHoldsThere) {
  Stream stream(1s);
  stream.set_headers("[h]");
  stream.set_title("first");
  const std::string second(4096, 's');
  for (int i = 0; i < 200; ++i) {
    if (i == 100) stream.set_title("second");
    stream.append(bytes_of(second), 1s, true);
    stream.forget_old();
  }
  ASSERT_GT(stream.ring().begin(), 100u * 4096);
  EXPECT_EQ(stream.preamble(stream.ring().begin(), false).bytes, "[h]");
  EXPECT_EQ(*stream.titles().at(stream.ring().begin()), title_block("second"));
}

TEST(CommandQueue, IsPouredOutInTheOrderInWhichItCame) {
  CommandQueue commands;
  Stream stream(10s);
  commands.set_title("one");
  commands.append(bytes_of("ab"), 1s, true);
  commands.set_headers("[h]");
  commands.set_title("two");
  commands.append(bytes_of("cd"), 1s, false);
  commands.apply_to(stream);
  EXPECT_EQ(all_of(stream), "ab[h]cd");
  EXPECT_EQ(*stream.titles().at(1), title_block("one"));
  EXPECT_EQ(*stream.titles().at(5), title_block("two"));
  commands.apply_to(stream);
  EXPECT_EQ(all_of(stream), "ab[h]cd") << "twice";
}

}  // namespace
}  // namespace infinara::cast

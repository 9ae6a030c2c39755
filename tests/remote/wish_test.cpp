// SPDX-License-Identifier: Apache-2.0
// What a wish becomes: the fields of an order.
#include "remote/wish.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "music/genre.hpp"

using namespace infinara::remote;

TEST(Planner, EachTrackMixesWithTheOneBefore) {
  using infinara::music::find_genre;
  using infinara::music::keys_mix;
  using infinara::music::parse_key;
  Planner planner(4);
  Wish wish;
  wish.genre = "jazz";
  Task last = planner.plan(wish);
  for (int i = 0; i < 300; ++i) {
    const Task task = planner.plan(wish);
    EXPECT_NE(task.prompt, last.prompt);
    EXPECT_TRUE(keys_mix(*parse_key(last.key), *parse_key(task.key)));
    EXPECT_LE(std::abs(task.bpm - last.bpm), last.bpm * 0.04);
    const double bars = task.duration * task.bpm / 240;
    EXPECT_NEAR(bars, std::round(bars), 0.01);
    EXPECT_TRUE(task.lyrics.starts_with("[Instrumental]\n\n[Intro"));
    EXPECT_GE(task.seed, 0);
    last = task;
  }
}

TEST(Planner, WhatThePersonSaysIsMeant) {
  Planner planner(4);
  Wish wish;
  wish.prompt = "warm jazz trio";
  wish.bpm = 96;
  wish.key = "F major";
  wish.duration = 60;
  wish.seed = 42;
  const Task task = planner.plan(wish);
  EXPECT_EQ(task.prompt, "warm jazz trio");
  EXPECT_EQ(task.bpm, 96);
  EXPECT_EQ(task.key, "F major");
  EXPECT_EQ(task.seed, 42);
  EXPECT_DOUBLE_EQ(task.duration, 60);
  Task base = task;
  suit_model(base, wish, "acestep-v15-base");
  EXPECT_EQ(base.steps, 50);
  EXPECT_EQ(base.shift, 1);
  Task turbo = task;
  suit_model(turbo, wish, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 8);
  EXPECT_EQ(turbo.shift, 3);
  wish.steps = 65;
  suit_model(turbo, wish, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 65);
}

// SPDX-License-Identifier: Apache-2.0
// What a request becomes: the fields of an order.
#include "remote/acestep/planner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "music/caption.hpp"
#include "music/genre.hpp"
#include "music/prompt_facts.hpp"

using namespace infinara::remote;

TEST(Planner, EachTrackMixesWithTheOneBefore) {
  using infinara::music::find_genre;
  using infinara::music::keys_mix;
  using infinara::music::parse_key;
  Planner planner(4);
  TrackRequest wanted;
  wanted.genre = "jazz";
  Task last = planner.plan(wanted);
  for (int i = 0; i < 300; ++i) {
    const Task task = planner.plan(wanted);
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

namespace {

using infinara::music::find_genre, infinara::music::Feel, infinara::music::Tonality;

// Words, tempo, key and form of a task say the same.
void expect_one_draw(const Task& task, const infinara::music::Genre& genre) {
  const auto facts = infinara::music::read_prompt(task.prompt);
  const auto part = infinara::music::with_feel(genre, facts.feel);
  EXPECT_GE(task.bpm, part.bpm_low) << task.prompt;
  EXPECT_LE(task.bpm, part.bpm_high) << task.prompt;
  const auto key = infinara::music::parse_key(task.key);
  ASSERT_TRUE(key) << task.key;
  if (facts.tonality != Tonality::kUnsaid) {
    EXPECT_EQ(is_minor(key->mode), facts.tonality == Tonality::kMinor)
        << task.key << ": " << task.prompt;
  }
  ASSERT_FALSE(facts.lead.empty()) << task.prompt;
  EXPECT_NE(task.lyrics.find("[Main Theme - " + facts.lead + "]"), std::string::npos)
      << task.lyrics << ": " << task.prompt;
  EXPECT_EQ(task.lyrics.find("drums only") != std::string::npos, facts.drums) << task.prompt;
}

}  // namespace

TEST(Planner, WordsTempoKeyAndFormSayTheSame) {
  infinara::music::Random random(9);
  for (const auto& genre : infinara::music::kGenres) {
    Planner planner(6);
    std::set<std::string> prompts;
    for (int i = 0; i < 360; ++i) {
      TrackRequest wanted;
      wanted.genre = genre.name;
      const Task task = planner.plan(wanted);
      expect_one_draw(task, genre);
      EXPECT_TRUE(prompts.insert(task.prompt).second) << task.prompt;
    }
    for (int i = 0; i < 200; ++i) {  // with the DJ's words
      TrackRequest wanted;
      wanted.genre = genre.name;
      wanted.caption = infinara::music::draw_caption(genre, {}, random);
      const Task task = planner.plan(wanted);
      EXPECT_EQ(task.prompt, wanted.caption);
      expect_one_draw(task, genre);
    }
  }
}

TEST(Planner, NumbersThatContradictTheDjsWordsGetOtherWords) {
  const auto& jazz = *find_genre("jazz");
  Planner planner(6);
  TrackRequest wanted;
  wanted.genre = "jazz";
  wanted.caption = "slow jazz ballad, dark and tender, piano and drums";
  wanted.bpm = 160;
  wanted.key = "C major";
  const Task task = planner.plan(wanted);
  EXPECT_NE(task.prompt, wanted.caption);
  EXPECT_EQ(task.bpm, 160);
  EXPECT_EQ(task.key, "C major");
  expect_one_draw(task, jazz);
  wanted.bpm = 100;
  wanted.key = "C minor";
  EXPECT_EQ(planner.plan(wanted).prompt, wanted.caption);
}

TEST(Planner, APersonsWordsLeadTempoKeyAndForm) {
  Planner planner(6);
  TrackRequest wanted;
  wanted.genre = "jazz";
  for (int i = 0; i < 50; ++i) {
    wanted.prompt = "slow jazz ballad, muted trumpet melody, brushed drums";
    Task task = planner.plan(wanted);
    EXPECT_LE(task.bpm, 125);
    EXPECT_NE(task.lyrics.find("[Main Theme - muted trumpet]"), std::string::npos) << task.lyrics;
    EXPECT_NE(task.lyrics.find("drums only"), std::string::npos);
    wanted.prompt = "lively bebop without drums";
    task = planner.plan(wanted);
    EXPECT_GE(task.bpm, 139);
    EXPECT_EQ(task.lyrics.find("drums"), std::string::npos);
  }
  wanted.prompt = "anything at 83 bpm in Eb minor";
  const Task task = planner.plan(wanted);
  EXPECT_EQ(task.bpm, 83);
  EXPECT_EQ(task.key, "Eb minor");
}

TEST(Planner, WhatThePersonSaysIsMeant) {
  Planner planner(4);
  TrackRequest wanted;
  wanted.prompt = "warm jazz trio";
  wanted.bpm = 96;
  wanted.key = "F major";
  wanted.duration = 60;
  wanted.seed = 42;
  const Task task = planner.plan(wanted);
  EXPECT_EQ(task.prompt, "warm jazz trio");
  EXPECT_EQ(task.bpm, 96);
  EXPECT_EQ(task.key, "F major");
  EXPECT_EQ(task.seed, 42);
  EXPECT_DOUBLE_EQ(task.duration, 60);
  Task base = task;
  suit_model(base, wanted, "acestep-v15-base");
  EXPECT_EQ(base.steps, 50);
  EXPECT_EQ(base.shift, 1);
  EXPECT_TRUE(base.no_dcw);
  for (const char* model : {"acestep-v15-sft", "acestep-v15-xl-sft", "acestep-v15-xl-base"}) {
    Task other = task;
    suit_model(other, wanted, model);
    EXPECT_TRUE(other.no_dcw && other.steps == 50) << model;
  }
  for (const char* model : {"acestep-v15-turbo", "acestep-v15-xl-turbo", "acestep-v15-turbo-shift3",
                            "acestep-v15-merge-sft-turbo", ""}) {
    Task other = task;
    suit_model(other, wanted, model);
    EXPECT_TRUE(!other.no_dcw && other.steps == 8) << model;
  }
  Task turbo = task;
  suit_model(turbo, wanted, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 8);
  EXPECT_EQ(turbo.shift, 3);
  wanted.steps = 65;
  suit_model(turbo, wanted, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 65);
}

TEST(Planner, ATrackMadeForOneOrderOfTheDjServesAnotherWithWhichItMixes) {
  const auto order = [](const char* caption, int bpm, const char* key) {
    TrackRequest wanted;
    wanted.genre = "jazz";
    wanted.caption = caption;
    wanted.bpm = bpm;
    wanted.key = key;
    return wanted;
  };
  const TrackRequest made = order("warm trio", 100, "C major");
  EXPECT_TRUE(serves(made, order("cool quartet", 104, "A minor")));
  EXPECT_TRUE(serves(order("warm trio", 0, ""), order("cool quartet", 0, "")));
  EXPECT_FALSE(serves(made, order("cool quartet", 110, "A minor"))) << "another tempo";
  EXPECT_FALSE(serves(made, order("cool quartet", 104, "F# major"))) << "another key";
  EXPECT_FALSE(serves(made, order("cool quartet", 0, "")));
  EXPECT_FALSE(serves(made, order("", 100, "C major"))) << "a person has set tempo and key";
}

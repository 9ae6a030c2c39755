// SPDX-License-Identifier: Apache-2.0
#include "station/station.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

namespace infinara::station {
namespace {

using namespace std::chrono_literals;

/// Runs the default main context until `truth`, with a bound.
bool comes_true(const std::function<bool()>& truth) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  glibpp::Timer wake;  // so that the bound is seen, and what changes on other threads
  wake.every(20ms, [] {});
  while (!truth()) {
    if (std::chrono::steady_clock::now() > end) return false;
    g_main_context_iteration(nullptr, TRUE);
  }
  return true;
}

Settings quick() {
  Settings settings;
  settings.dj.genre = "jazz";
  settings.dj.track_duration = 20;
  settings.dj.crossfade = 1;
  settings.dj.seed = 7;
  return settings;
}

/// The launch text with `element` in the middle of it.
std::string launch_with(const std::string& element) {
  std::string text = station_launch();
  const std::string before = "! lamemp3enc";
  return text.replace(text.find(before), before.size(), "! " + element + " " + before);
}

TEST(Station, PlaysItsLaunchText) {
  Station station(quick(), station_launch());
  EXPECT_FALSE(station.health().good);
  station.start();
  EXPECT_TRUE(comes_true([&] { return station.health().good; }));
  EXPECT_TRUE(comes_true([&] { return station.now().on_air.has_value(); }));
  const Now now = station.now();
  EXPECT_EQ(now.on_air->order.genre, "jazz");
  EXPECT_EQ(now.dj_genre, "jazz");
  EXPECT_EQ(now.on_air->generator, "housebandsrc");
  EXPECT_TRUE(comes_true([&] { return station.now().ready >= 3; }));
  EXPECT_GT(station.health().position, 0);
}

TEST(Station, WhatItsSettingsAllowTheRadioTakes) {
  const auto dj = gstpp::Ref<GstElement>::sink(gst_element_factory_make("mooddj", nullptr));
  ASSERT_TRUE(dj);
  const struct {
    const char *property, *value;
  } rows[] = {{"buffer-ahead", "1"}, {"buffer-ahead", "20"}, {"track-duration", "5"},
              {"crossfade", "0"},    {"crossfade", "60"},    {"track-duration", "3600"},
              {"dwell-min", "1"},    {"dwell-max", "604800"}};
  for (const auto& [property, value] : rows) {
    const std::string option = "--" + std::string(property) + "=" + value;
    const char* const arguments[] = {option.c_str()};
    const auto read =
        config::configure(arguments, [](const char*) -> const char* { return nullptr; });
    EXPECT_TRUE(std::holds_alternative<config::Config>(read)) << option;
    gst_util_set_object_arg(G_OBJECT(dj.get()), property, value);
    GValue got = G_VALUE_INIT;
    g_value_init(&got, G_TYPE_DOUBLE);
    g_object_get_property(G_OBJECT(dj.get()), property, &got);
    EXPECT_EQ(g_value_get_double(&got), std::stod(value)) << option;
    g_value_unset(&got);
  }
}

TEST(Station, AMissingElementIsNamedWithItsRemedy) {
  Station station(quick(), "nosuchdj name=dj ! fakesink name=listeners");
  try {
    station.start();
    FAIL() << "played without an element";
  } catch (const CannotPlay& error) {
    EXPECT_STREQ(error.what(),
                 "cannot play: nosuchdj is missing: install the GStreamer plugin that brings it");
  }
}

TEST(Station, APipelineWithoutItsNamesIsRefused) {
  Station station(quick(), "fakesrc ! fakesink name=listeners");
  EXPECT_THROW(station.start(), CannotPlay);
}

TEST(Station, ABrokenPipelineIsReplacedAndGoesOnWhereTheWalkWas) {
  // About half a second of sound, then an error: again and again.
  Station station(quick(), launch_with("identity error-after=25"));
  station.start();
  EXPECT_TRUE(comes_true([&] { return station.health().good; }));
  station.change_genre("rock", When::kQueue);
  station.change_settings({.track_duration = 30, .crossfade = 2, .auto_dj = false});
  EXPECT_TRUE(comes_true([&] { return !station.health().good; }));
  EXPECT_NE(station.health().reason, "");
  EXPECT_TRUE(
      comes_true([&] { return station.health().good && station.now().dj_genre == "rock"; }));
  EXPECT_EQ(station.play_settings().track_duration, 30);
  EXPECT_FALSE(station.play_settings().auto_dj);
}

TEST(Station, AGenreChosenWhileThePipelineIsBrokenIsPlayedByTheNext) {
  Station station(quick(), launch_with("identity error-after=25"));
  station.start();
  for (const char* genre : {"rock", "disco funk", "ambient"}) {
    ASSERT_TRUE(comes_true([&] { return station.health().good; }));
    ASSERT_TRUE(comes_true([&] { return !station.health().good; }));
    station.change_genre(genre, When::kQueue);
    ASSERT_TRUE(comes_true([&] { return station.health().good; }));
    ASSERT_TRUE(comes_true([&] { return !station.now().dj_genre.empty(); }));
    EXPECT_EQ(station.now().dj_genre, genre);
  }
}

TEST(Station, AGenreChosenJustBeforeThePipelineBreaksIsPlayedByTheNext) {
  Station station(quick(), launch_with("identity error-after=25"));
  station.start();
  for (const char* genre : {"rock", "disco funk", "ambient"}) {
    ASSERT_TRUE(comes_true([&] { return station.health().good; }));
    station.change_genre(genre, When::kNow);
    ASSERT_TRUE(comes_true([&] { return !station.health().good; }));
    ASSERT_TRUE(comes_true([&] { return station.health().good; }));
    ASSERT_TRUE(comes_true([&] { return !station.now().dj_genre.empty(); }));
    EXPECT_EQ(station.now().dj_genre, genre);
  }
}

TEST(Station, AnOutputThatStandsStillIsIll) {
  // Each buffer is to wait for a minute that does not come: what is before it fills up and stops.
  Station station(quick(), launch_with("clocksync ts-offset=60000000000"));
  station.start();
  EXPECT_TRUE(comes_true([&] { return station.health().good; }));
  EXPECT_TRUE(comes_true([&] { return station.health().reason == "the output stands still"; }));
}

}  // namespace
}  // namespace infinara::station

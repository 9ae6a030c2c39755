// SPDX-License-Identifier: Apache-2.0
// A radio without sound that writes down what it is told.
#pragma once

#include <string>
#include <vector>

#include "station/radio.hpp"

namespace infinara::station {

struct FakeRadio : Radio {
  Now moment;
  PlaySettings wished;
  Health state{.good = true, .reason = "", .position = 1.5};
  std::vector<std::string> told;

  std::vector<Stream> heard;
  std::uint64_t revisions = 0;

  std::string name() override { return "Nights"; }
  music::Range<int> durations = music::kTrackDurations;
  bool is_still = false;  // nothing changes
  int asked = 0;          // now() was

  std::vector<Stream> streams(Detail) override { return heard; }
  Now now() override {
    ++asked;
    return moment;
  }
  std::uint64_t revision() override { return is_still ? revisions : ++revisions; }
  music::Range<int> track_durations() override { return durations; }
  PlaySettings play_settings() override { return wished; }
  Generation generation() override { return {"flac", 50, 4, 3}; }
  void change_settings(const PlaySettings& play_settings) override {
    wished = play_settings;
    told.push_back("wish");
  }
  void change_genre(const std::string& genre, When when) override {
    told.push_back(genre + (when == When::kNow ? " now" : " queue"));
  }
  void skip() override { told.push_back("skip"); }
  Health health() override { return state; }
  Counters counted;
  Counters counters() override { return counted; }
  std::function<void(const RadioEvent&)> hear;
  void observe(std::function<void(const RadioEvent&)> call) override { hear = std::move(call); }
  Clock times;  // without the listener's, which only "me" has
  Clock clock(std::string_view listener) override {
    Clock now = times;
    if (listener == "me") now.listener = -1105;
    return now;
  }
};

}  // namespace infinara::station

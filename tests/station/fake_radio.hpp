// SPDX-License-Identifier: Apache-2.0
// A radio without sound that writes down what it is told.
#pragma once

#include <string>
#include <vector>

#include "station/radio.hpp"

namespace infinara::station {

struct FakeRadio : Radio {
  Now moment;
  Wishes wished;
  Health state{.good = true, .reason = "", .position = 1.5};
  std::vector<std::string> told;

  std::vector<Stream> heard;

  std::string name() override { return "Nights"; }
  std::vector<Stream> streams() override { return heard; }
  Now now() override { return moment; }
  Wishes wishes() override { return wished; }
  Generation generation() override { return {"flac", 50, 4, 3}; }
  void wish(const Wishes& wishes) override {
    wished = wishes;
    told.push_back("wish");
  }
  void change_genre(const std::string& genre, When when) override {
    told.push_back(genre + (when == When::kNow ? " now" : " queue"));
  }
  void skip() override { told.push_back("skip"); }
  Health health() override { return state; }
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
// Ids of tracks that the station gives once: each programme counts its tracks from 1, the station
// goes on from the last one it knows, over new pipelines and restarts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "onair/message.hpp"

namespace infinara::station {

class TrackNumbers {
 public:
  /// `last` is the greatest id given before.
  explicit TrackNumbers(std::uint64_t last = 0) : before_(last), last_(last) {}

  /// The messages that follow are another programme's.
  void begin_programme() { before_ = last_; }

  onair::Message numbered(onair::Message message) {
    if (auto* on_air = std::get_if<onair::OnAir>(&message)) number(on_air->track.order.id);
    if (auto* next = std::get_if<onair::Next>(&message)) number(next->track.order.id);
    if (auto* fade = std::get_if<onair::Fade>(&message)) {
      number(fade->from);
      number(fade->to);
    }
    if (auto* join = std::get_if<onair::Join>(&message)) {
      number(join->from);
      number(join->to);
    }
    return message;
  }

 private:
  void number(std::uint64_t& id) {
    if (id == 0) return;  // no track
    id += before_;
    last_ = std::max(last_, id);
  }

  std::uint64_t before_;  // the greatest id of earlier programmes
  std::uint64_t last_;
};

}  // namespace infinara::station

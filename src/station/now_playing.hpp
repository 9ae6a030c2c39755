// SPDX-License-Identifier: Apache-2.0
// Messages in, with the position at which each becomes true; what is true at a position out.
#pragma once

#include <optional>
#include <vector>

#include "onair/message.hpp"
#include "station/radio.hpp"

namespace infinara::station {

class NowPlaying {
 public:
  /// May be ahead of its time.
  void hear(onair::Message message);

  /// Moves to `position` of the output and returns the messages that have become true since.
  std::vector<onair::Message> advance(onair::Position position);

  /// What is true at the last position; what only others know (listeners) is left empty.
  Now now() const;

 private:
  void apply(const onair::OnAir& message);
  void apply(const onair::Fade& message);
  void apply(const onair::Join& message) { join_ = message; }
  void apply(const onair::GenreDecided& message);
  void apply(const onair::Next& message);
  void apply(const onair::Generator&) {}
  void apply(const onair::Servers& message) { servers_ = message.servers; }
  void apply(const onair::Remark&) {}

  onair::Position position_ = 0;
  std::vector<onair::Message> waiting_;  // by position
  std::optional<onair::OnAir> on_air_;
  std::optional<onair::Fade> fade_;
  std::optional<onair::Join> join_;
  onair::GenreDecided decided_;
  onair::Next next_;
  std::vector<onair::Server> servers_;
};

}  // namespace infinara::station

// SPDX-License-Identifier: Apache-2.0
#include "station/now_playing.hpp"

#include <algorithm>

namespace infinara::station {
namespace {

onair::Position position_of(const onair::Bulletin& bulletin) {
  return std::visit([](const auto& x) { return x.position; }, bulletin);
}

double seconds(onair::Position from, onair::Position to) {
  return to > from ? static_cast<double>(to - from) / 1e9 : 0;
}

}  // namespace

void NowPlaying::hear(onair::Bulletin bulletin) {
  const auto place = std::ranges::upper_bound(waiting_, position_of(bulletin), {}, position_of);
  waiting_.insert(place, std::move(bulletin));
}

std::vector<onair::Bulletin> NowPlaying::advance(onair::Position position) {
  position_ = position;
  const auto later = std::ranges::upper_bound(waiting_, position, {}, position_of);
  std::vector<onair::Bulletin> due(std::make_move_iterator(waiting_.begin()),
                                   std::make_move_iterator(later));
  waiting_.erase(waiting_.begin(), later);
  for (const auto& bulletin : due) std::visit([this](const auto& x) { apply(x); }, bulletin);
  // A fade to silence leaves nothing on air.
  if (fade_ && position_ >= fade_->end) {
    if (fade_->to == 0 && on_air_ && on_air_->track.order.id == fade_->from) on_air_.reset();
    fade_.reset();
  }
  return due;
}

void NowPlaying::apply(const onair::OnAir& bulletin) {
  on_air_ = bulletin;
}

void NowPlaying::apply(const onair::Fade& bulletin) {
  fade_ = bulletin;
}

void NowPlaying::apply(const onair::GenreDecided& bulletin) {
  decided_ = bulletin;
}

void NowPlaying::apply(const onair::Next& bulletin) {
  next_ = bulletin;
}

Now NowPlaying::now() const {
  Now now;
  if (on_air_) {
    now.on_air = on_air_->track;
    now.position = std::min(seconds(on_air_->start, position_), on_air_->track.duration());
  }
  if (next_.track.order.id != 0) now.next = next_.track;
  now.ready = next_.ready;
  now.dj_genre = decided_.genre;
  now.dwell_remaining = seconds(position_, decided_.dwell_end);
  now.servers = servers_;
  if (fade_) now.blend = Blend{fade_->from, fade_->to, seconds(position_, fade_->end)};
  return now;
}

}  // namespace infinara::station

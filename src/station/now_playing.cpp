// SPDX-License-Identifier: Apache-2.0
#include "station/now_playing.hpp"

#include <algorithm>

namespace infinara::station {
namespace {

onair::Position position_of(const onair::Message& message) {
  return std::visit([](const auto& x) { return x.position; }, message);
}

double seconds(onair::Position from, onair::Position to) {
  return to > from ? static_cast<double>(to - from) / 1e9 : 0;
}

}  // namespace

Samples samples_of(onair::Position position) {
  constexpr onair::Position kRate = 48000, kSecond = 1'000'000'000;
  return static_cast<Samples>(position / kSecond * kRate +
                              (position % kSecond * kRate + kSecond / 2) / kSecond);
}

void NowPlaying::hear(onair::Message message) {
  const auto place = std::ranges::upper_bound(waiting_, position_of(message), {}, position_of);
  waiting_.insert(place, std::move(message));
}

std::vector<onair::Message> NowPlaying::advance(onair::Position position) {
  position_ = position;
  const auto later = std::ranges::upper_bound(waiting_, position, {}, position_of);
  std::vector<onair::Message> due(std::make_move_iterator(waiting_.begin()),
                                  std::make_move_iterator(later));
  waiting_.erase(waiting_.begin(), later);
  for (const auto& message : due) std::visit([this](const auto& x) { apply(x); }, message);
  // A fade to silence leaves nothing on air.
  if (fade_ && position_ >= fade_->end) {
    if (fade_->to == 0 && on_air_ && on_air_->track.order.id == fade_->from) on_air_.reset();
    fade_.reset();
  }
  return due;
}

void NowPlaying::apply(const onair::OnAir& message) {
  on_air_ = message;
}

void NowPlaying::apply(const onair::Fade& message) {
  fade_ = message;
}

void NowPlaying::apply(const onair::GenreDecided& message) {
  decided_ = message;
}

void NowPlaying::apply(const onair::Next& message) {
  next_ = message;
}

Now NowPlaying::now() const {
  Now now;
  if (on_air_) {
    now.on_air = on_air_->track;
    now.position = std::min(seconds(on_air_->start, position_), on_air_->track.duration());
    now.positions.on_air = samples_of(on_air_->position);
    now.positions.start = samples_of(on_air_->start);
  }
  now.positions.genre = samples_of(decided_.position);
  now.positions.dwell_end = samples_of(decided_.dwell_end);
  now.positions.next = samples_of(next_.position);
  if (next_.track.order.id != 0) now.next = next_.track;
  now.ready = next_.ready;
  now.dj_genre = decided_.genre;
  now.dwell_remaining = seconds(position_, decided_.dwell_end);
  now.servers = servers_;
  now.join = join_;
  if (fade_)
    now.blend = Blend{fade_->from,
                      fade_->to,
                      seconds(position_, fade_->end),
                      samples_of(fade_->position),
                      samples_of(fade_->end),
                      samples_of(fade_->on_air),
                      fade_->plan};
  return now;
}

}  // namespace infinara::station

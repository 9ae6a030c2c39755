// SPDX-License-Identifier: Apache-2.0
#include "programme_executor.hpp"

#include <algorithm>
#include <utility>

#include "gstpp/finally.hpp"
#include "sound/frame.hpp"

namespace infinara {

using onair::Position;

void ProgrammeExecutor::open(music::Programme programme, bool is_live) {
  const std::lock_guard lock(mutex_);
  programme_.emplace(std::move(programme));
  origin_.reset();
  is_live_ = is_live;
  has_given_up_ = false;
}

void ProgrammeExecutor::close() {
  std::unique_lock lock(mutex_);
  programme_.reset();
  commands_.clear();
  idle_.wait(lock, [this] {
    return at_work_ == std::thread::id{} || at_work_ == std::this_thread::get_id();
  });
  position_ = 0;
  wake_at_ = kNever;
}

void ProgrammeExecutor::happen(Position at, const music::Event& event,
                               const std::optional<onair::Message>& first) {
  std::unique_lock lock(mutex_);
  if (!programme_) return;
  const bool is_tick = std::holds_alternative<music::Tick>(event);
  const bool is_busy = at_work_ != std::thread::id{};
  if (is_busy && is_tick) {
    // An Advance belongs on this thread, after all that was decided before it. Live, the next
    // buffer will do; else nothing hurries.
    if (is_live_ || at_work_ == std::this_thread::get_id()) return;
    idle_.wait(lock, [this] { return at_work_ == std::thread::id{}; });
    if (!programme_) return;
  }
  if (!origin_ && (at > 0 || is_tick || std::holds_alternative<music::Started>(event)))
    origin_ = is_tick ? at - std::min<Position>(at, sound::kFrameNs) : at;
  const Position origin = origin_.value_or(0);
  if (first) commands_.push_back({at, *first});
  for (auto& action : programme_->on(at - std::min(at, origin), event)) {
    auto* genre = std::get_if<music::GenreIs>(&action);
    if (genre != nullptr && genre->dwell_end != 0) genre->dwell_end += origin;
    commands_.push_back({at, std::move(action)});
  }
  const auto wake = programme_->wake_at();
  if (!origin_)
    wake_at_ = 0;  // the first buffer tells where the programme begins
  else
    wake_at_ = wake > kNever - origin ? kNever : wake + origin;

  settle(lock);
}

void ProgrammeExecutor::tell(Position at, const onair::Message& message) {
  std::unique_lock lock(mutex_);
  if (!programme_) return;
  commands_.push_back({at, message});
  settle(lock);
}

/// Carries out the queued commands, unless another thread is doing so and will take these too.
void ProgrammeExecutor::settle(std::unique_lock<std::mutex>& lock) {
  if (at_work_ == std::thread::id{}) return carry_out_all(lock);
  if (!is_live_ && at_work_ != std::this_thread::get_id())
    idle_.wait(lock, [this] { return at_work_ == std::thread::id{}; });
}

/// Carries out all commands, whichever thread queued them. The mutex is unlocked during each one,
/// and at the end. If a command throws, the others stay queued for the next call.
void ProgrammeExecutor::carry_out_all(std::unique_lock<std::mutex>& lock) {
  at_work_ = std::this_thread::get_id();
  bool gives_up = false;
  {
    const gstpp::Finally rest([&] {
      if (!lock.owns_lock()) lock.lock();
      at_work_ = {};
      idle_.notify_all();
    });
    while (!commands_.empty()) {
      const Command command = std::move(commands_.front());
      commands_.pop_front();
      lock.unlock();
      handler_.carry_out(command);
      lock.lock();
    }
    gives_up =
        !is_live_ && programme_ && programme_->is_silent() && !std::exchange(has_given_up_, true);
  }
  lock.unlock();
  if (gives_up) handler_.give_up();
}

void ProgrammeExecutor::reach(Position end) {
  position_ = end;
  if (end >= wake_at_) happen(end, music::Tick{});
}

bool ProgrammeExecutor::is_live() const {
  const std::lock_guard lock(mutex_);
  return is_live_;
}

std::optional<music::GenreIndex> ProgrammeExecutor::genre() const {
  const std::lock_guard lock(mutex_);
  if (!programme_) return {};
  return programme_->genre();
}

double ProgrammeExecutor::dwell_remaining() const {
  const std::lock_guard lock(mutex_);
  if (!programme_) return 0;
  const Position now = position_;
  return static_cast<double>(
             programme_->dwell_remaining(now - std::min(now, origin_.value_or(0)))) /
         1e9;
}

unsigned ProgrammeExecutor::tracks_ready() const {
  const std::lock_guard lock(mutex_);
  return programme_ ? programme_->tracks_ready() : 0;
}

}  // namespace infinara

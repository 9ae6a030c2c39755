// SPDX-License-Identifier: Apache-2.0
#include "support/world.hpp"

#include <algorithm>

namespace infinara::music {

Settings of_length(double seconds) {
  Settings settings;
  settings.track_duration = seconds;
  return settings;
}

World::Source prompt(Time wait) {
  return [wait](const Order&, Time) { return World::Fate{wait}; };
}

World::Source broken(Time wait) {
  return [wait](const Order&, Time) { return World::Fate{wait, true}; };
}

World::Source hanging() {
  return [](const Order&, Time) { return World::Fate{std::nullopt}; };
}

World::Source serial(Time each) {
  return [each, free = Time{0}](const Order&, Time now) mutable {
    free = std::max(free, now) + each;
    return World::Fate{free - now};
  };
}

World::World(const Settings& settings, const std::vector<std::pair<std::string, Source>>& sources,
             std::optional<std::string_view> start, std::uint32_t seed)
    : settings(settings),
      programme(settings, names(sources),
                start ? std::optional(index_of(*find_genre(*start))) : std::nullopt, seed) {
  for (const auto& [name, source] : sources) sources_[name] = source;
  genre_since = 0;
  feed(Begin{});
}

void World::run(Time length) {
  const Time until = now + length;
  while (true) {
    settle_mixer();
    const Time at = std::min({until, programme.wake_at(), next_due(), next_of_mixer()});
    if (at >= until) break;
    now = std::max(now, at);
    ASSERT_LT(++turns_, 20'000'000u) << "a busy loop";
    let_happen();
    if (programme.wake_at() <= now) {
      const Time before = programme.wake_at();
      feed(Tick{});
      if (programme.wake_at() <= now) {
        ASSERT_NE(before, 0u);
        ++now;  // a frame later at the latest
      }
    }
  }
  now = until;
  let_happen();
}

void World::feed(const Event& event) {
  // What an action leads to waits until the actions before it are done.
  for (auto& action : programme.on(now, event)) to_do_.push_back(std::move(action));
  if (std::exchange(busy_, true)) return;
  while (!to_do_.empty()) {
    const Action action = std::move(to_do_.front());
    to_do_.pop_front();
    std::visit([this](const auto& x) { carry_out(x); }, action);
  }
  busy_ = false;
  check_bounds();
}

void World::choose(std::string_view genre, When when) {
  feed(ChooseGenre{index_of(*find_genre(genre)), when});
}

void World::change(const Settings& to) {
  settings = to;
  feed(Change{to});
}

std::string World::genre_heard() const {
  return playing_ != 0 ? pads.at(playing_).made.order.genre : "";
}

unsigned World::ready() const {
  return static_cast<unsigned>(std::ranges::count_if(
      order, [this](TrackId id) { return pads.at(id).ready && !pads.at(id).parked; }));
}

std::vector<std::string> World::names(const std::vector<std::pair<std::string, Source>>& all) {
  std::vector<std::string> out;
  for (const auto& one : all) out.push_back(one.first);
  return out;
}

void World::carry_out(const Make& x) {
  ASSERT_NE(find_genre(x.order.genre), nullptr);
  ASSERT_TRUE(sources_.contains(x.generator));
  ASSERT_EQ(x.order.id, made.size() + 1);  // in sequence, hence unique
  EXPECT_EQ(x.order.title, title_of(*find_genre(x.order.genre), x.order.seed));
  EXPECT_FALSE(x.order.caption.empty());
  EXPECT_EQ(x.order.duration, settings.track_duration);
  made.push_back(x);
  Pad& pad = pads[x.order.id];
  pad.made = x;
  order.push_back(x.order.id);
  const Fate fate = sources_.at(x.generator)(x.order, now);
  pad.length = fate.length.value_or(time_from_seconds(x.order.duration));
  pad.left_out = fate.left_out;
  if (!fate.wait) return;
  const TrackId id = x.order.id;
  due_.emplace(now + *fate.wait, [this, id, fate] {
    if (!pads.contains(id)) return;
    if (fate.breaks) return feed(Failed{id, "broken"});
    pads.at(id).ready = true;
    const Time length = pads.at(id).length;
    feed(Ready{id, fate.told ? static_cast<double>(length) / kSecond : 0});
  });
}

void World::carry_out(const Retire& x) {
  ASSERT_TRUE(pads.contains(x.id)) << "retired twice: " << x.id;
  ASSERT_TRUE(!pads.at(x.id).heard || pads.at(x.id).end <= now) << "still heard";
  retired.push_back(x.id);
  std::erase(order, x.id);
  pads.erase(x.id);
}

void World::carry_out(const Park& x) {
  ASSERT_TRUE(pads.contains(x.id));
  ASSERT_FALSE(pads.at(x.id).parked);
  ASSERT_FALSE(pads.at(x.id).heard);
  pads.at(x.id).parked = true;
  std::erase(order, x.id);
}

void World::carry_out(const Unpark& x) {
  ASSERT_TRUE(pads.contains(x.id));
  ASSERT_TRUE(pads.at(x.id).parked);
  pads.at(x.id).parked = false;
  order.push_back(x.id);
}

void World::carry_out(const Advance& x) {
  ++advances;
  ASSERT_NE(playing_, 0u) << "advance from silence";
  Pad& from = pads.at(playing_);
  if (!on_air_told_ && natural_) {  // hurry on
    on_air_at_ = std::min(on_air_at_, now + time_from_seconds(x.seconds / 2));
    return;
  }
  ASSERT_TRUE(head_is_ready()) << "advance to silence";
  natural_ = false;
  from.end = std::min(from.end, now + time_from_seconds(x.seconds));
  from.leaving = true;
  start_head(time_from_seconds(x.seconds));
}

void World::start_head(Time fade) {
  const TrackId id = order.front();
  order.erase(order.begin());
  Pad& pad = pads.at(id);
  pad.heard = true;
  pad.start = now;
  pad.end = now + pad.length - time_from_seconds(pad.left_out);
  if (silent_since_) {
    silence += now - *silent_since_;
    longest_silence = std::max(longest_silence, now - *silent_since_);
    silent_since_.reset();
  }
  playing_ = id;
  on_air_told_ = false;
  on_air_at_ = now + fade / 2;
  heard.push_back(pad.made.order.genre);
  started.push_back(id);
  starts.push_back(now);
  feed(Started{id, pad.left_out});
}

Time World::fade_length(const Pad& from) const {
  return std::min(time_from_seconds(settings.crossfade), from.length / 2);
}

void World::settle_mixer() {
  for (bool again = true; again;) {
    again = false;
    if (playing_ != 0 && !on_air_told_ && now >= on_air_at_) {
      on_air_told_ = true;
      feed(OnAir{playing_});
      again = true;
    }
    std::vector<TrackId> over;
    for (const auto& [id, pad] : pads)
      if (pad.heard && now >= pad.end) over.push_back(id);
    for (const TrackId id : over) {
      if (playing_ == id) {
        playing_ = 0;
        silent_since_ = now;
      }
      feed(Ended{id});
      EXPECT_FALSE(pads.contains(id)) << "a track that is over is retired";
      again = true;
    }
    if (playing_ == 0 && head_is_ready()) {
      natural_ = true;
      start_head(0);
      again = true;
    } else if (playing_ != 0 && head_is_ready()) {
      Pad& now_on = pads.at(playing_);
      const Time fade = fade_length(now_on);
      if (now + fade >= now_on.end) {
        natural_ = true;
        now_on.leaving = true;
        start_head(now_on.end - now);
        again = true;
      }
    }
  }
}

void World::let_happen() {
  settle_mixer();
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto happens = due_.begin()->second;
    due_.erase(due_.begin());
    happens();
    settle_mixer();
  }
}

Time World::next_of_mixer() const {
  Time at = ~Time{0};
  if (playing_ != 0 && !on_air_told_) at = std::min(at, on_air_at_);
  for (const auto& [id, pad] : pads)
    if (pad.heard) at = std::min(at, pad.end);
  if (playing_ != 0 && head_is_ready()) {
    const Pad& pad = pads.at(playing_);
    at = std::min(at, pad.end - fade_length(pad));
  }
  return std::max(at, now);
}

void World::check_bounds() {
  EXPECT_EQ(programme.tracks_ready(), ready());
  EXPECT_EQ(next.ready, programme.tracks_ready());
  EXPECT_LE(programme.tracks_shelved(), 2 * settings.buffer_ahead);
  const auto waiting = static_cast<unsigned>(
      std::ranges::count_if(pads, [](const auto& one) { return !one.second.heard; }));
  // Two queues on the shelf, and one of each source.
  const auto queues = static_cast<unsigned>(2 + sources_.size());
  EXPECT_LE(waiting, queues * std::max(settings.buffer_ahead, most_ahead_) + sources_.size() + 1);
  most_ahead_ = std::max(most_ahead_, settings.buffer_ahead);
}

}  // namespace infinara::music

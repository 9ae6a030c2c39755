// SPDX-License-Identifier: Apache-2.0
// A world for the Programme to live in: generators that take their time or break, and a mixer that
// plays in order and fades. Its time is simulated, and it checks everything it is asked to do.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "music/programme.hpp"
#include "music/title.hpp"

namespace infinara::music {

inline constexpr Time kSecond = 1'000'000'000;

/// Settings for tracks of so many seconds.
Settings of_length(double seconds);

class World {
 public:
  /// What becomes of an order: ready after `wait` ns (never, if nothing), or broken after it.
  struct Fate {
    std::optional<Time> wait = 0;
    bool breaks = false;
    std::optional<Time> length{};  // of the track, if not as ordered
    bool told = false;             // the programme is told the length when the track is ready
    double left_out = 0;           // seconds of its beginning that are not heard
  };
  using Source = std::function<Fate(const Order&, Time now)>;

  struct Pad {
    Make made;
    bool ready = false;
    bool parked = false;
    bool heard = false;
    Time length = 0;
    double left_out = 0;
    Time start = 0;
    Time end = 0;  // of the sound, once it is known
    bool leaving = false;
  };

  World(const Settings& settings, const std::vector<std::pair<std::string, Source>>& sources,
        std::optional<std::string_view> start = {}, std::uint32_t seed = 1);

  /// Lets time pass, with all that happens in it.
  void run(Time length);

  void feed(const Event& event);

  void skip() { feed(Skip{}); }
  void choose(std::string_view genre, When when);
  void change(const Settings& to);

  const Pad* playing() const { return playing_ != 0 ? &pads.at(playing_) : nullptr; }
  std::string genre_heard() const;
  unsigned ready() const;

  Settings settings;
  Programme programme;
  Time now = 0;

  std::map<TrackId, Pad> pads;  // those not retired, or heard and not over
  std::vector<TrackId> order;   // those that wait and are not parked, in play order
  std::vector<Make> made;
  std::vector<std::string> heard;  // genres, in order of start
  std::vector<TrackId> started;
  std::vector<TrackId> retired;
  std::vector<GenreIs> genres;
  std::vector<Time> genre_times;
  std::vector<GeneratorIs> generator_news;
  int finished = 0;
  std::vector<Time> starts;
  NextIs next{};
  Time silence = 0;  // in all, after the first sound
  Time longest_silence = 0;
  Time genre_since = 0;
  unsigned advances = 0;

 private:
  static std::vector<std::string> names(const std::vector<std::pair<std::string, Source>>& all);

  void carry_out(const Make& x);
  void carry_out(const Retire& x);
  void carry_out(const Park& x);
  void carry_out(const Unpark& x);
  void carry_out(const Advance& x);
  void carry_out(const GenreIs& x) {
    genres.push_back(x);
    genre_times.push_back(now);
  }
  void carry_out(const NextIs& x) { next = x; }
  void carry_out(const Finish&) { ++finished; }
  void carry_out(const GeneratorIs& x) { generator_news.push_back(x); }

  bool head_is_ready() const { return !order.empty() && pads.at(order.front()).ready; }

  void start_head(Time fade);

  Time fade_length(const Pad& from) const;

  /// What the mixer does at this moment, until nothing more is to be done at it.
  void settle_mixer();

  void let_happen();

  Time next_due() const { return due_.empty() ? ~Time{0} : due_.begin()->first; }

  Time next_of_mixer() const;

  void check_bounds();

  std::map<std::string, Source> sources_;
  std::multimap<Time, std::function<void()>> due_;
  std::deque<Action> to_do_;
  bool busy_ = false;
  TrackId playing_ = 0;
  bool on_air_told_ = false;
  Time on_air_at_ = 0;
  bool natural_ = true;
  std::optional<Time> silent_since_;
  std::uint64_t turns_ = 0;
  unsigned most_ahead_ = 1;
};

/// Sources for it.
World::Source prompt(Time wait = kSecond / 20);
World::Source broken(Time wait = kSecond / 50);
World::Source hanging();

/// One that makes a track at a time, each in `each`.
World::Source serial(Time each);

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
// The DJ's state machine: what happened and the time go in, what is to be done comes out. It knows
// no clock, no threads and no sound; the same seed and the same events make the same programme.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "music/dwell.hpp"
#include "music/generators.hpp"
#include "music/mood_graph.hpp"
#include "music/orders.hpp"
#include "music/programme_events.hpp"
#include "music/random.hpp"
#include "music/walk.hpp"

namespace infinara::music {

class Programme {
 public:
  /// `generators` is in order of preference and not empty. Without `start` the first genre is
  /// drawn.
  Programme(const Settings& settings, std::vector<std::string> generators,
            std::optional<GenreIndex> start, std::uint32_t seed);

  /// `now` never runs back: an earlier one counts as the latest. Events of tracks that are unknown
  /// or gone are ignored. Fades, and steps of the walk that are heard at once, happen at a Tick
  /// alone.
  std::vector<Action> on(Time now, const Event& event);

  /// When a Tick would do something if nothing else happened; all ones if never.
  Time wake_at() const;

  /// Where the walk stands, which is not what is heard while the queue plays out.
  GenreIndex genre() const { return walk_.here(); }
  Time dwell_remaining(Time now) const { return dwell_.remaining(now); }
  unsigned tracks_ready() const;
  /// Tracks kept for when their genre returns.
  unsigned tracks_shelved() const;
  /// Nothing plays and nothing is being made; only time may help. Not so when it is over.
  bool is_silent() const { return !finished_ && playing_ == 0 && ahead() == 0; }

 private:
  enum class Stage { kOrdered, kReady, kHeard };
  enum class Place { kQueue, kLate, kShelf };  // all but kQueue are parked
  struct Entry {
    Order order;
    GenreIndex genre;
    Generators::Index generator;
    Time asked;
    double length;  // seconds: as ordered until its source knows
    unsigned stay;  // in which it was ordered or taken back, as Programme::stay_
    Stage stage = Stage::kOrdered;
    Place place = Place::kQueue;
    Time begin = 0;        // of one heard
    Time end = 0;          // of one heard: when it should be over
    bool retired = false;  // of one heard: its source is gone, its rest plays out
  };
  /// A decision to leave what plays: the track itself, or whatever is not of the walk's genre.
  struct PendingLeave {
    TrackId track;             // 0: by genre
    double fade;               // seconds
    bool by_underrun = false;  // the track is silent: hurrying it in would not help
  };

  void handle(const Begin&);
  void handle(const Tick&) {}
  void handle(const Ready& event);
  void handle(const Started& event);
  void handle(const OnAir& event);
  void handle(const Ended& event);
  void handle(const Underrun& event);
  void handle(const Failed& event);
  void handle(const Skip&);
  void handle(const ChooseGenre& event);
  void handle(const Change& event);

  void step_on();
  void step_between_tracks();
  bool has_track() const;
  void walk_on();
  void give_up();
  void clear_shelf();
  void finish();
  void fill();
  void hand_back();
  void let_ready_pass();
  void cover();
  void end_what_does_not();
  void leave();
  void tell_next();

  void go_to(GenreIndex genre, const char* reason, When when, double fade);
  void shelve_others();
  void restart_dwell();
  void tell_genre(const char* reason);
  void make(Generators::Index by);
  Between between() const;
  double seconds_each(GenreIndex genre) const;
  double seconds_left() const;
  unsigned tracks_in(double seconds, GenreIndex genre) const;
  unsigned tracks_to_come() const;
  TracksOf tracks_of_each() const;
  void dismiss_cover(Generators::Index by);
  void take_back(Entry& track);
  void set_aside(Entry& track, Place where);
  void blame(bool is_down, Generators::Index by, const std::string& reason);
  void fail(Entry& track, const std::string& reason);
  void drop(TrackId id);

  Entry* find(TrackId id);
  const Entry* find(TrackId id) const;
  const Entry* head() const;
  const Entry* first_ready() const;
  unsigned ahead() const;
  unsigned ahead(Generators::Index by) const;
  static bool is_ahead(const Entry& track, Generators::Index by);
  bool wants_more(Generators::Index by) const;
  Generators::Wants wanted() const;
  unsigned tracks_left() const;
  bool is_urgent() const;
  Time urgent_at() const;
  Time hand_back_at() const;
  Time patience() const;
  Time overdue_at() const;
  bool can_leave() const;
  bool is_in_first_half() const;

  Settings settings_;
  Generators generators_;
  Orders orders_;
  Random walk_random_;

  Time now_ = 0;
  std::vector<Action> actions_;
  std::vector<Entry> tracks_;               // those in the queue are in play order
  std::optional<Generators::Index> avoid_;  // failed just now

  Walk walk_;
  Dwell dwell_;
  unsigned stay_ = 1;        // the present stay: the first is 1
  unsigned heard_stay_ = 0;  // the last one of which a track was heard

  unsigned heard_ = 0;     // tracks that were started
  bool finished_ = false;  // Finish was said
  TrackId playing_ = 0;    // started last and not ended
  TrackId on_air_ = 0;
  std::optional<PendingLeave> pending_leave_;
  bool advanced_ = false;           // an Advance is out and has not shown yet
  bool came_by_advance_ = false;    // what is playing
  std::optional<Time> need_since_;  // of a track that is not there
  NextIs told_next_{};
};

}  // namespace infinara::music

// SPDX-License-Identifier: Apache-2.0
#include "music/programme.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace infinara::music {
namespace {

constexpr double kNowFade = 2;                           // seconds, to a genre that is wanted now
constexpr Time kPatience = time_from_seconds(1);         // until another generator is asked as well
constexpr Time kFirstPatience = time_from_seconds(0.3);  // while nothing has ever been heard
// A fallback track is heard for at least so long before it is replaced.
constexpr Time kCoverHeard = time_from_seconds(10);
// A ready track waits so long for one that was ordered before it, so that a seed's programme does
// not depend on which of two threads was quicker.
constexpr Time kCourtesy = time_from_seconds(0.5);
constexpr double kLead = 4;  // seconds before a fade by which its next track must be ready
constexpr Time kLongestWait = time_from_seconds(900);  // for a track before it is given up
constexpr double kOverdue = 10;  // seconds, and half of a track again, before one is left
constexpr Time kNever = std::numeric_limits<Time>::max();

template <class Tracks, class Test>
auto count_of(const Tracks& tracks, Test test) {
  return static_cast<unsigned>(std::ranges::count_if(tracks, test));
}

}  // namespace

Programme::Programme(const Settings& settings, std::vector<std::string> generators,
                     std::optional<GenreIndex> start, std::uint32_t seed)
    : settings_(settings),
      generators_(std::move(generators)),
      orders_(seed, generators_.size()),
      walk_random_(seed),
      walk_(start ? *start : walk_random_.below(kGenreCount)) {}

std::vector<Action> Programme::on(Time now, const Event& event) {
  now_ = std::max(now_, now);
  std::visit([this](const auto& happened) { handle(happened); }, event);
  const bool is_tick = std::holds_alternative<Tick>(event);
  if (is_tick) step_on();
  give_up();
  clear_shelf();
  finish();
  fill();
  if (is_tick) hand_back();
  let_ready_pass();
  cover();
  if (is_tick) {
    end_what_does_not();
    leave();
  }
  tell_next();
  return std::exchange(actions_, {});
}

Time Programme::wake_at() const {
  Time at = settings_.genre_change == When::kNow ? dwell_.end().value_or(kNever) : kNever;
  if (pending_leave_ && !advanced_ && can_leave()) return now_;
  if (!pending_leave_) at = std::min({at, overdue_at(), hand_back_at()});
  at = std::min(at, generators_.next_try(wanted()).value_or(kNever));
  if (!settings_.live) return at;
  if (is_urgent() && first_ready() != nullptr && head()->stage == Stage::kOrdered)
    at = std::min(at, head()->asked + kCourtesy);
  else if (need_since_)
    at = std::min(at, *need_since_ + patience());
  else if (tracks_left() > 0 && (head() == nullptr || head()->stage != Stage::kReady))
    at = std::min(at, urgent_at());
  for (const Entry& track : tracks_)
    if (track.stage == Stage::kOrdered) at = std::min(at, track.asked + kLongestWait);
  return at;
}

unsigned Programme::tracks_ready() const {
  return count_of(tracks_, [](const Entry& track) {
    return track.place == Place::kQueue && track.stage == Stage::kReady;
  });
}

unsigned Programme::tracks_shelved() const {
  return count_of(tracks_, [](const Entry& track) { return track.place == Place::kShelf; });
}

// --- what happened ---

void Programme::handle(const Begin&) {
  restart_dwell();
  tell_genre("start");
}

void Programme::handle(const Ready& event) {
  Entry* track = find(event.id);
  if (track == nullptr || track->stage != Stage::kOrdered) return;
  track->stage = Stage::kReady;
  if (event.length > 0) track->length = event.length;
  if (generators_.delivered(track->generator))
    actions_.push_back(GeneratorIs{generators_.name(track->generator), true, "delivers again"});
  const auto by = track->generator;
  const bool is_kept = track->place == Place::kShelf;
  if (track->place == Place::kLate) take_back(*track);
  if (settings_.live && !is_kept) dismiss_cover(by);
}

void Programme::handle(const Started& event) {
  handle(Ready{event.id});
  Entry* track = find(event.id);
  if (track == nullptr || track->stage == Stage::kHeard) return;
  track->stage = Stage::kHeard;
  ++heard_;
  heard_stay_ = std::max(heard_stay_, track->stay);
  orders_.heard(track->genre, track->generator, track->order.caption);
  track->place = Place::kQueue;  // also if it started while it was being parked
  track->begin = now_;
  track->length = std::max(track->length - event.left_out, 0.0);
  track->end = now_ + time_from_seconds(track->length);
  playing_ = event.id;
  came_by_advance_ = std::exchange(advanced_, false);
}

void Programme::handle(const OnAir& event) {
  on_air_ = event.id;
  advanced_ = false;
}

void Programme::handle(const Ended& event) {
  const Entry* track = find(event.id);
  if (track == nullptr || track->stage != Stage::kHeard) return;
  if (playing_ == event.id) playing_ = 0;
  drop(event.id);
}

void Programme::handle(const Underrun& event) {
  Entry* track = find(event.id);
  if (track == nullptr || playing_ != event.id || !settings_.live) return;
  track->end = std::min(track->end, now_);
  if (!track->retired)
    blame(generators_.broke(track->generator, now_), track->generator, "it hangs in a track");
  if (!pending_leave_)
    pending_leave_ =
        PendingLeave{.track = event.id, .fade = settings_.skip_fade, .by_underrun = true};
}

void Programme::handle(const Failed& event) {
  Entry* track = find(event.id);
  if (track != nullptr && !track->retired) fail(*track, event.reason);
}

void Programme::handle(const Skip&) {
  // Ignored while nothing plays, so that it does not skip a later track; and while a leave is
  // pending, which leaves this track anyhow.
  if (playing_ != 0 && !pending_leave_)
    pending_leave_ = PendingLeave{playing_, settings_.skip_fade};
}

void Programme::handle(const ChooseGenre& event) {
  go_to(event.genre, "listener", event.when, kNowFade);
}

void Programme::handle(const Change& event) {
  const Settings old = std::exchange(settings_, event.settings);
  if (settings_.auto_dj != old.auto_dj)
    restart_dwell();
  else if (settings_.dwell_min != old.dwell_min || settings_.dwell_max != old.dwell_max)
    dwell_.fit(settings_.dwell_min, settings_.dwell_max);
  else
    return;
  tell_genre("settings");
}

// --- the rules, which hold after every event ---

/// A genre that is left at once is left when its dwell is over.
void Programme::step_on() {
  if (settings_.genre_change != When::kNow || !walk_.next() || now_ < *dwell_.end()) return;
  walk_on();
}

/// Otherwise a genre is left between two tracks, where that is nearest to the end of the dwell.
/// Each has one track at least that has not failed yet, unless none can be made until a track's
/// length after the dwell.
void Programme::step_between_tracks() {
  if (settings_.genre_change == When::kNow || !walk_.next()) return;
  if (tracks_in(seconds_left(), genre()) > 0) return;
  if (has_track() || now_ >= *dwell_.end() + time_from_seconds(seconds_each(genre()))) walk_on();
}

/// Whether the present stay has one that waits or was heard.
bool Programme::has_track() const {
  return heard_stay_ == stay_ || std::ranges::find(tracks_, stay_, &Entry::stay) != tracks_.end();
}

void Programme::walk_on() {
  go_to(*walk_.next(), "dwell", settings_.genre_change, settings_.crossfade);
}

void Programme::give_up() {
  if (!settings_.live) return;
  const auto overdue = [this](const Entry& track) {
    return track.stage == Stage::kOrdered && now_ >= track.asked + kLongestWait;
  };
  for (auto found = std::ranges::find_if(tracks_, overdue); found != tracks_.end();
       found = std::ranges::find_if(tracks_, overdue))
    fail(*found, "nothing came in " + std::to_string(kLongestWait / 1'000'000'000) + " s");
}

/// The shelf holds as many tracks as two queues; the oldest are dropped.
void Programme::clear_shelf() {
  while (tracks_shelved() > 2 * settings_.buffer_ahead) {
    const auto oldest = std::ranges::find(tracks_, Place::kShelf, &Entry::place);
    if (oldest->stage == Stage::kOrdered) generators_.withdrawn(oldest->generator);
    drop(oldest->order.id);
  }
}

/// After the last track of Settings::num_tracks: drops those that still wait, and ends.
void Programme::finish() {
  if (finished_ || tracks_left() > 0) return;
  const auto waits = [](const Entry& track) { return track.stage != Stage::kHeard; };
  for (auto found = std::ranges::find_if(tracks_, waits); found != tracks_.end();
       found = std::ranges::find_if(tracks_, waits))
    drop(found->order.id);
  if (!tracks_.empty()) return;
  finished_ = true;
  actions_.push_back(Finish{});
}

void Programme::fill() {
  while (wants_more(generators_.size())) {
    step_between_tracks();
    const auto kept = std::ranges::find_if(tracks_, [this](const Entry& track) {
      return track.place == Place::kShelf && track.genre == genre();
    });
    if (kept == tracks_.end()) break;
    kept->stay = stay_;
    take_back(*kept);
  }
  auto avoid = std::exchange(avoid_, std::nullopt);
  while (const auto by = generators_.pick(now_, wanted(), std::exchange(avoid, std::nullopt))) {
    step_between_tracks();
    make(*by);
  }
}

/// Tracks by a generator further down the list do not count for one above it: a fallback generator
/// does not keep the primary one from being tried.
Generators::Wants Programme::wanted() const {
  return [this](Generators::Index by) { return wants_more(by); };
}

/// `by` delivers again: drops the fallback tracks that have not begun.
void Programme::dismiss_cover(Generators::Index by) {
  const auto covers = [by](const Entry& track) {
    return track.place != Place::kShelf && track.stage != Stage::kHeard && track.generator > by;
  };
  for (auto found = std::ranges::find_if(tracks_, covers); found != tracks_.end();
       found = std::ranges::find_if(tracks_, covers)) {
    if (found->stage == Stage::kOrdered) generators_.withdrawn(found->generator);
    drop(found->order.id);
  }
}

/// A fallback track is replaced as soon as a generator above it has a track ready.
void Programme::hand_back() {
  if (!pending_leave_ && now_ >= hand_back_at())
    pending_leave_ = PendingLeave{playing_, settings_.crossfade};
}

/// When a next track is urgent, ready tracks pass those before them that are not ready.
void Programme::let_ready_pass() {
  if (!is_urgent() || first_ready() == nullptr) return;
  while (head()->stage == Stage::kOrdered && now_ >= head()->asked + kCourtesy)
    set_aside(*find(head()->order.id), Place::kLate);
}

/// When a next track is urgent and none is ready: orders one from another generator, or takes one
/// from the shelf.
void Programme::cover() {
  if (!is_urgent() || first_ready() != nullptr) {
    need_since_.reset();
    return;
  }
  if (!need_since_) need_since_ = now_;
  if (now_ < *need_since_ + patience()) return;
  need_since_ = now_;
  if (const auto helper = generators_.pick_idle(now_)) return make(*helper);
  if (pending_leave_ && now_ < urgent_at())
    return;  // the track that plays is better than one from the shelf
  const auto kept = std::ranges::find_if(tracks_, [](const Entry& track) {
    return track.place == Place::kShelf && track.stage == Stage::kReady;
  });
  if (kept == tracks_.end()) return;
  take_back(*kept);
  let_ready_pass();
  need_since_.reset();
}

/// Leaves a track that is heard for much longer than ordered: it has no end, or its source hangs.
void Programme::end_what_does_not() {
  if (!pending_leave_ && now_ >= overdue_at())
    pending_leave_ = PendingLeave{playing_, settings_.crossfade};
}

/// Carries out a pending leave as soon as there is a track to go to.
void Programme::leave() {
  if (!pending_leave_) return;
  const Entry* now = find(playing_);
  if (now == nullptr ||
      (pending_leave_->track != 0 ? playing_ != pending_leave_->track : now->genre == genre())) {
    pending_leave_.reset();
    return;
  }
  if (advanced_ || !can_leave()) return;
  actions_.push_back(Advance{pending_leave_->fade});
  advanced_ = true;
  came_by_advance_ |= is_in_first_half();
  if (pending_leave_->track != 0) pending_leave_.reset();
}

void Programme::tell_next() {
  const Entry* next = first_ready();
  NextIs next_is{next != nullptr ? next->order : Order{}, tracks_ready()};
  if (next_is == told_next_) return;
  told_next_ = next_is;
  actions_.push_back(std::move(next_is));
}

// --- what they are made of ---

void Programme::go_to(GenreIndex genre, const char* reason, When when, double fade) {
  walk_.go_to(genre);
  ++stay_;
  restart_dwell();
  tell_genre(reason);
  if (pending_leave_ && pending_leave_->track == 0) pending_leave_.reset();
  if (when == When::kQueue) return;
  shelve_others();
  const Entry* now = find(playing_);
  if (now != nullptr && now->genre != genre) pending_leave_ = PendingLeave{0, fade};
}

/// Puts the tracks of other genres on the shelf, for when the walk returns.
void Programme::shelve_others() {
  for (std::size_t i = 0; i < tracks_.size();) {
    Entry& track = tracks_[i];
    if (track.stage != Stage::kHeard && track.place != Place::kShelf && track.genre != genre())
      set_aside(track, Place::kShelf);
    else
      ++i;
  }
}

/// Begins a stay. The next step of the walk is drawn now, so that the last tracks lead there.
void Programme::restart_dwell() {
  if (!settings_.auto_dj) {
    walk_.stay();
    return dwell_.stop();
  }
  dwell_.begin(now_, settings_.dwell_min, settings_.dwell_max, walk_random_);
  walk_.plan(between().bpm, tracks_to_come(), tracks_of_each(), walk_random_);
}

void Programme::tell_genre(const char* reason) {
  actions_.push_back(GenreIs{genre(), reason, dwell_.end().value_or(0)});
}

void Programme::make(Generators::Index by) {
  std::vector<std::string_view> in_hand;
  for (const Entry& track : tracks_)
    if (track.generator == by && track.genre == genre()) in_hand.emplace_back(track.order.caption);
  Order order = orders_.next(genre(), by, settings_.track_duration, in_hand, between());
  generators_.ordered(by);
  tracks_.push_back({.order = order,
                     .genre = genre(),
                     .generator = by,
                     .asked = now_,
                     .length = order.duration,
                     .stay = stay_});
  actions_.push_back(Make{std::move(order), generators_.name(by)});
}

/// What an order has to follow: the last track of the queue, or else the one that plays.
Between Programme::between() const {
  Between all;
  const Entry* last = find(playing_);
  for (const Entry& track : tracks_)
    if (track.place == Place::kQueue && track.stage != Stage::kHeard) last = &track;
  if (last != nullptr) {
    all.bpm = last->order.bpm;
    all.key = parse_key(last->order.key);
  }
  all.out = walk_.lead_out(tracks_to_come(), tracks_of_each());
  return all;
}

/// The usual time from the begin of a track of this genre to that of the next.
double Programme::seconds_each(GenreIndex genre) const {
  const Genre& of = kGenres.at(genre);
  const double length = settings_.track_duration > 0 ? settings_.track_duration
                                                     : (of.seconds_low + of.seconds_high) / 2.0;
  return std::max(length - settings_.crossfade, 1.0);
}

double Programme::seconds_left() const {
  return static_cast<double>(dwell_.remaining(now_)) / 1e9;
}

/// How many tracks of the genre begin in the rest of a dwell: one where half of it or more fits.
unsigned Programme::tracks_in(double seconds, GenreIndex genre) const {
  return static_cast<unsigned>(std::lround(seconds / seconds_each(genre)));
}

/// How many tracks follow the one that is wanted now before the walk goes on: one for each that
/// starts.
unsigned Programme::tracks_to_come() const {
  return std::max(tracks_in(seconds_left(), genre()), 1U) - 1;
}

/// The same for each genre after its first track, in the shortest stay.
TracksOf Programme::tracks_of_each() const {
  TracksOf tracks{};
  for (GenreIndex i = 0; i < kGenreCount; ++i)
    tracks.at(i) = std::max(tracks_in(settings_.dwell_min, i), 1U) - 1;
  return tracks;
}

/// Moves a parked track to the end of the queue.
void Programme::take_back(Entry& track) {
  track.place = Place::kQueue;
  actions_.emplace_back(Unpark{track.order.id});
  const auto at = tracks_.begin() + (&track - tracks_.data());
  std::rotate(at, at + 1, tracks_.end());
}

/// Parks a track, behind all others, so that the first on the shelf is the oldest.
void Programme::set_aside(Entry& track, Place where) {
  if (std::exchange(track.place, where) == Place::kQueue) actions_.push_back(Park{track.order.id});
  const auto at = tracks_.begin() + (&track - tracks_.data());
  std::rotate(at, at + 1, tracks_.end());
}

void Programme::blame(bool is_down, Generators::Index by, const std::string& reason) {
  if (is_down) actions_.push_back(GeneratorIs{generators_.name(by), false, reason});
  avoid_ = by;
}

void Programme::fail(Entry& track, const std::string& reason) {
  const auto by = track.generator;
  const bool is_down = track.stage == Stage::kOrdered ? generators_.failed(by, now_, track.asked)
                                                      : generators_.broke(by, now_);
  blame(is_down, by, reason);
  if (track.stage != Stage::kHeard) return drop(track.order.id);
  track.retired = true;
  track.end = now_;  // what is left of it is short
  actions_.push_back(Retire{track.order.id});
}

void Programme::drop(TrackId id) {
  const auto found = std::ranges::find(tracks_, id, [](const Entry& t) { return t.order.id; });
  if (!found->retired) actions_.push_back(Retire{id});
  tracks_.erase(found);
}

const Programme::Entry* Programme::find(TrackId id) const {
  const auto found = std::ranges::find(tracks_, id, [](const Entry& t) { return t.order.id; });
  return found == tracks_.end() ? nullptr : &*found;
}

Programme::Entry* Programme::find(TrackId id) {
  return const_cast<Entry*>(std::as_const(*this).find(id));
}

/// The track that waits first in the play order.
const Programme::Entry* Programme::head() const {
  const auto found = std::ranges::find_if(tracks_, [](const Entry& track) {
    return track.place == Place::kQueue && track.stage != Stage::kHeard;
  });
  return found == tracks_.end() ? nullptr : &*found;
}

const Programme::Entry* Programme::first_ready() const {
  const auto found = std::ranges::find_if(tracks_, [](const Entry& track) {
    return track.place == Place::kQueue && track.stage == Stage::kReady;
  });
  return found == tracks_.end() ? nullptr : &*found;
}

/// Tracks that will be heard without anything else being done.
unsigned Programme::ahead() const {
  return ahead(generators_.size());
}

/// Whether it will be heard without anything else being done, and is by this generator or a better
/// one.
bool Programme::is_ahead(const Entry& track, Generators::Index by) {
  return track.place != Place::kShelf && track.stage != Stage::kHeard && track.generator <= by;
}

/// Those of them that are by this generator or a better one.
unsigned Programme::ahead(Generators::Index by) const {
  return count_of(tracks_, [by](const Entry& track) { return is_ahead(track, by); });
}

/// Whether this generator and those above it have too few tracks ahead. Fewer long ones are enough:
/// a listener's wish and new settings wait until they have played.
bool Programme::wants_more(Generators::Index by) const {
  constexpr unsigned kAlways = 2;     // tracks
  constexpr double kEnough = 8 * 60;  // seconds
  const unsigned there = ahead(by);
  if (there >= std::min(settings_.buffer_ahead, tracks_left())) return false;
  if (there < kAlways) return true;
  double seconds = 0;
  for (const Entry& track : tracks_)
    if (is_ahead(track, by)) seconds += track.length;
  return seconds < kEnough;
}

/// How many tracks may still start.
unsigned Programme::tracks_left() const {
  if (settings_.num_tracks == 0) return std::numeric_limits<unsigned>::max();
  return settings_.num_tracks - std::min(settings_.num_tracks, heard_);
}

/// Whether a listener would soon miss a next track.
bool Programme::is_urgent() const {
  return settings_.live && tracks_left() > 0 && (pending_leave_ || now_ >= urgent_at());
}

Time Programme::urgent_at() const {
  const Entry* now = find(playing_);
  if (now == nullptr) return 0;
  const Time lead = time_from_seconds(settings_.crossfade + kLead);
  return now->end > lead ? now->end - lead : 0;
}

/// When a fallback track is left; never if none plays, or if it ends soon anyhow.
Time Programme::hand_back_at() const {
  const Entry* now = find(playing_);
  const Entry* next = first_ready();
  if (!settings_.live || advanced_ || now == nullptr || on_air_ != playing_ || next == nullptr ||
      next->generator >= now->generator)
    return kNever;
  const Time at = std::max(now_, now->begin + kCoverHeard);
  return at < urgent_at() ? at : kNever;
}

Time Programme::patience() const {
  return on_air_ == 0 && playing_ == 0 ? kFirstPatience : kPatience;
}

Time Programme::overdue_at() const {
  const Entry* now = find(playing_);
  return now == nullptr ? kNever : now->end + time_from_seconds(now->length / 2 + kOverdue);
}

/// Whether there is a track to go to. A programme that is not live waits for one.
bool Programme::can_leave() const {
  const Entry* next = head();
  if (tracks_left() == 0) return true;  // to silence
  if (is_in_first_half()) return !pending_leave_ || !pending_leave_->by_underrun;
  return next != nullptr && (!settings_.live || next->stage == Stage::kReady);
}

/// Whether a crossfade at the end of a track runs and has not reached its middle. A leave then
/// hurries the crossfade on.
bool Programme::is_in_first_half() const {
  return playing_ != 0 && on_air_ != playing_ && !came_by_advance_;
}

}  // namespace infinara::music

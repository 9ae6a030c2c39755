// SPDX-License-Identifier: Apache-2.0
#include "memory/memory.hpp"

#include <algorithm>
#include <system_error>

#include "posix/thread.hpp"
#include "text/printable.hpp"

namespace infinara::memory {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxText = 4000;      // bytes of each text of a track
constexpr std::size_t kVotesPerTrack = 20;  // times the tracks: as many votes are kept
constexpr std::size_t kMaxUnsaved = 20000;  // changes kept for a disk that may recover

std::uint64_t id_of(const Played& played) {
  return played.track.order.id;
}

/// What is known of the track or, where nothing is, what was ordered.
music::Track known(const music::Track& track) {
  music::Track x = track;
  x.title = text::printable(track.name(), kMaxText);
  x.artist = text::printable(track.artist, kMaxText);
  x.caption =
      text::printable(track.caption.empty() ? track.order.caption : track.caption, kMaxText);
  x.key = text::printable(track.key.empty() ? track.order.key : track.key, kMaxText);
  if (!track.bpm && track.order.bpm > 0) x.bpm = track.order.bpm;
  x.link = text::printable(track.link, kMaxText);
  x.seed = track.seed.value_or(track.order.seed);
  x.genre = track.order.genre;
  x.order = {.id = track.order.id, .genre = track.order.genre, .duration = track.order.duration};
  return x;
}

}  // namespace

Memory::Memory(Options options) : options_(std::move(options)) {
  if (options_.folder.empty()) return;
  try {
    store_ = std::make_unique<Store>(options_.folder);
    Contents contents = store_->load();
    for (auto& played : contents.tracks) add(std::move(played));
    for (auto& vote : contents.votes) {
      count(vote.track, vote.rating, 1);
      ratings_[{vote.track, std::move(vote.listener)}] = vote.rating;
    }
    settings_ = std::move(contents.settings);
    forget_oldest();
    thread_ = posix::quiet_thread("memory", [this] { run(); });
  } catch (const CannotRemember& error) {
    store_.reset();
    fault_ = error.what();
  } catch (const std::system_error&) {
    store_.reset();
    fault_ = "no thread can be started";
  }
}

Memory::~Memory() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string Memory::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Memory::when_saved(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() && fault_.empty() && (is_writing_ || !unsaved_.empty())) {
      waiting_.push_back(std::move(done));
      changed_.notify_all();
      return;
    }
  }
  done();
}

void Memory::add(Played played) {
  places_[id_of(played)] = played.place;
  last_id_ = std::max(last_id_, id_of(played));
  tracks_.push_back(std::move(played));
}

Played* Memory::find_played(std::uint64_t id) {
  const auto found = places_.find(id);
  if (found == places_.end()) return nullptr;
  return &*std::ranges::lower_bound(tracks_, found->second, {}, &Played::place);
}

const Played* Memory::find(std::uint64_t id) const {
  return const_cast<Memory*>(this)->find_played(id);
}

void Memory::remember(const music::Track& track, std::int64_t began) {
  if (Played* played = find_played(track.order.id)) {
    played->track = known(track);
    return save(*played);
  }
  const auto place = tracks_.empty() ? 1 : tracks_.back().place + 1;
  add({.track = known(track), .place = place, .began = began});
  save(tracks_.back());
  forget_oldest();
}

void Memory::remember_join(std::uint64_t track, const Joined& join) {
  Played* played = find_played(track);
  if (played == nullptr) return;
  played->join = join;
  save(JoinOf{track, join});
}

void Memory::forget_oldest() {
  if (tracks_.size() <= options_.max_tracks) return;
  while (tracks_.size() > options_.max_tracks) {
    const auto id = id_of(tracks_.front());
    ratings_.erase(ratings_.lower_bound({id, ""}), ratings_.lower_bound({id + 1, ""}));
    places_.erase(id);
    tracks_.pop_front();
  }
  save(Forget{tracks_.front().place});
}

std::vector<Played> Memory::history(std::optional<std::uint64_t> before, std::size_t limit) const {
  auto end = tracks_.end();
  if (const Played* played = before ? find(*before) : nullptr)
    end = std::ranges::lower_bound(tracks_, played->place, {}, &Played::place);
  else if (before)
    while (end != tracks_.begin() && id_of(*std::prev(end)) >= *before) --end;
  const auto size = std::min<std::size_t>(limit, static_cast<std::size_t>(end - tracks_.begin()));
  return {std::make_reverse_iterator(end),
          std::make_reverse_iterator(end - static_cast<std::ptrdiff_t>(size))};
}

void Memory::count(std::uint64_t id, int rating, int by) {
  Played* played = find_played(id);
  if (played == nullptr || rating == 0) return;
  (rating > 0 ? played->likes : played->dislikes) += by;
}

bool Memory::rate(std::uint64_t id, const std::string& listener, int rating) {
  if (find(id) == nullptr) return false;
  const int before = this->rating(id, listener);
  if (rating == before) return true;
  count(id, before, -1);
  count(id, rating, 1);
  if (rating == 0)
    ratings_.erase({id, listener});
  else
    ratings_[{id, listener}] = rating;
  save(Vote{id, listener, rating});
  if (ratings_.size() > kVotesPerTrack * options_.max_tracks) {
    const auto [oldest, was] = *ratings_.begin();
    this->rate(oldest.first, oldest.second, 0);
  }
  return true;
}

int Memory::rating(std::uint64_t id, const std::string& listener) const {
  const auto found = ratings_.find({id, listener});
  return found == ratings_.end() ? 0 : found->second;
}

void Memory::set(const std::string& variable, const std::string& value) {
  settings_[variable] = value;
  save(Setting{variable, value});
}

void Memory::save(Change change) {
  if (!store_) return;
  const std::lock_guard lock(mutex_);
  if (has_given_up_) return;
  unsaved_.push_back(std::move(change));
  if (!fault_.empty() && unsaved_.size() > kMaxUnsaved) unsaved_.pop_front();
  changed_.notify_all();
}

/// The thread. After a write that failed it tries again, if that may help, until it succeeds.
void Memory::run() {
  auto next_try = steady_clock::time_point::min();
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto has_work = [this] { return is_ending_ || !unsaved_.empty() || !waiting_.empty(); };
    changed_.wait(lock, has_work);
    if (!fault_.empty()) changed_.wait_until(lock, next_try, [this] { return is_ending_; });
    if (is_ending_ && unsaved_.empty() && waiting_.empty()) return;

    std::vector<Change> changes(std::make_move_iterator(unsaved_.begin()),
                                std::make_move_iterator(unsaved_.end()));
    unsaved_.clear();
    auto waiting = std::exchange(waiting_, {});
    is_writing_ = true;
    lock.unlock();
    std::string fault;
    bool may_pass = true;
    try {
      store_->write(changes);
    } catch (const CannotRemember& error) {
      fault = error.what();
      may_pass = error.may_pass();
    }
    lock.lock();
    is_writing_ = false;
    const bool is_news = fault.empty() != fault_.empty();
    fault_ = fault;
    has_given_up_ = !may_pass;
    if (!fault.empty() && may_pass)
      unsaved_.insert(unsaved_.begin(), std::make_move_iterator(changes.begin()),
                      std::make_move_iterator(changes.end()));
    next_try = steady_clock::now() + options_.retry;
    if (!fault.empty()) {  // those who came meanwhile have no more to wait for either
      waiting.insert(waiting.end(), std::make_move_iterator(waiting_.begin()),
                     std::make_move_iterator(waiting_.end()));
      waiting_.clear();
    }
    const bool is_over = has_given_up_ || (is_ending_ && !fault.empty());
    lock.unlock();
    if (is_news)
      options_.log(fault.empty()
                       ? "memory: history, ratings and settings are saved again"
                       : "memory: " + fault + "; history, ratings and settings last until the end" +
                             (may_pass ? ", unless that passes" : ""));
    for (const auto& done : waiting) done();
    lock.lock();
    if (is_over) return;
  }
}

}  // namespace infinara::memory

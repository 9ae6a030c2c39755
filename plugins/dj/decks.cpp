// SPDX-License-Identifier: Apache-2.0
#include "decks.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "onair/track_tags.hpp"

namespace infinara {

void Decks::make(const music::Make& made) {
  std::shared_ptr<Deck> deck;
  try {
    deck = std::make_shared<Deck>(bin_, *mixer_, made.order, made.generator);
  } catch (const std::runtime_error& error) {
    return failed_(made.order.id, error.what());
  }
  {
    const std::lock_guard lock(mutex_);
    tracks_[made.order.id] = {{.order = made.order, .generator = made.generator}, deck};
  }
  threads_.run([this, deck = std::move(deck), id = made.order.id] {
    if (!deck->start()) failed_(id, "it does not start");
  });
}

void Decks::retire(music::TrackId id) {
  std::shared_ptr<Deck> deck;
  bool waits = false;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tracks_.find(id);
    if (found == tracks_.end()) return;
    deck = std::move(found->second.deck);
    waits = found->second.stage == Stage::kWaits;
    if (found->second.stage != Stage::kHeard) tracks_.erase(found);
  }
  if (!deck) return;
  if (waits) deck->park(true);  // out of the mixer's way at once
  threads_.run([deck = std::move(deck)] {});
}

void Decks::park(music::TrackId id, bool parked) {
  std::shared_ptr<Deck> deck;
  {
    const std::lock_guard lock(mutex_);
    const auto found = tracks_.find(id);
    if (found != tracks_.end()) deck = found->second.deck;
  }
  if (!deck) return;
  deck->park(parked);
  // Were this the last to hold it, it would be taken down here: on a streaming thread, perhaps.
  threads_.run([deck = std::move(deck)] {});
}

void Decks::mark(music::TrackId id, Stage stage) {
  const std::lock_guard lock(mutex_);
  const auto found = tracks_.find(id);
  if (found == tracks_.end()) return;
  found->second.stage = stage;
  if (stage == Stage::kOver && !found->second.deck) tracks_.erase(found);
}

void Decks::started(music::TrackId id, music::Sample cut) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = tracks_.find(id); found != tracks_.end()) found->second.cut = cut;
  }
  mark(id, Stage::kHeard);
}

void Decks::learn(music::TrackId id, const GstTagList* tags, std::optional<music::Sample> length) {
  const std::lock_guard lock(mutex_);
  const auto found = tracks_.find(id);
  if (found == tracks_.end()) return;
  onair::read_tags(tags, found->second.track);
  if (length) found->second.track.length = std::max<music::Sample>(*length - found->second.cut, 0);
}

std::optional<music::Track> Decks::track(music::TrackId id) const {
  const std::lock_guard lock(mutex_);
  const auto found = tracks_.find(id);
  if (found == tracks_.end()) return {};
  return found->second.track;
}

void Decks::clear() {
  std::map<music::TrackId, Held> tracks;
  {
    const std::lock_guard lock(mutex_);
    tracks.swap(tracks_);
  }
  tracks.clear();
  threads_.wait();
}

}  // namespace infinara

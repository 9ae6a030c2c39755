// SPDX-License-Identifier: Apache-2.0
// The tracks of a radio between their orders and their ends, each with the deck that plays it.
#pragma once

#include <gst/gst.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "deck.hpp"
#include "music/programme.hpp"
#include "posix/thread_pool.hpp"

namespace infinara {

/// A deck is started and taken down on a thread of its own, since either may take long. Any thread.
class Decks {
 public:
  using Failed = std::function<void(music::TrackId, const std::string& reason)>;

  /// `failed` is called by make(), or later by the thread that starts the deck.
  Decks(GstBin& bin, GstElement* mixer, Failed failed)
      : bin_(bin), mixer_(mixer), failed_(std::move(failed)) {}

  void make(const music::Make& order);
  /// Takes the deck down; a track that is heard plays out what the mixer has of it.
  void retire(music::TrackId id);
  /// In or out of the mixer's play order.
  void park(music::TrackId id, bool parked);

  /// The mixer has begun to play the track, and leaves out its samples before `cut`.
  void started(music::TrackId id, music::Sample cut);
  /// The mixer has done with it.
  void ended(music::TrackId id) { mark(id, Stage::kOver); }

  /// More is known of what was made: by its tags (may be null) and its length, of which the record
  /// keeps what is heard.
  void learn(music::TrackId id, const GstTagList* tags, std::optional<music::Sample> length = {});
  /// The record of a track, until it is retired and over.
  std::optional<music::Track> track(music::TrackId id) const;

  /// Takes every deck down and returns when they are. The mixer has stopped.
  void clear();

 private:
  enum class Stage { kWaits, kHeard, kOver };
  struct Held {
    music::Track track;
    std::shared_ptr<Deck> deck;  // null once retired
    Stage stage = Stage::kWaits;
    music::Sample cut = 0;  // samples at its beginning that are not heard
  };

  void mark(music::TrackId id, Stage stage);

  GstBin& bin_;
  GstElement* const mixer_;
  const Failed failed_;
  mutable std::mutex mutex_;  // guards tracks_; nothing else is locked inside of it
  std::map<music::TrackId, Held> tracks_;
  posix::ThreadPool threads_;
};

}  // namespace infinara

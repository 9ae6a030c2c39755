// SPDX-License-Identifier: Apache-2.0
// What the station remembers: kept here to be read at once, and saved by a thread of its own, so
// that nobody who asks waits for a disk. Without a file that can be written it remembers all the
// same, until the process ends.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "memory/store.hpp"
#include "music/track.hpp"

namespace infinara::memory {

struct Options {
  std::string folder{};           // empty: nothing is saved, and that is no fault
  std::size_t max_tracks = 5000;  // the oldest go
  std::function<void(const std::string&)> log = [](const std::string&) {};  // any thread
  std::chrono::milliseconds retry = std::chrono::seconds(60);  // after a write that failed
};

/// All calls on one thread, but for fault().
class Memory {
 public:
  /// Reads what there is. A fault is not logged then, but told by fault().
  explicit Memory(Options options = {});
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  /// Saves what is not saved yet.
  ~Memory();

  /// Why nothing is saved; empty if all is well. It names no path.
  std::string fault() const;
  /// Calls `done` when all changes before this call are on the disk, or cannot be saved: at once,
  /// or soon on a thread of this class's.
  void when_saved(std::function<void()> done);

  /// The greatest id that a track has had; 0 if there was none.
  std::uint64_t last_id() const { return last_id_; }
  /// A track came on air, or its tags have changed; the id says which. Tracks need not come in the
  /// order of their ids: one that was parked comes after younger ones.
  void remember(const music::Track& track, std::int64_t began);
  /// How a track was joined to the one before. Nothing if the track is not remembered.
  void remember_join(std::uint64_t track, const Joined& join);
  const Played* find(std::uint64_t id) const;
  /// At most `limit` tracks, the last one on air first; with `before`, those that were on air
  /// before that track. If it is not remembered, those before the ones with greater ids.
  std::vector<Played> history(std::optional<std::uint64_t> before, std::size_t limit) const;

  /// -1, 0 or 1; the last one of a listener counts. False if the track is not remembered.
  bool rate(std::uint64_t id, const std::string& listener, int rating);
  int rating(std::uint64_t id, const std::string& listener) const;

  /// By environment variable.
  const std::map<std::string, std::string>& settings() const { return settings_; }
  void set(const std::string& variable, const std::string& value);

 private:
  Played* find_played(std::uint64_t id);
  void add(Played played);
  void count(std::uint64_t id, int rating, int by);
  void forget_oldest();
  void save(Change change);
  void run();

  const Options options_;
  std::deque<Played> tracks_;                     // by place
  std::map<std::uint64_t, std::int64_t> places_;  // by id
  std::uint64_t last_id_ = 0;
  std::map<std::pair<std::uint64_t, std::string>, int>
      ratings_;  // by track and listener; none is 0
  std::map<std::string, std::string> settings_;

  std::unique_ptr<Store> store_;  // of the thread, once that runs

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Change> unsaved_;
  std::vector<std::function<void()>> waiting_;  // of when_saved()
  bool is_writing_ = false;
  bool is_ending_ = false;
  bool has_given_up_ = false;  // no further try to write would succeed
  std::string fault_;
  std::thread thread_;
};

}  // namespace infinara::memory

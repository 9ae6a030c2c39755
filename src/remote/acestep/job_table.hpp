// SPDX-License-Identifier: Apache-2.0
// The tasks that servers have of us: those that run, those that are finished, and those that nobody
// waits for any more. No clock, no I/O, no threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "remote/acestep/job.hpp"
#include "remote/acestep/planner.hpp"
#include "remote/acestep/server_state.hpp"

namespace infinara::remote {

using OrderId = std::uint64_t;

/// A task that outlives its order, our process, or both.
struct SavedTask {
  std::string server{};
  std::string task_id{};
  TrackRequest wanted;
  Task task;
  Seconds age = 0;
  bool operator==(const SavedTask&) const = default;
};

struct JobView {
  std::string task_id{};
  OrderId order = 0;  // 0: nobody waits for it any more
  std::string genre{};
  double progress = 0;
  std::string stage{};
  Seconds age = 0;
  bool operator==(const JobView&) const = default;
};

/// A task that is not finished is forgotten by its server after so long.
inline constexpr Seconds kLongestTask = 3600;

class JobTable {
 public:
  struct Entry {
    std::size_t server;
    TrackRequest wanted;
    Task task;
    Job job;
    OrderId order = 0;          // 0: nobody waits for it
    Seconds since = 0;          // submitted, or begun if known better
    std::vector<Song> songs{};  // not empty: finished
    bool thought = false;       // the language model was asked for
    bool is_suited = false;     // to the model that was thought to play it

    bool is_finished() const { return !songs.empty(); }
  };
  /// A server and its task id; ids of different servers may be the same.
  using Key = std::string;
  static Key key_of(std::size_t server, const std::string& task_id);
  static std::string task_id_of(const Key& key);

  /// Null if there is none.
  Entry* find(const Key& key);
  const Entry* find(const Key& key) const;
  void put(const Key& key, Entry entry);
  void erase(const Key& key) { entries_.erase(key); }
  /// Nobody waits for it any more; it goes on for whoever wants its like.
  void leave(const Key& key);

  // Of the tasks of a server that are not finished:
  int running(std::size_t server) const;
  std::vector<std::string> running_ids(std::size_t server) const;
  /// When it is to be asked about them; nothing if there are none.
  std::optional<Seconds> next_poll(std::size_t server) const;
  /// When the first of them is late; nothing if there are none.
  std::optional<Seconds> late_at(std::size_t server) const;
  void died(std::size_t server);
  void was_silent(std::size_t server, Seconds gap);
  void heard_load(std::size_t server, const Stats& stats);
  /// One has ended, so that the next begins.
  void one_ended(Seconds now, std::size_t server);
  /// Why its model may hang: a sentence's end, or nothing.
  std::string standstill(Seconds now, std::size_t server) const;
  /// Seconds of work for one of music that the slowest has needed already, in steps of 1, 2, 4 and
  /// so on; 0 if none is slow.
  double pace(Seconds now, std::size_t server) const;

  /// All that are late, whatever their server.
  std::vector<Key> late(Seconds now) const;
  /// Drops what nobody has wanted for hours, and the oldest of too many finished ones.
  void expire(Seconds now);
  /// The first that nobody waits for, among the finished ones or the others, and that fits.
  std::optional<Key> find_spare(bool finished, const std::function<bool(const Entry&)>& fits) const;

  std::vector<JobView> views(Seconds now, std::size_t server) const;
  std::vector<SavedTask> saved(Seconds now, const std::vector<std::string>& urls) const;
  /// A server that is not among `urls` is left out, as is what is too old.
  void restore(Seconds now, const std::vector<std::string>& urls,
               const std::vector<SavedTask>& saved);

 private:
  std::map<Key, Entry> entries_;
};

}  // namespace infinara::remote

// SPDX-License-Identifier: Apache-2.0
// The file in which the station remembers: its schema, and how records become rows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "memory/database.hpp"
#include "music/track.hpp"

namespace infinara::memory {

/// How a track was joined to the one before, as it was measured.
struct Joined {
  std::uint64_t from = 0;               // the track before
  double dip = 0;                       // dB: the quietest 0.4 s against the quieter side
  double rise = 0;                      // dB: the loudest 0.4 s against the louder side
  double basses = 0;                    // seconds with both basses
  std::optional<double> beats_apart{};  // ms
  std::optional<int> fifths{};          // between the keys
  bool operator==(const Joined&) const = default;
};

/// A track that was on air. Its order has the id.
struct Played {
  music::Track track{};
  std::int64_t place = 0;  // in the order in which tracks came on air; ids have another
  std::int64_t began = 0;  // when it came on air, in milliseconds since 1970
  int likes = 0;
  int dislikes = 0;
  std::optional<Joined> join{};
  bool operator==(const Played&) const = default;
};

/// What one listener thinks of one track.
struct Vote {
  std::uint64_t track = 0;
  std::string listener;  // a token
  int rating = 0;        // 1 likes it, -1 does not; 0 takes the vote back
};

/// A setting that was changed at run time, by the name of its environment variable.
struct Setting {
  std::string variable;
  std::string value;
};

/// Tracks with lower places go, with their votes and joins.
struct Forget {
  std::int64_t before = 0;
};

/// How this track was joined.
struct JoinOf {
  std::uint64_t track = 0;
  Joined join;
};

using Change = std::variant<Played, Vote, Setting, Forget, JoinOf>;

/// All that a file holds. The sums of Played are left at 0.
struct Contents {
  std::vector<Played> tracks;  // by place
  std::vector<Vote> votes;     // by track
  std::map<std::string, std::string> settings;
};

/// The file cannot be used; what() says why in a few words, without its path.
class CannotRemember : public std::runtime_error {
 public:
  explicit CannotRemember(const std::string& why, bool may_pass = false)
      : std::runtime_error(why), may_pass_(may_pass) {}
  /// Whether another try may succeed, as with a full disk.
  bool may_pass() const { return may_pass_; }

 private:
  bool may_pass_;
};

/// Brings a database from the schema version that it has to the last of `steps`, one step of SQL
/// for each version; a newer one stays.
void migrate(Database& database, std::span<const char* const> steps);

/// One thread at a time. All of it throws CannotRemember.
class Store {
 public:
  /// Makes the folder and the file where there are none. The file is this process's alone as long
  /// as it is open.
  explicit Store(const std::string& folder);

  Contents load();

  /// All of the changes or none. When it returns, they are on the disk.
  void write(std::span<const Change> changes);

 private:
  Database database_;
};

}  // namespace infinara::memory

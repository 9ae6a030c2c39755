// SPDX-License-Identifier: Apache-2.0
#include "memory/store.hpp"

#include <filesystem>
#include <iterator>
#include <system_error>

namespace infinara::memory {
namespace {

constexpr const char* kFile = "infinara.db";
constexpr std::int64_t kApplication = 0x496e6669;  // "Infi", in the file's header

// A step that has been released never changes; a new schema is a further one.
constexpr const char* kSteps[] = {
    R"(PRAGMA application_id = 0x496e6669;
       CREATE TABLE tracks (
         id INTEGER PRIMARY KEY, began INTEGER NOT NULL, genre TEXT NOT NULL,
         generator TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL, caption TEXT NOT NULL,
         seed INTEGER, duration REAL NOT NULL, length INTEGER, gain REAL, bpm REAL,
         first_downbeat INTEGER, beat REAL, beats_per_bar INTEGER, key TEXT NOT NULL,
         cue_in INTEGER, cue_out INTEGER, link TEXT NOT NULL) STRICT;
       CREATE TABLE votes (
         track INTEGER NOT NULL, listener TEXT NOT NULL, rating INTEGER NOT NULL,
         PRIMARY KEY (track, listener)) STRICT, WITHOUT ROWID;
       CREATE TABLE settings (
         variable TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;)",
    R"(CREATE TABLE joins (
         track INTEGER PRIMARY KEY, from_track INTEGER NOT NULL, dip REAL NOT NULL,
         rise REAL NOT NULL, basses REAL NOT NULL, beats_apart REAL, fifths INTEGER) STRICT;)",
    R"(ALTER TABLE tracks ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
       UPDATE tracks SET place = id;
       CREATE INDEX tracks_by_place ON tracks (place);)",
};

CannotRemember reason(const DatabaseError& error) {
  switch (error.code()) {
    case SQLITE_FULL:
      return CannotRemember("the disk is full", true);
    case SQLITE_IOERR:
      return CannotRemember("the disk fails", true);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return CannotRemember("the folder cannot be written", true);
    case SQLITE_BUSY:
      return CannotRemember("another station uses the file");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return CannotRemember("the file is damaged");
    default:
      return CannotRemember(error.what());
  }
}

template <class Body>
auto guarded(Body body) {
  try {
    return body();
  } catch (const DatabaseError& error) {
    throw reason(error);
  }
}

Database open(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::create_directories(folder, error))
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return guarded([&] {
    Database database(folder + "/" + kFile);
    // Two stations would give the same ids.
    database.run("PRAGMA locking_mode = EXCLUSIVE");
    if (database.number("PRAGMA application_id") != kApplication &&
        database.number("SELECT count(*) FROM sqlite_master") != 0)
      throw CannotRemember("the file is another program's");
    if (database.number("PRAGMA user_version") > std::ssize(kSteps))
      throw CannotRemember("the file was written by a newer Infinara");
    database.query("PRAGMA quick_check(1)", [](const Row& row) {
      if (row.text(0) != "ok") throw CannotRemember("the file is damaged");
    });
    // FULL: what was acknowledged survives a power cut too. The log file of many changes does not
    // stay large.
    database.run_all(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = "
        "1000000");
    migrate(database, kSteps);
    return database;
  });
}

std::optional<std::int64_t> whole(const auto& value) {
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

struct Writer {
  Database& database;

  void operator()(const Played& played) {
    const music::Track& x = played.track;
    const auto& beats = x.beats;
    database.run("INSERT OR REPLACE INTO tracks VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                 static_cast<std::int64_t>(x.order.id), played.began, x.order.genre, x.generator,
                 x.title, x.artist, x.caption, whole(x.seed), x.order.duration, whole(x.length),
                 x.gain, x.bpm, beats ? std::optional(beats->first_downbeat) : std::nullopt,
                 beats ? std::optional(beats->beat) : std::nullopt,
                 beats ? std::optional(std::int64_t{beats->beats_per_bar}) : std::nullopt, x.key,
                 whole(x.cue_in), whole(x.cue_out), x.link, played.place);
  }
  void operator()(const Vote& vote) {
    const auto track = static_cast<std::int64_t>(vote.track);
    if (vote.rating == 0)
      database.run("DELETE FROM votes WHERE track = ? AND listener = ?", track, vote.listener);
    else
      database.run("INSERT OR REPLACE INTO votes VALUES (?,?,?)", track, vote.listener,
                   std::int64_t{vote.rating});
  }
  void operator()(const Setting& setting) {
    database.run("INSERT OR REPLACE INTO settings VALUES (?,?)", setting.variable, setting.value);
  }
  void operator()(const JoinOf& made) {
    const Joined& x = made.join;
    database.run("INSERT OR REPLACE INTO joins VALUES (?,?,?,?,?,?,?)",
                 static_cast<std::int64_t>(made.track), static_cast<std::int64_t>(x.from), x.dip,
                 x.rise, x.basses, x.beats_apart, whole(x.fifths));
  }
  void operator()(const Forget& forget) {
    constexpr auto kOf = " WHERE track IN (SELECT id FROM tracks WHERE place < ?)";
    database.run(("DELETE FROM votes" + std::string(kOf)).c_str(), forget.before);
    database.run(("DELETE FROM joins" + std::string(kOf)).c_str(), forget.before);
    database.run("DELETE FROM tracks WHERE place < ?", forget.before);
  }
};

Played track_of(const Row& row) {
  Played played{.began = row.whole(1)};
  music::Track& x = played.track;
  x.order.id = static_cast<std::uint64_t>(row.whole(0));
  x.order.genre = x.genre = row.text(2);
  x.generator = row.text(3);
  x.title = row.text(4);
  x.artist = row.text(5);
  x.caption = row.text(6);
  x.seed = row.maybe<std::uint32_t>(7);
  x.order.duration = row.maybe<double>(8).value_or(0);
  x.length = row.maybe<music::Sample>(9);
  x.gain = row.maybe<double>(10);
  x.bpm = row.maybe<double>(11);
  if (const auto first = row.maybe<music::Sample>(12))
    x.beats = music::BeatGrid{*first, row.maybe<double>(13).value_or(0),
                              row.maybe<unsigned>(14).value_or(4)};
  x.key = row.text(15);
  x.cue_in = row.maybe<music::Sample>(16);
  x.cue_out = row.maybe<music::Sample>(17);
  x.link = row.text(18);
  played.place = row.whole(19);
  return played;
}

}  // namespace

void migrate(Database& database, std::span<const char* const> steps) {
  const auto version = static_cast<std::size_t>(database.number("PRAGMA user_version"));
  for (std::size_t next = version; next < steps.size(); ++next)
    database.run_all(("BEGIN IMMEDIATE;" + std::string(steps[next]) +
                      ";PRAGMA user_version = " + std::to_string(next + 1) + ";COMMIT;")
                         .c_str());
}

Store::Store(const std::string& folder) : database_(open(folder)) {}

Contents Store::load() {
  return guarded([&] {
    Contents contents;
    std::map<std::uint64_t, std::size_t> places;
    database_.query("SELECT * FROM tracks ORDER BY place", [&](const Row& row) {
      contents.tracks.push_back(track_of(row));
      places[contents.tracks.back().track.order.id] = contents.tracks.size() - 1;
    });
    database_.query("SELECT * FROM joins", [&](const Row& row) {
      const auto found = places.find(static_cast<std::uint64_t>(row.whole(0)));
      if (found == places.end()) return;
      contents.tracks[found->second].join = Joined{static_cast<std::uint64_t>(row.whole(1)),
                                                   row.maybe<double>(2).value_or(0),
                                                   row.maybe<double>(3).value_or(0),
                                                   row.maybe<double>(4).value_or(0),
                                                   row.maybe<double>(5),
                                                   row.maybe<int>(6)};
    });
    database_.query("SELECT * FROM votes ORDER BY track", [&](const Row& row) {
      contents.votes.push_back(
          {static_cast<std::uint64_t>(row.whole(0)), row.text(1), static_cast<int>(row.whole(2))});
    });
    database_.query("SELECT * FROM settings",
                    [&](const Row& row) { contents.settings[row.text(0)] = row.text(1); });
    return contents;
  });
}

void Store::write(std::span<const Change> changes) {
  guarded([&] {
    database_.run("BEGIN IMMEDIATE");
    try {
      for (const Change& change : changes) std::visit(Writer{database_}, change);
      database_.run("COMMIT");
    } catch (const DatabaseError&) {
      try {
        database_.run("ROLLBACK");
      } catch (const DatabaseError&) {
        // SQLite has done it already, as it does when the disk is full
      }
      throw;
    }
  });
}

}  // namespace infinara::memory

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>

#include "memory/memory.hpp"
#include "support/temporary_folder.hpp"

namespace infinara::memory {
namespace {

using test::TemporaryFolder;

music::Track track(std::uint64_t id, const std::string& title = "Blue Hour") {
  return {.order = {.id = id, .genre = "jazz", .title = title, .duration = 90, .seed = 7},
          .generator = "housebandsrc"};
}

std::vector<std::uint64_t> ids(const std::vector<Played>& tracks) {
  std::vector<std::uint64_t> ids;
  for (const auto& played : tracks) ids.push_back(played.track.order.id);
  return ids;
}

void wait_until_saved(Memory& memory) {
  std::promise<void> saved;
  memory.when_saved([&] { saved.set_value(); });
  saved.get_future().wait();
}

using Ids = std::vector<std::uint64_t>;

TEST(Memory, TellsTheNewestFirstAndPagesByIds) {
  Memory memory;
  EXPECT_TRUE(memory.history({}, 10).empty());
  EXPECT_EQ(memory.last_id(), 0u);
  for (const std::uint64_t id : {1, 2, 5, 6}) memory.remember(track(id), 1000 * id);
  EXPECT_EQ(memory.last_id(), 6u);
  struct Page {
    std::optional<std::uint64_t> before;
    std::size_t limit;
    Ids expected;
  };
  for (const auto& [before, limit, expected] :
       {Page{{}, 10, {6, 5, 2, 1}}, Page{{}, 2, {6, 5}}, Page{5, 10, {2, 1}}, Page{5, 1, {2}},
        Page{4, 10, {2, 1}}, Page{1, 10, {}}, Page{0, 10, {}}, Page{99, 1, {6}}, Page{6, 0, {}}})
    EXPECT_EQ(ids(memory.history(before, limit)), expected) << before.value_or(0) << " " << limit;
}

/// A track that was parked comes on air after younger ones.
TEST(Memory, KeepsTheOrderInWhichTracksCameOnAir) {
  TemporaryFolder folder;
  const auto check = [](Memory& memory) {
    EXPECT_EQ(memory.last_id(), 11u);
    EXPECT_EQ(ids(memory.history({}, 9)), (Ids{9, 8, 11, 10, 3}));
    EXPECT_EQ(ids(memory.history(8, 9)), (Ids{11, 10, 3}));
    EXPECT_EQ(ids(memory.history(11, 1)), Ids{10});
    EXPECT_EQ(memory.find(8)->likes, 1);
    EXPECT_EQ(memory.find(8)->join->from, 11u);
    EXPECT_EQ(memory.find(7), nullptr);
  };
  {
    Memory memory({.folder = folder.path()});
    for (const std::uint64_t id : {3, 10, 11, 8, 9}) memory.remember(track(id), 0);
    memory.rate(8, "a", 1);
    memory.remember_join(8, {.from = 11});
    check(memory);
  }
  {
    Memory memory({.folder = folder.path()});
    check(memory);
    memory.remember(track(5), 0);
  }
  Memory memory({.folder = folder.path(), .max_tracks = 4});  // 3 and 10 go, and their votes
  EXPECT_EQ(ids(memory.history({}, 9)), (Ids{5, 9, 8, 11}));
  EXPECT_EQ(memory.last_id(), 11u);
  EXPECT_EQ(memory.find(8)->likes, 1);
  EXPECT_EQ(memory.find(10), nullptr);
}

TEST(Memory, TakesOverAFileWhoseTracksWereOrderedById) {
  TemporaryFolder folder;
  {
    Memory memory({.folder = folder.path()});
    for (const std::uint64_t id : {2, 40}) memory.remember(track(id), 0);
  }
  Database(folder.path() + "/infinara.db")
      .run_all(
          "DROP INDEX tracks_by_place; ALTER TABLE tracks DROP COLUMN place; PRAGMA user_version = "
          "2");
  {
    Memory memory({.folder = folder.path()});
    EXPECT_EQ(memory.fault(), "");
    memory.remember(track(30), 0);
  }
  EXPECT_EQ(ids(Memory({.folder = folder.path()}).history({}, 9)), (Ids{30, 40, 2}));
}

TEST(Memory, KeepsWhatIsKnownAndElseWhatWasOrdered) {
  Memory memory;
  memory.remember(track(1), 5);
  EXPECT_EQ(memory.find(1)->track.name(), "Blue Hour");
  EXPECT_EQ(memory.find(1)->track.seed, 7u);
  music::Track retitled = track(1);
  retitled.title = "Blue \x1b[31mHour\n" + std::string(9000, 'x');
  retitled.seed = 8;
  memory.remember(retitled, 6);
  EXPECT_EQ(ids(memory.history({}, 9)), Ids{1});
  EXPECT_EQ(memory.find(1)->began, 5);  // still
  EXPECT_EQ(memory.find(1)->track.seed, 8u);
  EXPECT_EQ(memory.find(1)->track.title.substr(0, 15), "Blue ?[31mHour?");
  EXPECT_EQ(memory.find(1)->track.title.size(), 4000u);
  EXPECT_EQ(memory.find(2), nullptr);
}

TEST(Memory, CountsTheLastVoteOfEachListener) {
  Memory memory;
  memory.remember(track(1), 0);
  struct Step {
    const char* listener;
    int rating, likes, dislikes;
  };
  for (const auto& [listener, rating, likes, dislikes] :
       {Step{"a", 1, 1, 0}, Step{"a", 1, 1, 0}, Step{"b", 1, 2, 0}, Step{"c", -1, 2, 1},
        Step{"a", -1, 1, 2}, Step{"b", 0, 0, 2}, Step{"b", 0, 0, 2}, Step{"d", 0, 0, 2}}) {
    EXPECT_TRUE(memory.rate(1, listener, rating));
    EXPECT_EQ(memory.find(1)->likes, likes) << listener << rating;
    EXPECT_EQ(memory.find(1)->dislikes, dislikes) << listener << rating;
    EXPECT_EQ(memory.rating(1, listener), rating);
  }
  EXPECT_FALSE(memory.rate(2, "a", 1));
  EXPECT_EQ(memory.rating(2, "a"), 0);
}

TEST(Memory, HoldsNoMoreThanItsBound) {
  TemporaryFolder folder;
  {
    Memory memory({.folder = folder.path(), .max_tracks = 3});
    for (std::uint64_t id = 1; id <= 5; ++id) {
      memory.remember(track(id), 0);
      memory.rate(id, "a", 1);
    }
    EXPECT_EQ(ids(memory.history({}, 9)), (Ids{5, 4, 3}));
    EXPECT_EQ(memory.rating(2, "a"), 0);
    // As many votes as 20 for each track; the oldest track's go.
    for (int listener = 0; listener < 70; ++listener)
      memory.rate(5, "listener " + std::to_string(listener), 1);
    EXPECT_EQ(memory.find(3)->likes + memory.find(4)->likes + memory.find(5)->likes, 60);
    EXPECT_EQ(memory.find(3)->likes, 0);
  }
  EXPECT_EQ(ids(Memory({.folder = folder.path(), .max_tracks = 9}).history({}, 9)), (Ids{5, 4, 3}));
  { const Memory smaller({.folder = folder.path(), .max_tracks = 2}); }
  Memory memory({.folder = folder.path()});
  EXPECT_EQ(ids(memory.history({}, 9)), (Ids{5, 4}));
  EXPECT_EQ(memory.find(5)->likes, 60);
}

TEST(Memory, SurvivesARestartWhole) {
  TemporaryFolder folder;
  music::Track full = track(41);
  full.title = "Nachtlied für \"Öl\"";
  full.artist = "The House Band";
  full.genre = "jazz";
  full.caption = "slow; warm";
  full.seed = 4294967295;
  full.length = 4320000;
  full.gain = -3.5;
  full.bpm = 92.5;
  full.beats = music::BeatGrid{100, 31135.25, 3};
  full.key = "A minor";
  full.cue_in = 5;
  full.cue_out = 4300000;
  full.link = "houseband://jazz?seed=7";
  Played was;
  {
    Memory memory({.folder = folder.path() + "/made/by/it"});
    memory.remember(full, 1764000000123);
    memory.remember(track(42), 1764000090000);
    memory.rate(41, "a", 1);
    memory.rate(41, "b", -1);
    memory.rate(42, "a", 1);
    memory.rate(42, "a", 0);
    memory.remember_join(41, {40, -1.5, 0.25, 0.9, 3.5, {}});
    memory.remember_join(41, {40, -1.5, 0.25, 1.1, {}, 1});
    memory.remember_join(43, {42, -1, 0, 0, {}, {}});  // which is not remembered
    memory.set("RADIO_GENRE", "rock");
    memory.set("RADIO_GENRE", "ambient");
    was = *memory.find(41);
  }
  Memory memory({.folder = folder.path() + "/made/by/it"});
  EXPECT_EQ(memory.fault(), "");
  ASSERT_EQ(memory.last_id(), 42u);
  EXPECT_EQ(*memory.find(41), was);
  EXPECT_EQ(was.track.title, full.title);
  EXPECT_EQ(was.track.beats, full.beats);
  EXPECT_EQ(was.likes, 1);
  EXPECT_EQ(was.join, (Joined{40, -1.5, 0.25, 1.1, {}, 1}));
  EXPECT_EQ(memory.find(42)->likes, 0);
  EXPECT_EQ(memory.rating(41, "b"), -1);
  EXPECT_EQ(memory.settings(), (std::map<std::string, std::string>{{"RADIO_GENRE", "ambient"}}));
}

TEST(Memory, EndsOnlyWhenAllIsSaved) {
  TemporaryFolder folder;
  for (std::uint64_t id = 1; id <= 200; ++id) {
    {
      Memory memory({.folder = folder.path()});
      memory.remember(track(id), 0);
      for (volatile std::uint64_t i = 0; i < id * 10'000;) i = i + 1;
      memory.set("RADIO_GENRE", std::to_string(id));  // often while the track is being written
    }
    Memory memory({.folder = folder.path()});
    ASSERT_EQ(memory.last_id(), id);
    ASSERT_EQ(memory.settings().at("RADIO_GENRE"), std::to_string(id));
  }
}

/// Whether it remembers, and forgets when it ends.
void expect_in_memory_only(Memory& memory, const std::string& fault) {
  EXPECT_NE(memory.fault().find(fault), std::string::npos) << memory.fault();
  memory.remember(track(1), 0);
  EXPECT_TRUE(memory.rate(1, "a", 1));
  EXPECT_EQ(memory.find(1)->likes, 1);
  wait_until_saved(memory);
}

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(Memory, GoesOnWithoutAFolderThatItCanWrite) {
  for (const char* folder : {"/dev/null/folder", "/proc/infinara"}) {
    Memory memory({.folder = folder});
    expect_in_memory_only(memory, "the folder cannot be written");
    EXPECT_EQ(memory.fault().find('/'), std::string::npos);
  }
}

TEST(Memory, LeavesAFileAloneThatItCannotRead) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/infinara.db";
  std::ofstream(file) << std::string(5000, 'x');
  {
    Memory memory({.folder = folder.path()});
    expect_in_memory_only(memory, "damaged");
  }
  EXPECT_TRUE(bytes_of(file) == std::string(5000, 'x'));
}

TEST(Memory, FindsDamageInTheMiddleOfAFile) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/infinara.db";
  {
    Memory memory({.folder = folder.path()});
    for (std::uint64_t id = 1; id < 200; ++id) memory.remember(track(id), 0);
  }
  std::string bytes = bytes_of(file);
  ASSERT_GT(bytes.size(), 20000u);
  std::fill(bytes.begin() + 4096, bytes.end() - 4096, '\xff');
  std::ofstream(file, std::ios::binary) << bytes;
  Memory memory({.folder = folder.path()});
  expect_in_memory_only(memory, "damaged");
}

TEST(Memory, LeavesTheFileOfANewerVersionAlone) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/infinara.db";
  Memory({.folder = folder.path()}).remember(track(7), 0);
  Database(file).run("PRAGMA user_version = 99");
  const std::string before = bytes_of(file);
  {
    Memory memory({.folder = folder.path()});
    expect_in_memory_only(memory, "newer");
    EXPECT_EQ(memory.find(7), nullptr);
  }
  EXPECT_TRUE(bytes_of(file) == before);
}

TEST(Memory, LeavesAnotherProgramsDatabaseAlone) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/infinara.db";
  Database(file).run("CREATE TABLE tracks (x)");
  const std::string before = bytes_of(file);
  {
    Memory memory({.folder = folder.path()});
    expect_in_memory_only(memory, "another program's");
  }
  EXPECT_TRUE(bytes_of(file) == before);
}

TEST(Memory, IsOneStationsAlone) {
  TemporaryFolder folder;
  Memory first({.folder = folder.path()});
  Memory second({.folder = folder.path()});
  expect_in_memory_only(second, "another station");
  EXPECT_EQ(first.fault(), "");
  expect_in_memory_only(first, "");
}

TEST(Memory, TheSchemaGoesStepByStep) {
  TemporaryFolder folder;
  const std::string file = folder.path() + "/steps.db";
  const char* const steps[] = {"CREATE TABLE t (a); INSERT INTO t VALUES (1)",
                               "ALTER TABLE t ADD b DEFAULT 2", "UPDATE t SET b = b + a"};
  {
    Database database(file);
    migrate(database, std::span(steps, 1));
    EXPECT_EQ(database.number("SELECT a FROM t"), 1);
  }
  {
    Database database(file);
    migrate(database, steps);
    EXPECT_EQ(database.number("SELECT b FROM t"), 3);
    migrate(database, steps);  // none is taken twice
    EXPECT_EQ(database.number("SELECT b FROM t"), 3);
    migrate(database, std::span(steps, 2));
    EXPECT_EQ(database.number("PRAGMA user_version"), 3);
    const char* const broken[] = {"", "", "", "CREATE TABLE u (x); CREATE TABLE u (x)"};
    EXPECT_THROW(migrate(database, broken), DatabaseError);
  }
  Database database(file);  // a step that fails leaves nothing
  EXPECT_EQ(database.number("SELECT count(*) FROM sqlite_master"), 1);
  EXPECT_EQ(database.number("PRAGMA user_version"), 3);
}

/// Remembers track after track and rates it, and tells which are saved, until it is killed.
[[noreturn]] void remember_for_ever(const std::string& folder, int told) {
  Memory memory({.folder = folder, .max_tracks = 100'000});
  for (std::uint64_t id = memory.last_id() + 1;; ++id) {
    memory.remember(track(id), static_cast<std::int64_t>(id));
    memory.rate(id, "a", id % 2 == 0 ? 1 : -1);
    memory.set("RADIO_GENRE", std::to_string(id));
    std::promise<void> saved;
    memory.when_saved([told, id, &saved] {
      if (::write(told, &id, sizeof id) != sizeof id) ::_exit(1);
      saved.set_value();
    });
    if (id % 3 == 0) memory.remember(track(++id), 0);  // not waited for
    saved.get_future().wait();
  }
}

TEST(Memory, KillingItLosesNothingThatItSaidIsSaved) {
  TemporaryFolder folder;
  std::set<std::uint64_t> saved;
  for (int time = 0; time < 200; ++time) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      remember_for_ever(folder.path(), ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t id = 0;
    // At another moment each time: after so many, and then somewhere in the next ones.
    for (int many = 0; many <= time % 3; ++many)
      if (::read(ends[0], &id, sizeof id) == sizeof id) saved.insert(id);
    for (volatile int i = 0; i < time * 997 % 50'000;) i = i + 1;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(ends[0], &id, sizeof id) == sizeof id) saved.insert(id);
    ::close(ends[0]);

    Memory memory({.folder = folder.path(), .max_tracks = 100'000});
    ASSERT_EQ(memory.fault(), "");
    ASSERT_FALSE(saved.empty());
    ASSERT_GE(std::stoull(memory.settings().at("RADIO_GENRE")), *saved.rbegin());
    for (const auto each : saved) {
      ASSERT_NE(memory.find(each), nullptr) << each;
      ASSERT_EQ(memory.rating(each, "a"), each % 2 == 0 ? 1 : -1) << each;
    }
  }
  EXPECT_GE(saved.size(), 200u);
}

}  // namespace
}  // namespace infinara::memory

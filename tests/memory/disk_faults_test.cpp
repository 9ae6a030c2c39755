// SPDX-License-Identifier: Apache-2.0
// A disk that fails at each of its calls in turn: SQLite's own file system with an error in place
// of the n-th call that changes something.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <utility>

#include "memory/memory.hpp"
#include "support/temporary_folder.hpp"

namespace infinara::memory {
namespace {

/// Makes SQLite's calls to the disk fail from the n-th on, as many as are told.
class Disk {
 public:
  static Disk& get() {
    static Disk disk;
    return disk;
  }
  void fail(int after, int times, int code) {
    code_ = code;
    last_ = after + times;
    first_ = after;
    calls_ = 0;
  }
  void heal() { fail(1'000'000'000, 0, SQLITE_OK); }
  int calls() const { return calls_; }
  /// Called before the next call fails.
  void before_failing(std::function<void()> call) { before_failing_ = std::move(call); }

 private:
  struct File {
    sqlite3_file base;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  Disk() : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_), methods_{} {
    vfs_.zName = "failing";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = [](sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out) {
      file->pMethods = nullptr;
      if (const int code = get().call()) return code == SQLITE_FULL ? SQLITE_CANTOPEN : code;
      auto* self = reinterpret_cast<File*>(file);
      const int code = get().real_->xOpen(get().real_, name, self->real(), flags, out);
      if (code == SQLITE_OK) file->pMethods = &get().methods_;
      return code;
    };
    methods_.iVersion = 1;  // without shared memory: the file is locked for one process
    methods_.xClose = [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); };
    methods_.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
      return real(f)->pMethods->xRead(real(f), to, size, at);
    };
    methods_.xWrite = [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
      if (const int code = get().call()) return code;
      return real(f)->pMethods->xWrite(real(f), from, size, at);
    };
    methods_.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      if (const int code = get().call()) return code;
      return real(f)->pMethods->xTruncate(real(f), size);
    };
    methods_.xSync = [](sqlite3_file* f, int flags) {
      if (const int code = get().call()) return code;
      return real(f)->pMethods->xSync(real(f), flags);
    };
    methods_.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return real(f)->pMethods->xFileSize(real(f), size);
    };
    methods_.xLock = [](sqlite3_file* f, int lock) {
      return real(f)->pMethods->xLock(real(f), lock);
    };
    methods_.xUnlock = [](sqlite3_file* f, int lock) {
      return real(f)->pMethods->xUnlock(real(f), lock);
    };
    methods_.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return real(f)->pMethods->xCheckReservedLock(real(f), out);
    };
    methods_.xFileControl = [](sqlite3_file* f, int what, void* with) {
      return real(f)->pMethods->xFileControl(real(f), what, with);
    };
    methods_.xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); };
    methods_.xDeviceCharacteristics = [](sqlite3_file* f) {
      return real(f)->pMethods->xDeviceCharacteristics(real(f));
    };
    heal();
    sqlite3_vfs_register(&vfs_, 1);
  }

  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }

  int call() {
    const int call = calls_++;
    if (call < first_ || call >= last_) return SQLITE_OK;
    if (const auto before = std::exchange(before_failing_, nullptr)) before();
    return code_;
  }

  sqlite3_vfs* real_;
  sqlite3_vfs vfs_;
  sqlite3_io_methods methods_;
  std::function<void()> before_failing_;
  std::atomic<int> calls_ = 0, first_ = 0, last_ = 0, code_ = SQLITE_OK;
};

music::Track track(std::uint64_t id) {
  return {.order = {.id = id, .genre = "jazz", .title = "Blue Hour", .duration = 90}};
}

/// True if it is on the disk, which the memory says.
bool is_saved(Memory& memory) {
  std::promise<void> done;
  memory.when_saved([&] { done.set_value(); });
  done.get_future().wait();
  return memory.fault().empty();
}

struct MemoryFaults : testing::TestWithParam<int> {
  MemoryFaults() { Disk::get().heal(); }
  ~MemoryFaults() override { Disk::get().heal(); }
};

/// The n-th call fails and all after it, or it alone: what was acknowledged is there afterwards,
/// and the file is never torn.
TEST_P(MemoryFaults, AFailingCallCostsNothingThatWasSaved) {
  int faults = 0;
  for (const int times : {1, 1'000'000}) {
    bool was_reached = true;
    for (int call = 0; was_reached; ++call) {
      test::TemporaryFolder folder;
      std::vector<std::string> said;
      std::uint64_t saved = 0;
      Disk::get().fail(call, times, GetParam());
      {
        Memory memory({.folder = folder.path(),
                       .log = [&](const std::string& line) { said.push_back(line); },
                       .retry = std::chrono::hours(1)});
        for (std::uint64_t id = 1; id <= 6; ++id) {
          memory.remember(track(id), 0);
          ASSERT_TRUE(memory.rate(id, "a", 1));
          if (id % 3 == 0 && is_saved(memory)) saved = id;
        }
        ASSERT_EQ(memory.history({}, 99).size(), 6u);  // it plays on
        ASSERT_LE(said.size(), 1u);
        if (!memory.fault().empty()) ++faults;
        was_reached = Disk::get().calls() > call;
        Disk::get().heal();
      }
      Memory memory({.folder = folder.path()});
      ASSERT_EQ(memory.fault(), "") << call;
      for (std::uint64_t id = 1; id <= saved; ++id) {
        ASSERT_NE(memory.find(id), nullptr) << id << " of " << saved << ", call " << call;
        ASSERT_EQ(memory.rating(id, "a"), 1);
      }
    }
  }
  EXPECT_GT(faults, 20);
}

INSTANTIATE_TEST_SUITE_P(Codes, MemoryFaults, testing::Values(SQLITE_FULL, SQLITE_IOERR));

TEST(MemoryAfterAFault, AnswersThoseWhoAskWhileItFails) {
  test::TemporaryFolder folder;
  Disk::get().heal();
  std::promise<void> fails, asked, done;
  {
    Memory memory({.folder = folder.path(), .retry = std::chrono::hours(1)});
    Disk::get().before_failing([&] {
      fails.set_value();
      asked.get_future().wait();
    });
    Disk::get().fail(0, 1'000'000, SQLITE_FULL);
    memory.remember(track(1), 0);
    fails.get_future().wait();
    memory.when_saved([&] { done.set_value(); });
    asked.set_value();
    done.get_future().wait();
    EXPECT_EQ(memory.fault(), "the disk is full");
    Disk::get().heal();
  }
}

TEST(MemoryAfterAFault, SavesAllOfItOnceTheDiskIsWell) {
  test::TemporaryFolder folder;
  std::mutex mutex;
  std::vector<std::string> said;
  std::promise<void> again;
  Disk::get().heal();
  {
    Memory memory({.folder = folder.path(),
                   .log =
                       [&](const std::string& line) {
                         const std::lock_guard lock(mutex);
                         said.push_back(line);
                         if (said.size() == 2) again.set_value();
                       },
                   .retry = std::chrono::milliseconds(1)});
    memory.remember(track(1), 0);
    ASSERT_TRUE(is_saved(memory));
    Disk::get().fail(0, 1'000'000, SQLITE_FULL);
    memory.remember(track(2), 0);
    EXPECT_FALSE(is_saved(memory));
    EXPECT_EQ(memory.fault(), "the disk is full");
    memory.remember(track(3), 0);
    Disk::get().heal();
    again.get_future().wait();
    EXPECT_EQ(memory.fault(), "");
  }
  ASSERT_EQ(said.size(), 2u);
  EXPECT_NE(said[0].find("the disk is full"), std::string::npos) << said[0];
  EXPECT_NE(said[1].find("saved again"), std::string::npos) << said[1];
  EXPECT_EQ(Memory({.folder = folder.path()}).last_id(), 3u);
}

}  // namespace
}  // namespace infinara::memory

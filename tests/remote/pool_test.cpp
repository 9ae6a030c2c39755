// SPDX-License-Identifier: Apache-2.0
// The conversation with a server that is real but for its model, and hostile where it can be.
#include "remote/acestep/pool.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "remote/acestep/saved_tasks.hpp"
#include "remote/volume.hpp"
#include "support/acestep_double.hpp"
#include "support/sockets.hpp"

using namespace infinara::remote;
using namespace std::chrono_literals;
using support::AceStepDouble;
using support::DoubleSettings;
using support::Fault;
namespace fs = std::filesystem;

namespace {

class Listener : public OrderObserver {
 public:
  void progressed(const Progressed&) override {
    const std::lock_guard lock(mutex_);
    ++steps;
  }
  void arrived(const Arrived& what, std::shared_ptr<SpooledTrack> bytes) override {
    const std::lock_guard lock(mutex_);
    track = std::move(bytes);
    task = what.task;
    changed_.notify_all();
  }
  void gave_up(const GaveUp& end) override {
    const std::lock_guard lock(mutex_);
    reason = end.reason;
    changed_.notify_all();
  }
  /// True if there is a track.
  bool wait(std::chrono::seconds most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [this] { return track != nullptr || !reason.empty(); });
    return track != nullptr;
  }
  std::shared_ptr<SpooledTrack> track;
  Task task;
  std::string reason;
  int steps = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

TrackRequest jazz(double seconds = 12) {
  TrackRequest wanted;
  wanted.genre = "jazz";
  wanted.duration = seconds;
  return wanted;
}

DoubleSettings quick() {
  DoubleSettings settings;
  settings.delay = 0.3;
  return settings;
}

class Folder {
 public:
  Folder() : path_((fs::temp_directory_path() / "infinara-pool-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~Folder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

TEST(Pool, ATrackComesOverHttpWhole) {
  AceStepDouble server(quick());
  PoolSettings settings{.servers = {server.url()}};
  Listener listener;
  const PlacedOrder placed(Pool::of(settings), jazz(), listener);
  ASSERT_TRUE(listener.wait(20s)) << listener.reason;
  std::vector<std::byte> head(4);
  EXPECT_EQ(listener.track->read(0, head), 4);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(head.data()), 4), "fLaC");
  EXPECT_EQ(server.requests()["GET /v1/audio"], 1);
}

TEST(Pool, TheSharedVolumeSavesTheDownload) {
  AceStepDouble server(quick());
  PoolSettings settings{.servers = {server.url()}, .output_dir = server.folder().string()};
  Listener listener;
  const PlacedOrder placed(Pool::of(settings), jazz(), listener);
  ASSERT_TRUE(listener.wait(20s)) << listener.reason;
  EXPECT_GT(listener.track->size(), 100'000);
  EXPECT_EQ(server.requests()["GET /v1/audio"], 0);
}

TEST(Pool, TheServersNameOfTheVolumeIsFoundByLooking) {
  for (const char* root : {"/srv/ace/tmp", "/outputs"}) {
    auto set = quick();
    set.root = root;
    AceStepDouble server(set);
    PoolSettings settings{.servers = {server.url()}, .output_dir = server.folder().string()};
    const auto pool = Pool::of(settings);
    Listener listener;
    const PlacedOrder placed(pool, jazz(), listener);
    ASSERT_TRUE(listener.wait(20s)) << listener.reason;
    EXPECT_EQ(server.requests()["GET /v1/audio"], 0) << root;
    EXPECT_TRUE(support::eventually([&] { return pool->servers()[0].delivery == "volume"; }));
  }
}

TEST(Pool, WhatWasTakenIsDeletedFromTheVolumeAndNothingElse) {
  for (const bool cleans : {true, false}) {
    AceStepDouble server(quick());
    const fs::path other = server.folder() / "api_audio" / "other.flac";
    std::ofstream(other) << "somebody else's";
    PoolSettings settings{.servers = {server.url()}, .output_dir = server.folder().string()};
    settings.cleans = cleans;
    Listener listener;
    const PlacedOrder placed(Pool::of(settings), jazz(), listener);
    ASSERT_TRUE(listener.wait(20s)) << listener.reason;
    std::vector<std::byte> head(4);
    EXPECT_EQ(listener.track->read(0, head), 4);
    EXPECT_TRUE(fs::exists(other));
    EXPECT_EQ(std::distance(fs::directory_iterator(other.parent_path()), {}), cleans ? 1 : 2);
  }
}

TEST(Spool, OnlyTheVeryFileIsRemoved) {
  const Folder folder;
  const std::string root = folder.path() + "/volume";
  fs::create_directories(root + "/a");
  fs::create_directories(folder.path() + "/outside");
  for (const char* name : {"/volume/a/track", "/volume/top", "/outside/track"})
    std::ofstream(folder.path() + name) << "music";
  fs::create_directory_symlink(folder.path() + "/outside", root + "/up");
  fs::create_symlink("track", root + "/a/link");
  const auto spool = std::make_shared<Spool>(folder.path() + "/spool", 1000);
  for (const char* path : {"up/track", "a/link", "../outside/track", "a"})
    EXPECT_FALSE(copy_below(root, path, *spool, true)) << path;
  EXPECT_TRUE(fs::exists(folder.path() + "/outside/track"));
  EXPECT_TRUE(fs::exists(root + "/a/track"));
  for (const char* path : {"a/track", "top"}) {
    const auto copied = copy_below(root, path, *spool, true);
    ASSERT_TRUE(copied) << path;
    EXPECT_EQ(copied->unremoved, "");
    EXPECT_FALSE(fs::exists(root + "/" + path));
  }
  EXPECT_TRUE(fs::is_symlink(root + "/a/link"));
}

TEST(Volume, OneThatHangsIsGivenUpAndHoldsUpNothing) {
  GMainContext* context = g_main_context_new();
  std::mutex mutex;
  std::condition_variable changed;
  bool hangs = true;
  const auto spool = std::make_shared<Spool>("/tmp", 1000);
  std::vector<bool> ends;  // of each copy: whether it came
  const auto wait_for = [&](std::size_t count) {
    while (ends.size() < count) g_main_context_iteration(context, TRUE);
  };
  {
    Volume volume(
        context,
        [&](const std::vector<std::string>&, Spool&) -> Result<VolumeCopy> {
          std::unique_lock lock(mutex);
          changed.wait(lock, [&] { return !hangs; });
          return VolumeCopy{};
        },
        0.05);
    const auto copy = [&] {
      volume.copy({"x"}, spool,
                  [&](const Result<VolumeCopy>& result) { ends.push_back(bool(result)); });
    };
    copy();
    wait_for(1);
    copy();  // is not even tried
    wait_for(2);
    EXPECT_EQ(ends, (std::vector{false, false}));
    {
      const std::lock_guard lock(mutex);
      hangs = false;
    }
    changed.notify_all();
    // It is used again as soon as it answers.
    while (!ends.back()) {
      const auto before = ends.size();
      copy();
      wait_for(before + 1);
    }
  }
  g_main_context_unref(context);
}

TEST(Pool, EachServerIsToldItsOwnKey) {
  auto set = quick();
  set.key = "first";
  AceStepDouble one(set);
  set.key = "second";
  AceStepDouble two(set);
  PoolSettings settings{.servers = {one.url(), two.url()}};
  settings.keys = {"first", "second"};
  const auto pool = Pool::of(settings);
  Listener listener;
  const PlacedOrder placed(pool, jazz(), listener);
  ASSERT_TRUE(listener.wait(20s)) << listener.reason;
  for (const auto& view : pool->servers()) EXPECT_NE(view.state, ServerState::kNeedsKey);
}

TEST(Pool, AServerWithoutAKeyOfItsOwnNeedsOne) {
  auto set = quick();
  set.keyless_503 = true;
  AceStepDouble server(set);
  Listener listener;
  const PlacedOrder placed(Pool::of({.servers = {server.url()}, .key = "any"}), jazz(), listener);
  EXPECT_FALSE(listener.wait(20s));
  EXPECT_NE(listener.reason.find("NEEDS_KEY: HTTP 503 API key is not configured"),
            std::string::npos)
      << listener.reason;
}

TEST(Pool, AServerThatLoadsAtItsFirstJobGivesATrack) {
  auto set = quick();
  set.dialect = support::Dialect::kLater;
  set.first_load = 2;
  AceStepDouble server(set);
  const auto pool = Pool::of({.servers = {server.url()}});
  Listener listener;
  const PlacedOrder placed(pool, jazz(), listener);
  ASSERT_TRUE(listener.wait(90s)) << listener.reason;
  EXPECT_EQ(server.requests()["POST /release_task"], 1);
}

TEST(Pool, AModelThatTheServerLacksIsNamed) {
  auto set = quick();
  set.dialect = support::Dialect::kLater;
  set.model = "acestep-v15-base";
  set.forces_dcw = true;
  AceStepDouble server(set);
  const auto pool = Pool::of({.servers = {server.url()}});
  TrackRequest wanted = jazz();
  wanted.model = "acestep-v15-turbo";
  Listener listener;
  const PlacedOrder placed(pool, wanted, listener);
  ASSERT_TRUE(listener.wait(20s)) << listener.reason;
  ASSERT_FALSE(server.orders().empty());
  EXPECT_EQ(server.orders()[0].steps, 50);
  EXPECT_EQ(server.orders()[0].dcw_enabled, false);
  const auto note = [&] { return pool->servers()[0].note; };
  EXPECT_NE(note().find("plays acestep-v15-base, not acestep-v15-turbo"), std::string::npos);
}

TEST(Pool, AVolumeThatIsNotThereIsNoObstacle) {
  AceStepDouble server(quick());
  PoolSettings settings{.servers = {server.url()}, .output_dir = "/nonexistent/outputs"};
  Listener listener;
  const PlacedOrder placed(Pool::of(settings), jazz(), listener);
  ASSERT_TRUE(listener.wait(20s)) << listener.reason;
  EXPECT_EQ(server.requests()["GET /v1/audio"], 1);
}

TEST(Pool, TheKeyIsSentAndAWrongOneNamed) {
  DoubleSettings with_key = quick();
  with_key.key = "secret";
  AceStepDouble server(with_key);
  {
    Listener listener;
    const PlacedOrder placed(Pool::of({.servers = {server.url()}, .key = "wrong"}), jazz(),
                             listener);
    EXPECT_FALSE(listener.wait(20s));
    EXPECT_NE(listener.reason.find("NEEDS_KEY: HTTP 401"), std::string::npos) << listener.reason;
    EXPECT_EQ(listener.reason.find("wrong"), std::string::npos);
    EXPECT_EQ(server.requests()["POST /release_task"], 0);
  }
  Listener listener;
  const PlacedOrder placed(Pool::of({.servers = {server.url()}, .key = "secret"}), jazz(),
                           listener);
  EXPECT_TRUE(listener.wait(20s)) << listener.reason;
}

TEST(Pool, NobodyThereIsSaidAtOnce) {
  Listener listener;
  const PlacedOrder placed(Pool::of({.servers = {"http://127.0.0.1:1"}}), jazz(), listener);
  EXPECT_FALSE(listener.wait(10s));
  EXPECT_NE(listener.reason.find("http://127.0.0.1:1 is DOWN: "), std::string::npos)
      << listener.reason;
}

TEST(Pool, ManyOrdersShareTwoPlaces) {
  AceStepDouble server(quick());
  const auto pool = Pool::of({.servers = {server.url()}});
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<std::unique_ptr<PlacedOrder>> visits;
  for (int i = 0; i < 5; ++i) {
    listeners.push_back(std::make_unique<Listener>());
    visits.push_back(std::make_unique<PlacedOrder>(pool, jazz(), *listeners.back()));
  }
  for (const auto& listener : listeners) EXPECT_TRUE(listener->wait(30s)) << listener->reason;
  EXPECT_LE(server.most_open(), 2);
  EXPECT_GT(pool->servers()[0].seconds_per_second, 0);
}

TEST(Pool, AVisitEndsAtOnceWhateverItWaitsFor) {
  DoubleSettings slow;
  slow.delay = 60;
  AceStepDouble server(slow);
  const auto pool = Pool::of({.servers = {server.url()}});
  for (int i = 0; i < 5; ++i) {
    Listener listener;
    auto visit = std::make_unique<PlacedOrder>(pool, jazz(), listener);
    listener.wait(std::chrono::seconds(i % 2));
    const auto begun = std::chrono::steady_clock::now();
    visit.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  }
}

TEST(Pool, ATaskIsRememberedOverOurRestart) {
  DoubleSettings slow;
  slow.delay = 3;
  AceStepDouble server(slow);
  const Folder folder;
  const std::string file = folder.path() + "/state/acestep.json";
  // Different settings are different pools, as a new process would have.
  PoolSettings settings{.servers = {server.url()}, .state_file = file};
  {
    Listener listener;
    const PlacedOrder placed(std::make_shared<Pool>(settings), jazz(), listener);
    ASSERT_TRUE(support::eventually([&] { return fs::exists(file); }));
  }
  Listener listener;
  const PlacedOrder placed(std::make_shared<Pool>(settings), jazz(), listener);
  EXPECT_TRUE(listener.wait(20s)) << listener.reason;
  EXPECT_EQ(server.requests()["POST /release_task"], 1);
}

TEST(Pool, AFullDiskIsAReason) {
  AceStepDouble server(quick());
  PoolSettings settings{.servers = {server.url()}, .spool_most = 50'000};
  Listener listener;
  const PlacedOrder placed(Pool::of(settings), jazz(), listener);
  EXPECT_FALSE(listener.wait(20s));
  EXPECT_NE(listener.reason.find("allowed in"), std::string::npos) << listener.reason;
}

TEST(OpenBelow, NeverLeavesTheFolder) {
  const Folder folder;
  const std::string root = folder.path() + "/root";
  fs::create_directories(root + "/api_audio");
  std::ofstream(folder.path() + "/secret") << "secret";
  std::ofstream(root + "/api_audio/good") << "music";
  { const std::ofstream empty(root + "/empty"); }
  fs::create_symlink(folder.path() + "/secret", root + "/link");
  fs::create_directory_symlink(folder.path(), root + "/up");
  fs::create_symlink("/dev/zero", root + "/zero");
  fs::create_symlink("good", root + "/api_audio/inner");
  ASSERT_EQ(mkfifo((root + "/pipe").c_str(), 0600), 0);
  {
    std::ofstream sparse(root + "/sparse");
    sparse.seekp(10LL << 30);
    sparse << 'x';
  }
  EXPECT_TRUE(open_below(root, "api_audio/good"));
  const auto begun = std::chrono::steady_clock::now();
  for (const char* path :
       {"../secret", "api_audio/../../secret", "/etc/passwd", "link", "up/secret", "zero", "pipe",
        "sparse", "empty", "api_audio", "missing", "api_audio/inner", "", "."}) {
    const auto result = open_below(root, path);
    ASSERT_FALSE(result) << path;
    EXPECT_FALSE(result.error().detail.empty());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
}

TEST(Spool, KeepsToItsBoundsAndLeavesNothing) {
  const Folder folder;
  const auto spool = std::make_shared<Spool>(folder.path() + "/spool", 1000);
  const std::vector<std::byte> bytes(600);
  {
    const auto first = *spool->make();
    EXPECT_FALSE(first->write(bytes));
    const auto second = *spool->make();
    const auto error = second->write(bytes);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, Error::Kind::kDisk);
    EXPECT_EQ(spool->bytes(), 600);
    EXPECT_TRUE(fs::is_empty(folder.path() + "/spool"));
  }
  EXPECT_EQ(spool->bytes(), 0);
}

TEST(SavedTask, ComesBackAsItWent) {
  SavedTask one{"http://gpu:8001", "id-1", jazz(60), {}, 30};
  one.task.prompt = "a \"trio\"";
  one.task.duration = 60;
  one.task.bpm = 120;
  one.task.key = "F major";
  one.task.seed = 4294967295;
  const std::string text = print_saved_tasks({one}, 1000);
  const auto back = parse_saved_tasks(text, 1010);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].age, 40);
  EXPECT_EQ(back[0].task, one.task);
  EXPECT_EQ(back[0].wanted, one.wanted);
  for (std::size_t cut = 0; cut + 3 < text.size(); cut += 7)
    EXPECT_TRUE(parse_saved_tasks(text.substr(0, cut), 1010).empty());
}

TEST(Locations, AreAListOfAddresses) {
  EXPECT_EQ(*parse_locations(" http://gpu:8001/ ,https://b/ace/,http://gpu:8001"),
            (std::vector<std::string>{"http://gpu:8001", "https://b/ace"}));
  EXPECT_EQ(*parse_locations("http://[::1]:8001"), std::vector<std::string>{"http://[::1]:8001"});
  const auto keyed = *parse_addresses("http://k%40y@a,http://b, https://c/", "");
  EXPECT_EQ(keyed.servers, (std::vector<std::string>{"http://a", "http://b", "https://c"}));
  EXPECT_EQ(keyed.keys, (std::vector<std::string>{"k@y", "", ""}));
  EXPECT_EQ(parse_addresses("http://x@a,http://b", "all")->keys,
            (std::vector<std::string>{"x", "all"}));
  EXPECT_EQ(parse_addresses("http://a,http://b", "1,")->keys, (std::vector<std::string>{"1", ""}));
  EXPECT_EQ(parse_addresses("http://a", "1,2")->keys, std::vector<std::string>{"1,2"});
  EXPECT_EQ(parse_addresses("http://a,http://b", "1,2,3").error().detail, "3 keys for 2 servers");
  for (const char* text : {"http://@gpu", "http://a@b@gpu", "http://a%zz@gpu", "http://a%20b@gpu"})
    EXPECT_FALSE(parse_locations(text)) << text;
  for (const char* text : {"", " , ", "gpu:8001", "ftp://gpu", "http://", "file:///etc/passwd",
                           "http://me:sesame@gpu", "http://gpu/?x"}) {
    const auto result = parse_locations(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().detail.find("sesame"), std::string::npos);
  }
}

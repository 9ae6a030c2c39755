// SPDX-License-Identifier: Apache-2.0
// Every row of the double's faults, each at a server of its own: the next track is good within a
// bound, the memory that a liar can take is small, and what the operator reads is one clean line.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "remote/acestep/pool.hpp"
#include "support/acestep_double.hpp"
#include "support/sockets.hpp"

namespace {

using namespace infinara::remote;
using support::AceStepDouble;
using support::DoubleSettings;
using support::Fault;
using Clock = std::chrono::steady_clock;

class Listener : public OrderObserver {
 public:
  void progressed(const Progressed& progress) override {
    const std::lock_guard lock(mutex_);
    stages += progress.stage;
  }
  void arrived(const Arrived&, std::shared_ptr<SpooledTrack> bytes) override {
    const std::lock_guard lock(mutex_);
    track = std::move(bytes);
    when = Clock::now();
    changed_.notify_all();
  }
  void gave_up(const GaveUp& end) override {
    const std::lock_guard lock(mutex_);
    reason = end.reason;
    when = Clock::now();
    changed_.notify_all();
  }
  bool is_over() {
    const std::lock_guard lock(mutex_);
    return track != nullptr || !reason.empty();
  }
  /// True if there is a track.
  bool wait(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [this] { return track != nullptr || !reason.empty(); });
    return track != nullptr;
  }
  std::shared_ptr<SpooledTrack> track;
  Clock::time_point when;
  std::string reason;
  std::string stages;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// The operator's log.
struct Log {
  std::mutex mutex;
  std::vector<std::string> lines;
};
Log& log_of_all() {
  static Log log;
  return log;
}

bool is_clean(const std::string& text) {
  return std::ranges::none_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

/// Megabytes of memory at its highest since the last reset.
std::size_t highest_megabytes() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6)) / 1024;
  return 0;
}

void reset_highest() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

/// What the operator must be able to read of it, where it is not simply survived.
const std::map<Fault, std::string> kWords = {
    {Fault::kSubmitBusy, "HTTP 429 Server busy: queue is full"},
    {Fault::kSubmitTextError, "HTTP 500 Internal Server Error"},
    {Fault::kSubmitControl, R"(HTTP 400 {"detail":"no)"},  // its zero is refused: shown as text
    {Fault::kSubmitHtml, "HTTP 502"},
    {Fault::kSubmitGarbage, "not JSON"},
    {Fault::kSubmitHuge, "the answer has 200000010 bytes"},
    {Fault::kSubmitDeep, "not JSON"},
    {Fault::kSubmitEndless, "the answer is over"},
    {Fault::kOutOfMemory, "gives no reason"},
    {Fault::kSilent, "made silence"},
    {Fault::kLost, "forgot the track"},
    {Fault::kPathAbsolute, "cannot be fetched"},
    {Fault::kPathElsewhere, "its place is not on the server"},
    {Fault::kPathDots, "HTTP 403 Access denied"},
    {Fault::kPathEncoded, "HTTP 404 Audio file not found"},
    {Fault::kPathLink, "cannot be fetched"},
    {Fault::kPathZero, "cannot be fetched"},
    {Fault::kPathFifo, "is not a plain file"},
    {Fault::kPathSparse, "has 10000000000 bytes"},
    {Fault::kFetchUnauthorised, "HTTP 401"},
    {Fault::kFetchForbidden, "HTTP 403"},
    {Fault::kFetchNotFound, "HTTP 404"},
    {Fault::kFetchTextError, "HTTP 500"},
    {Fault::kFetchHtml, "not audio but text/html"},
    {Fault::kFetchCut, "ended after"},
    {Fault::kFetchHang, "no answer in time"},
    {Fault::kFetchEndless, "the answer is over 67108864 bytes"},
    {Fault::kFetchGiant, "the answer has 10000000000 bytes"},
    {Fault::kFetchRedirect, "it sends us elsewhere: http://169.254.169.254"},
    {Fault::kFetchLoop, "it sends us in circles"},
};

constexpr std::ptrdiff_t kTogether = 16;
/// Faults that say "wrong key": an order waits a minute for a better one, then ends.
const std::set<Fault> kNeedsKey = {Fault::kSubmitUnauthorised, Fault::kQueryUnauthorised,
                                   Fault::kFetchUnauthorised};

struct Case {
  support::FaultRow row;
  std::unique_ptr<AceStepDouble> server;
  std::unique_ptr<Listener> listener;
  std::shared_ptr<Pool> pool;
  std::unique_ptr<PlacedOrder> visit;
  Clock::time_point begun = Clock::now();
};

/// What is heard is the audition's business; here a track need not be long.
support::Pcm a_blip(const support::Tune& tune) {
  support::Tune blip = tune;
  blip.seconds = 0.5;
  return support::make_music(blip);
}

Case start(const support::FaultRow& row, bool with_volume) {
  DoubleSettings settings;
  settings.delay = 0.3;
  settings.down = 1;
  settings.hangs_for = 5;
  settings.musician = a_blip;
  settings.plan = [fault = row.fault](std::size_t n) { return n == 0 ? fault : Fault::kNone; };
  Case one{row, std::make_unique<AceStepDouble>(settings), std::make_unique<Listener>(), {}, {}};
  PoolSettings pool{.servers = {one.server->url()}};
  // Path tricks are tried on the shared volume too.
  if (with_volume) pool.output_dir = one.server->folder().string();
  one.pool = Pool::of(pool);
  TrackRequest wanted;
  wanted.genre = "jazz";
  wanted.duration = 12;
  one.visit = std::make_unique<PlacedOrder>(one.pool, wanted, *one.listener);
  return one;
}

/// All that was said of a server.
std::string said_of(const Case& one) {
  std::string text = one.pool->servers()[0].last_error;
  const std::lock_guard lock(log_of_all().mutex);
  for (const std::string& line : log_of_all().lines)
    if (line.find(one.server->url()) != line.npos ||
        line.find(one.server->folder().string()) != line.npos)
      text += " | " + line;
  return text;
}

void judge(const Case& one, Clock::time_point end) {
  const bool good = one.listener->wait(end);
  const double took = std::chrono::duration<double>(one.listener->when - one.begun).count();
  const std::string said = said_of(one);
  std::printf("%-20s %s %5.1f s  %s\n", std::string(one.row.name).c_str(),
              good ? "ready after" : "given up   ", took, said.substr(0, 150).c_str());
  if (kNeedsKey.contains(one.row.fault)) {
    EXPECT_TRUE(good || one.listener->reason.find("NEEDS_KEY") != std::string::npos)
        << one.row.name << ": " << one.listener->reason;
  } else {
    EXPECT_TRUE(good) << one.row.name << ": " << one.listener->reason;
  }
  EXPECT_LE(took, kNeedsKey.contains(one.row.fault) ? 130 : 60) << one.row.name;
  EXPECT_TRUE(is_clean(said)) << one.row.name;
  EXPECT_TRUE(is_clean(one.listener->stages)) << one.row.name;
  EXPECT_TRUE(is_clean(one.pool->servers()[0].model)) << one.row.name;
  if (const auto words = kWords.find(one.row.fault); words != kWords.end()) {
    EXPECT_NE(said.find(words->second), said.npos) << one.row.name << ": " << said;
  }
  EXPECT_LE(std::ranges::count(said, '|'), 6) << one.row.name << ": " << said;
}

class Hostile : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Pool::set_log([](bool, const std::string& line) {
      const std::lock_guard lock(log_of_all().mutex);
      log_of_all().lines.push_back(line);
    });
  }
};

}  // namespace

TEST_F(Hostile, WhateverAServerAnswersOnceTheNextTrackIsGood) {
  const std::size_t descriptors = support::open_descriptors();
  const std::size_t threads = support::threads();
  {
    // Some at a time, the slow ones first: a machine may have few cores.
    std::vector<support::FaultRow> rows(support::faults().begin(), support::faults().end());
    std::ranges::stable_partition(rows,
                                  [](const auto& row) { return kNeedsKey.contains(row.fault); });
    std::vector<Case> cases;
    const auto end = Clock::now() + std::chrono::seconds(150);
    for (const support::FaultRow& row : rows) {
      const auto under_way = [&] {
        return std::ranges::count_if(cases,
                                     [](const Case& one) { return !one.listener->is_over(); });
      };
      while (under_way() >= kTogether && Clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      cases.push_back(
          start(row, row.fault >= Fault::kPathDots && row.fault <= Fault::kPathElsewhere));
    }
    for (const Case& one : cases) judge(one, end);
  }
  EXPECT_LE(support::open_descriptors(), descriptors + 4);
  EXPECT_LE(support::threads(), threads + 16) << "what lingers are the copiers of GTask's own pool";
}

TEST_F(Hostile, FloodsCostLittleMemory) {
  if (std::getenv("INFINARA_CHECKED") != nullptr) GTEST_SKIP() << "a checker's memory is its own";
  // All at once, twice, so that none is hidden by what the others have let go.
  const Fault floods[] = {Fault::kSubmitHuge,    Fault::kSubmitDeep,   Fault::kSubmitEndless,
                          Fault::kSubmitHeaders, Fault::kQueryHuge,    Fault::kQueryDeep,
                          Fault::kQueryEndless,  Fault::kQueryHeaders, Fault::kQueryGzip,
                          Fault::kFetchGiant,    Fault::kFetchEndless, Fault::kFetchHeaders,
                          Fault::kFetchGzip,     Fault::kPathSparse,   Fault::kPathZero};
  std::size_t before = 0;
  for (int round = 0; round < 2; ++round) {
    reset_highest();
    before = highest_megabytes();
    std::vector<Case> cases;
    for (const Fault fault : floods) cases.push_back(start(support::row_of(fault), true));
    const auto end = Clock::now() + std::chrono::seconds(60);
    for (const Case& one : cases)
      EXPECT_TRUE(one.listener->wait(end)) << one.row.name << ": " << one.listener->reason;
    std::printf("round %d: %zu MB before, %zu MB at the highest\n", round, before,
                highest_megabytes());
  }
  EXPECT_LE(highest_megabytes(), before + 100) << "of 15 floods, and what their servers hold";
}

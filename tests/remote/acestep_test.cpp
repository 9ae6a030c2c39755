// SPDX-License-Identifier: Apache-2.0
// The client's mind against a simulated server, in simulated time: no clock, no socket.
#include "remote/acestep.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>

using namespace infinara::remote;
using Kind = Trouble::Kind;
using Phase = TaskState::Phase;

namespace {

// One queue, one worker, no mercy: as ACE-Step does it.
struct FakeServer {
  struct Made {
    Seconds begun = -1;
    bool queued = true;
    bool frozen = false;
    bool forgotten = false;
    Phase end = Phase::kSucceeded;
    bool silent = false;
    double at_freeze = 0;
  };
  bool up = true;
  bool mute = false;  // takes connections, answers nothing
  bool needs_key = false;
  bool loading = false;
  bool hung = false;
  bool full = false;
  bool broken = false;  // 500 to every release with more than plain fields
  bool has_lm = true;
  bool tells_progress = true;
  bool has_audio = true;
  bool locks_audio = false;  // wants a key for downloads that we have not
  bool overdue = false;
  int fail_next = 0;
  int bad_releases = 0;  // taken, and answered with `bad_answer`
  int bad_queries = 0;
  int bad_fetches = 0;
  Trouble bad_answer{Kind::kUnsafe, "the answer is over 1048576 bytes"};
  int silent_next = 0;
  double job_seconds = 10;
  std::map<std::string, Made> jobs;
  std::vector<std::string> line;
  int total = 0;
  int releases = 0;
  int queries = 0;
  int ended = 0;

  void advance(Seconds now) {
    while (!line.empty() && !hung) {
      Made& job = jobs[line.front()];
      if (job.begun < 0) {
        job.begun = now;
        job.queued = false;
      }
      if (now < job.begun + job_seconds) return;
      ++ended;
      job.frozen = true;
      job.at_freeze = 1;
      line.erase(line.begin());
      if (!line.empty()) jobs[line.front()].begun = now, jobs[line.front()].queued = false;
    }
  }
  void restart(Seconds now) {
    advance(now);
    for (auto& [id, job] : jobs) {
      if (job.at_freeze >= 1) continue;
      if (job.queued) job.forgotten = true;
      job.frozen = true;
      job.at_freeze = progress(job, now);
    }
    line.clear();
    total = ended = 0;
    hung = false;
  }
  double progress(const Made& job, Seconds now) const {
    return job.frozen ? job.at_freeze : std::min(0.79, (now - job.begun) / job_seconds);
  }
  TaskState state(const std::string& id, Seconds now) {
    TaskState out;
    out.task_id = id;
    const auto found = jobs.find(id);
    if (found == jobs.end() || found->second.forgotten) return out;
    const Made& job = found->second;
    if (job.frozen && job.at_freeze >= 1) {
      out.phase = job.end;
      if (job.end == Phase::kSucceeded) out.songs = {{job.silent ? "" : "/v1/" + id, "turbo"}};
      return out;
    }
    out.phase = overdue                        ? Phase::kOverdue
                : job.queued && tells_progress ? Phase::kQueued
                                               : Phase::kRunning;
    if (tells_progress) {
      out.progress = job.queued ? 0 : progress(job, now);
      out.stage = job.queued ? "queued" : "Generating music";
    }
    return out;
  }
  Reply answer(const Ask& ask, Seconds now) {
    advance(now);
    if (!up) return Trouble{Kind::kRefused, "Connection refused"};
    if (mute) return Trouble{Kind::kTimeout, "no answer"};
    if (ask.kind == Ask::Kind::kHealth) return Health{!loading, std::nullopt};
    if (ask.kind == Ask::Kind::kModels) return Models{"acestep-v15-turbo", {}};
    if (needs_key) return Trouble{Kind::kUnauthorized, "HTTP 401 Invalid API key"};
    switch (ask.kind) {
      case Ask::Kind::kStats: {
        const int busy = line.empty() ? 0 : 1;
        return Stats{total, busy, static_cast<int>(line.size()) - busy, 200, ended, 5};
      }
      case Ask::Kind::kRelease: {
        ++releases;
        if (full) return Trouble{Kind::kBusy, "HTTP 429"};
        if (broken && !ask.plain) return Trouble{Kind::kBroken, "HTTP 500"};
        const std::string id = "task-" + std::to_string(releases);
        Made job;
        if (fail_next > 0 || (ask.task.thinking && !ask.plain && !has_lm)) job.end = Phase::kFailed;
        if (fail_next > 0) --fail_next;
        job.silent = silent_next > 0;
        if (silent_next > 0) --silent_next;
        jobs[id] = job;
        line.push_back(id);
        ++total;
        loading = false;
        advance(now);
        if (bad_releases > 0 && bad_releases-- > 0) return bad_answer;
        return Released{id, 1};
      }
      case Ask::Kind::kQuery: {
        ++queries;
        if (bad_queries > 0 && bad_queries-- > 0) return bad_answer;
        std::vector<TaskState> out;
        for (const auto& id : ask.task_ids) out.push_back(state(id, now));
        return out;
      }
      default:
        if (bad_fetches > 0 && bad_fetches-- > 0) return bad_answer;
        if (locks_audio) return Trouble{Kind::kUnauthorized, "HTTP 401 Invalid API key"};
        if (!has_audio) return Trouble{Kind::kNotFound, "HTTP 404 Audio file not found"};
        return Fetched{};
    }
  }
};

struct World {
  explicit World(std::size_t count = 1, Acestep::Limits limits = {}) : servers(count) {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < count; ++i) urls.push_back("http://gpu" + std::to_string(i));
    mind = std::make_unique<Acestep>(urls, 1, limits);
  }

  void at(Seconds when, std::function<void()> what) { plans.emplace(when, std::move(what)); }

  OrderId order(double duration = 60) {
    Wish wish;
    wish.genre = "jazz";
    wish.duration = duration;
    return mind->order(now, wish);
  }

  // Runs until `done` or `end`.
  void run(
      Seconds end, const std::function<bool()>& done = [] { return false; }) {
    for (int guard = 0; now < end && !done(); ++guard) {
      ASSERT_LT(guard, 20000) << "spins";
      for (auto& news : mind->step(now)) take(news);
      if (done()) return;
      Seconds next = std::min(mind->wake(now), end);
      if (!answers.empty()) next = std::min(next, answers.begin()->first);
      if (!plans.empty()) next = std::min(next, plans.begin()->first);
      spins = next <= now ? spins + 1 : 0;
      ASSERT_LT(spins, 50) << "asks to be woken at once, at " << now;
      now = std::max(now, next);
      while (!plans.empty() && plans.begin()->first <= now) {
        const auto what = plans.begin()->second;
        plans.erase(plans.begin());
        what();
      }
      while (!answers.empty() && answers.begin()->first <= now) {
        const Ask ask = answers.begin()->second;
        answers.erase(answers.begin());
        mind->reply(now, ask.serial, servers[ask.server].answer(ask, now));
      }
    }
  }
  bool run_until_over(Seconds end, OrderId id) {
    run(end, [&] { return ready.contains(id) || dead.contains(id); });
    return ready.contains(id);
  }

  void take(News& news) {
    if (auto* ask = std::get_if<Ask>(&news)) {
      asked.push_back({now, *ask});
      const auto& server = servers[ask->server];
      answers.emplace(now + (server.mute && server.up ? ask->timeout : 0.02), *ask);
    } else if (auto* fact = std::get_if<Fact>(&news)) {
      log.push_back(fact->text);
    } else if (auto* arrived = std::get_if<Arrived>(&news)) {
      const bool good = reject_next == 0;
      if (good)
        ready[arrived->order] = now;
      else
        --reject_next;
      mind->verdict(now, arrived->order, good, "silent for 30 s");
    } else if (auto* gave_up = std::get_if<GaveUp>(&news)) {
      dead[gave_up->order] = {now, gave_up->reason};
    } else if (auto* progressed = std::get_if<Progressed>(&news)) {
      progress[progressed->order] = progressed->progress;
    }
  }
  std::vector<Seconds> times_of(Ask::Kind kind) const {
    std::vector<Seconds> out;
    for (const auto& [when, ask] : asked)
      if (ask.kind == kind) out.push_back(when);
    return out;
  }
  bool logged(const std::string& words) const {
    return std::ranges::any_of(
        log, [&](const auto& line) { return line.find(words) != std::string::npos; });
  }

  std::unique_ptr<Acestep> mind;
  std::vector<FakeServer> servers;
  Seconds now = 1000;
  int spins = 0;
  int reject_next = 0;
  std::multimap<Seconds, Ask> answers;
  std::multimap<Seconds, std::function<void()>> plans;
  std::vector<std::pair<Seconds, Ask>> asked;
  std::vector<std::string> log;
  std::map<OrderId, Seconds> ready;
  std::map<OrderId, std::pair<Seconds, std::string>> dead;
  std::map<OrderId, double> progress;
};

}  // namespace

// Each fault strikes a single server that needs 10 s a track; a good one must be there in time.
struct Fault {
  const char* name;
  std::function<void(World&)> strike;
  Seconds bound;
};
void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class EveryFault : public testing::TestWithParam<Fault> {};

TEST_P(EveryFault, EndsInAGoodTrackInTime) {
  World world;
  GetParam().strike(world);
  const OrderId id = world.order();
  const Seconds begun = world.now;
  EXPECT_TRUE(world.run_until_over(begun + 2000, id)) << world.dead[id].second;
  EXPECT_LE(world.ready[id] - begun, GetParam().bound);
  RecordProperty("seconds", static_cast<int>(world.ready[id] - begun));
  std::printf("  %-44s ready after %6.1f s (bound %g s), %d releases, %zu log lines\n",
              GetParam().name, world.ready[id] - begun, GetParam().bound, world.servers[0].releases,
              world.log.size());
  EXPECT_LE(world.log.size(), 12u);
}

INSTANTIATE_TEST_SUITE_P(
    Acestep, EveryFault,
    testing::Values(
        Fault{"none", [](World&) {}, 13},
        Fault{"no progress told (4 February)",
              [](World& w) { w.servers[0].tells_progress = false; }, 14},
        Fault{"one job fails",
              [](World& w) {
                w.servers[0].has_lm = false;
                w.servers[0].fail_next = 1;
              },
              40},
        Fault{"two jobs fail", [](World& w) { w.servers[0].fail_next = 2; }, 60},
        Fault{"no language model", [](World& w) { w.servers[0].has_lm = false; }, 28},
        Fault{"silence once", [](World& w) { w.servers[0].silent_next = 1; }, 32},
        Fault{"rejected by the audition", [](World& w) { w.reject_next = 1; }, 32},
        Fault{"fields it does not take", [](World& w) { w.servers[0].broken = true; }, 14},
        Fault{"queue full for 20 s",
              [](World& w) {
                w.servers[0].full = true;
                w.at(w.now + 20, [&w] { w.servers[0].full = false; });
              },
              55},
        Fault{"restart in mid-job, seen",
              [](World& w) {
                w.at(w.now + 5, [&w] {
                  w.servers[0].restart(w.now);
                  w.servers[0].up = false;
                });
                w.at(w.now + 25, [&w] { w.servers[0].up = true; });
              },
              75},
        Fault{"restart in mid-job, too quick to be seen",
              [](World& w) { w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); }); }, 40},
        Fault{"the same without progress told",
              [](World& w) {
                w.servers[0].tells_progress = false;
                w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); });
              },
              45},
        Fault{"restart while queued behind another",
              [](World& w) {
                w.servers[0].jobs["other"] = {};
                w.servers[0].line = {"other"};
                w.servers[0].total = 1;
                w.at(w.now + 5, [&w] { w.servers[0].restart(w.now); });
              },
              30},
        Fault{"no answer for 12 s",
              [](World& w) {
                w.at(w.now + 2, [&w] { w.servers[0].mute = true; });
                w.at(w.now + 14, [&w] { w.servers[0].mute = false; });
              },
              35},
        Fault{"said to be overdue, then done",
              [](World& w) {
                w.servers[0].overdue = true;
                w.servers[0].job_seconds = 40;
              },
              46},
        Fault{"loads at the first job only", [](World& w) { w.servers[0].loading = true; }, 45},
        Fault{"an order is answered without an end",
              [](World& w) { w.servers[0].bad_releases = 1; }, 35},
        Fault{"an order's answer is cut",
              [](World& w) {
                w.servers[0].bad_releases = 1;
                w.servers[0].bad_answer = {Kind::kCut, "Connection terminated unexpectedly"};
              },
              35},
        Fault{"an order's answer never comes",
              [](World& w) {
                w.servers[0].bad_releases = 1;
                w.servers[0].bad_answer = {Kind::kTimeout, "no answer in time"};
              },
              40},
        Fault{"a poll is answered without an end", [](World& w) { w.servers[0].bad_queries = 1; },
              20},
        Fault{"two polls are text",
              [](World& w) {
                w.servers[0].bad_queries = 2;
                w.servers[0].bad_answer = {Kind::kBroken, "HTTP 500 Internal Server Error"};
              },
              25},
        Fault{"a download leads elsewhere",
              [](World& w) {
                w.servers[0].bad_fetches = 1;
                w.servers[0].bad_answer = {Kind::kUnsafe, "it sends us elsewhere: http://x/"};
              },
              32},
        Fault{"a download is cut once",
              [](World& w) {
                w.servers[0].bad_fetches = 1;
                w.servers[0].bad_answer = {Kind::kCut, "ended after 5 of 10 bytes"};
              },
              16},
        Fault{"a download is refused with 403",
              [](World& w) {
                w.servers[0].bad_fetches = 1;
                w.servers[0].bad_answer = {Kind::kRejected, "HTTP 403 Access denied"};
              },
              32},
        Fault{"its audio is gone once",
              [](World& w) {
                w.servers[0].has_audio = false;
                w.at(w.now + 14, [&w] { w.servers[0].has_audio = true; });
              },
              40}));

// What is asked when something went wrong: no sooner than it may help, and no oftener.
TEST(Acestep, EachFailureIsAnsweredAtItsTime) {
  const auto gaps = [](const World& world, Ask::Kind kind) {
    std::vector<Seconds> out;
    const auto times = world.times_of(kind);
    for (std::size_t i = 1; i < times.size(); ++i) out.push_back(times[i] - times[i - 1]);
    return out;
  };
  {
    SCOPED_TRACE("a forgotten task is looked for twice, 2 s apart, and ordered again at once");
    World world;
    world.at(world.now + 5, [&] { world.servers[0].restart(world.now); });
    world.servers[0].jobs["other"] = {};
    world.servers[0].line = {"other"};
    world.servers[0].total = 1;
    ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
    const auto orders = world.times_of(Ask::Kind::kRelease);
    ASSERT_EQ(orders.size(), 2u);
    std::vector<Seconds> polls = world.times_of(Ask::Kind::kQuery);
    std::erase_if(polls, [&](Seconds t) { return t < 1005 || t > orders[1]; });
    ASSERT_GE(polls.size(), 2u);
    EXPECT_GE(polls[1] - polls[0], 2);
    EXPECT_LE(orders[1] - polls[1], 0.1);
  }
  {
    SCOPED_TRACE("a failed job is ordered again after a pause that grows");
    World world;
    world.servers[0].has_lm = false;
    world.servers[0].fail_next = 3;
    world.run_until_over(world.now + 300, world.order());
    const auto pauses = gaps(world, Ask::Kind::kRelease);
    ASSERT_GE(pauses.size(), 2u);
    EXPECT_GE(pauses.back(), 10 + 1.5) << "the job's own time, then a pause";
  }
  {
    SCOPED_TRACE("a full queue is tried after 5 s and then ever later");
    World world;
    world.servers[0].full = true;
    world.order();
    world.run(world.now + 120);
    const auto pauses = gaps(world, Ask::Kind::kRelease);
    ASSERT_GE(pauses.size(), 3u);
    EXPECT_GE(pauses.front(), 3.7);
    EXPECT_GT(pauses.back(), 2 * pauses.front());
    EXPECT_LE(*std::ranges::max_element(pauses), 75);
  }
  {
    SCOPED_TRACE("a server that is down is asked after 2 s and then up to 30 s apart");
    World world;
    world.order();
    world.run(world.now + 3);
    world.servers[0].up = false;
    world.run(world.now + 300);
    const auto pauses = gaps(world, Ask::Kind::kHealth);
    ASSERT_GE(pauses.size(), 6u);
    EXPECT_LE(*std::ranges::max_element(pauses), 40);
    EXPECT_GE(pauses.back(), 20);
  }
  {
    SCOPED_TRACE("a wrong key is not asked again for a minute, and nothing is ordered");
    World world;
    world.servers[0].needs_key = true;
    world.order();
    world.run(world.now + 200);
    const auto pauses = gaps(world, Ask::Kind::kStats);
    ASSERT_GE(pauses.size(), 2u);
    EXPECT_GE(*std::ranges::min_element(pauses), 59);
    EXPECT_TRUE(world.times_of(Ask::Kind::kRelease).empty());
  }
}

TEST(Acestep, AHealthyServerIsAskedInTheRightOrderAndSeldom) {
  World world;
  world.servers[0].job_seconds = 60;
  const OrderId id = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 200, id));
  std::vector<Ask::Kind> first;
  for (const auto& [when, ask] : world.asked)
    if (first.size() < 4) first.push_back(ask.kind);
  EXPECT_EQ(first, (std::vector{Ask::Kind::kHealth, Ask::Kind::kStats, Ask::Kind::kModels,
                                Ask::Kind::kRelease}));
  const auto polls = world.times_of(Ask::Kind::kQuery);
  for (std::size_t i = 1; i < polls.size(); ++i) {
    EXPECT_LE(polls[i] - polls[i - 1], 4.1);
    EXPECT_GE(polls[i] - polls[i - 1], 0.9);
  }
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_EQ(world.log.size(), 1u) << world.log.back();
  EXPECT_TRUE(world.logged("http://gpu0 is HEALTHY"));
}

TEST(Acestep, AnIdlePoolHardlyAsks) {
  World world;
  world.run(world.now + 3600);
  EXPECT_LE(world.asked.size(), 125u);
}

TEST(Acestep, ItsSpeedIsLearntFromTracksAlone) {
  World world;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(world.run_until_over(world.now + 100, world.order(60)));
  const double speed = world.mind->servers(world.now)[0].seconds_per_second;
  EXPECT_NEAR(speed, 10.0 / 60, 0.06);
}

TEST(Acestep, ADeadServerIsReportedAtOnceWithItsReason) {
  World world;
  world.servers[0].up = false;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LT(world.dead[id].first, 1000.1);
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is DOWN: Connection refused");
  world.run(world.now + 300);
  const auto probes = world.times_of(Ask::Kind::kHealth);
  EXPECT_LE(probes.size(), 18u);
  EXPECT_LE(world.log.size(), 1u);
  // A new order asks again at once, and plays when the server is back.
  world.servers[0].up = true;
  EXPECT_TRUE(world.run_until_over(world.now + 20, world.order()));
}

TEST(Acestep, AWrongKeyIsReportedAndNotTried) {
  World world;
  world.servers[0].needs_key = true;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is NEEDS_KEY: HTTP 401 Invalid API key");
  EXPECT_EQ(world.servers[0].releases, 0);
  EXPECT_EQ(world.mind->servers(world.now)[0].state, ServerState::kNeedsKey);
  world.run(world.now + 600);
  EXPECT_LE(world.times_of(Ask::Kind::kStats).size(), 12u);
}

TEST(Acestep, AKeyThatDoesNotOpenTheDownloadsIsNamedAtOnce) {
  World world;
  world.servers[0].locks_audio = true;
  const OrderId id = world.order();
  world.run_until_over(world.now + 100, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LT(world.dead[id].first, 1000 + 10 + 5) << "the server's work, a poll and a breath";
  const std::string why = "its tracks cannot be fetched: HTTP 401 Invalid API key";
  EXPECT_EQ(world.dead[id].second, "http://gpu0 is NEEDS_KEY: " + why);
  // Its figures can be had all the same, and do not make it healthy.
  world.run(world.now + 40);
  EXPECT_EQ(world.mind->servers(world.now)[0].state, ServerState::kNeedsKey);
  EXPECT_EQ(world.mind->servers(world.now)[0].reason, why);

  // The card does not work for nothing, and the log has a line now and then.
  for (int i = 0; i < 120; ++i) {
    world.order();
    world.run(world.now + 30);
  }
  EXPECT_LE(world.servers[0].releases, 2);
  EXPECT_LE(std::ranges::count_if(
                world.log, [](const auto& line) { return line.find("NEEDS_KEY") != line.npos; }),
            12);

  // Put right, the track that waits there is had without further work.
  const int releases = world.servers[0].releases;
  world.servers[0].locks_audio = false;
  const Seconds right = world.now;
  while (world.ready.empty() && world.now < right + 1000) {
    world.order();
    world.run(world.now + 30);
  }
  ASSERT_FALSE(world.ready.empty());
  EXPECT_LE(world.ready.begin()->second - right, 640);
  EXPECT_LE(world.servers[0].releases, releases + 1);
}

TEST(Acestep, WhenOneOfTwoLocksItsDownloadsTheOtherMakesTheTrack) {
  World world(2);
  world.servers[0].locks_audio = true;
  world.servers[1].job_seconds = 15;
  for (int i = 0; i < 6; ++i) {
    const OrderId id = world.order();
    ASSERT_TRUE(world.run_until_over(world.now + 100, id)) << i;
    EXPECT_TRUE(world.ready.contains(id)) << i;
  }
}

TEST(Acestep, AServerThatWantedAKeyForAWhileIsNotSuspectedOfItsOldJobs) {
  World world;
  world.servers[0].job_seconds = 3;
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  world.order();
  world.order();
  world.run(world.now + 1);
  world.servers[0].needs_key = true;
  world.run(world.now + 90);
  EXPECT_EQ(world.mind->servers(world.now)[0].reason, "HTTP 401 Invalid API key");
  world.servers[0].needs_key = false;
  const OrderId id = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 20, id));
  EXPECT_TRUE(world.ready.contains(id));
  EXPECT_FALSE(world.logged("SUSPECT"));
}

TEST(Acestep, AJobThatIsLateDoesNotTalkOverWhyItsServerIsDown) {
  World world;
  world.servers[0].job_seconds = 1;
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  world.servers[0].job_seconds = 50;
  world.order();
  world.run(world.now + 10);
  world.servers[0].up = false;
  bool late = false;
  for (int i = 0; i < 2000; ++i) {
    world.run(world.now + 0.1);
    const ServerView view = world.mind->servers(world.now)[0];
    late = late || view.last_error.starts_with("not finished after");
    if (view.state == ServerState::kDown) {
      ASSERT_EQ(view.reason, "Connection refused") << world.now;
    }
  }
  EXPECT_TRUE(late);
}

TEST(Job, HeldByAWorkerWhileTheCardIsBusyWithAnotherIsNeitherStuckNorSlow) {
  Job job(0, {.run = 100, .queue = 100});
  job.server_load(false, 2);
  TaskState state{.task_id = "a", .phase = Phase::kRunning, .progress = 0.01, .stage = "running"};
  for (Seconds now = 1; now < 200; now += 4)
    ASSERT_EQ(job.heard(now, state), Job::Verdict::kWait) << now;
  EXPECT_FALSE(job.started());
  state.progress = 0.1;
  state.stage = "Phase 1";
  EXPECT_EQ(job.heard(201, state), Job::Verdict::kWait);
  EXPECT_EQ(job.started(), 201);
  EXPECT_EQ(job.longest_gap(), 0);
}

TEST(Job, HungBeforeItsFirstStepIsStuckWhereNoOtherRuns) {
  Job job(0, {});
  job.server_load(false, 1);
  const TaskState state{
      .task_id = "a", .phase = Phase::kRunning, .progress = 0.01, .stage = "running"};
  Seconds now = 1;
  while (now < 500 && job.heard(now, state) == Job::Verdict::kWait) now += 4;
  EXPECT_LE(now, 130);
}

TEST(Acestep, TheFailureThatMakesAServerSuspectIsSaidOnce) {
  World world;
  world.servers[0].has_lm = false;
  ASSERT_TRUE(world.run_until_over(world.now + 200, world.order()));
  world.log.clear();
  world.servers[0].fail_next = 3;
  world.run_until_over(world.now + 200, world.order());
  ASSERT_EQ(world.log.size(), 3u);
  EXPECT_EQ(world.log[0], "http://gpu0: the job failed; the server gives no reason");
  EXPECT_EQ(world.log[1], world.log[0]);
  EXPECT_EQ(world.log[2],
            "http://gpu0 is SUSPECT: 3 jobs in a row: the job failed; the server gives no reason");
}

TEST(Acestep, WhatItsLanguageModelLacksIsSaidOnce) {
  World world;
  world.servers[0].has_lm = false;
  const OrderId one = world.order();
  const OrderId two = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 200, one));
  ASSERT_TRUE(world.run_until_over(world.now + 200, two));
  EXPECT_EQ(
      std::ranges::count_if(
          world.log, [](const auto& line) { return line.find("language model") != line.npos; }),
      1);
}

TEST(Acestep, AHungServerIsLeftAloneUntilItProvesItself) {
  World world;
  world.servers[0].job_seconds = 20;
  ASSERT_TRUE(world.run_until_over(world.now + 60, world.order()));
  world.servers[0].hung = true;
  const OrderId id = world.order();
  const Seconds begun = world.now;
  world.run_until_over(begun + 900, id);
  ASSERT_TRUE(world.dead.contains(id));
  EXPECT_LE(world.dead[id].first - begun, 450);
  EXPECT_EQ(world.mind->servers(world.now)[0].state, ServerState::kSuspect);
  EXPECT_TRUE(world.logged("SUSPECT"));
  const int before = world.servers[0].releases;
  for (int i = 0; i < 20; ++i) {
    world.run_until_over(world.now + 900, world.order());
    world.run(world.now + 5);
  }
  EXPECT_LE(world.servers[0].releases - before, 30) << "a hung server was flooded";
  world.servers[0].restart(world.now);
  world.run(world.now + 40);
  EXPECT_TRUE(world.run_until_over(world.now + 60, world.order()));
  EXPECT_EQ(world.mind->servers(world.now)[0].state, ServerState::kHealthy);
}

TEST(Acestep, AServerThatFailsEverythingIsNotFlooded) {
  World world;
  world.servers[0].fail_next = 100000;
  world.servers[0].job_seconds = 0.2;
  const Seconds begun = world.now;
  while (world.now < begun + 3600) {
    world.run_until_over(world.now + 900, world.order());
    world.run(world.now + 10);
  }
  EXPECT_LE(world.servers[0].releases, 120);
  EXPECT_LE(world.log.size(), 300u);
}

TEST(Acestep, AtMostTwoJobsAreOpenAtAServer) {
  World world;
  world.servers[0].job_seconds = 30;
  std::vector<OrderId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(world.order());
  const Seconds end = world.now + 400;
  while (world.now < end && world.ready.size() < ids.size()) {
    world.run(world.now + 1);
    EXPECT_LE(world.servers[0].line.size(), 2u);
  }
  EXPECT_EQ(world.ready.size(), ids.size());
}

TEST(Acestep, APoolGivesTheWorkToTheFasterServer) {
  World world(2);
  world.servers[0].job_seconds = 5;
  world.servers[1].job_seconds = 50;
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(world.run_until_over(world.now + 300, world.order()));
  EXPECT_GT(world.servers[0].releases, 3 * world.servers[1].releases);
}

TEST(Acestep, WhenOneOfTwoDiesTheOtherMakesTheTrack) {
  World world(2);
  world.servers[0].job_seconds = world.servers[1].job_seconds = 20;
  const OrderId first = world.order();
  world.run(world.now + 5);
  FakeServer& busy = world.servers[0].releases > 0 ? world.servers[0] : world.servers[1];
  busy.restart(world.now);
  busy.up = false;
  const Seconds died = world.now;
  ASSERT_TRUE(world.run_until_over(world.now + 200, first));
  EXPECT_LE(world.ready[first] - died, 40);
}

TEST(Acestep, AnAbandonedJobServesTheNextOrderOfItsKind) {
  World world;
  world.servers[0].job_seconds = 30;
  const OrderId first = world.order();
  world.run(world.now + 20);
  world.mind->abandon(first);
  world.run(world.now + 2);
  const Seconds asked = world.now;
  const OrderId second = world.order(62);
  ASSERT_TRUE(world.run_until_over(world.now + 100, second));
  EXPECT_EQ(world.servers[0].releases, 1);
  EXPECT_LE(world.ready[second] - asked, 13);
}

TEST(Acestep, JobsOutliveOurOwnRestart) {
  World world;
  world.servers[0].job_seconds = 30;
  world.order();
  world.run(world.now + 10);
  const auto kept = world.mind->kept(world.now);
  ASSERT_EQ(kept.size(), 1u);

  world.mind =
      std::make_unique<Acestep>(std::vector<std::string>{"http://gpu0"}, 2, Acestep::Limits{});
  world.answers.clear();
  world.ready.clear();
  world.mind->restore(world.now, kept);
  const OrderId again = world.order();
  ASSERT_TRUE(world.run_until_over(world.now + 100, again));
  EXPECT_EQ(world.servers[0].releases, 1);

  // One that the server has forgotten meanwhile is asked for anew.
  world.mind =
      std::make_unique<Acestep>(std::vector<std::string>{"http://gpu0"}, 3, Acestep::Limits{});
  world.answers.clear();
  world.ready.clear();
  world.mind->restore(world.now,
                      {{"http://gpu0", "never-heard-of", kept[0].wish, kept[0].task, 60}});
  ASSERT_TRUE(world.run_until_over(world.now + 100, world.order()));
  EXPECT_EQ(world.servers[0].releases, 2);
}

TEST(Acestep, AFetchThatIsNoLongerWantedIsCancelled) {
  World world;
  world.servers[0].job_seconds = 1;
  const OrderId id = world.order();
  std::uint64_t fetch = 0;
  for (int i = 0; i < 200 && fetch == 0; ++i) {
    world.run(world.now + 0.01);
    for (const auto& [when, ask] : world.asked)
      if (ask.kind == Ask::Kind::kFetch) fetch = ask.serial;
  }
  ASSERT_NE(fetch, 0u);
  if (!world.ready.contains(id)) {
    world.mind->abandon(id);
    bool cancelled = false;
    for (const auto& news : world.mind->step(world.now))
      if (auto* cancel = std::get_if<Cancel>(&news)) cancelled = cancel->serial == fetch;
    EXPECT_TRUE(cancelled);
  }
}

TEST(Acestep, ChaosOfADayNeverSticks) {
  // A fault every few minutes, drawn from a seed; each order ends within its patience.
  infinara::music::Dice dice(11);
  World world(2);
  int made = 0, failed = 0;
  const Seconds end = world.now + 24 * 3600;
  while (world.now < end) {
    FakeServer& server = world.servers[dice.below(2)];
    switch (dice.below(10)) {
      case 0:
        server.restart(world.now);
        break;
      case 1:
        server.restart(world.now);
        server.up = false;
        break;
      case 2:
        server.hung = true;
        break;
      case 3:
        server.mute = true;
        break;
      case 4:
        server.fail_next = 2;
        break;
      case 5:
        server.silent_next = 1;
        break;
      case 6:
        server.full = !server.full;
        break;
      case 7:
        server.needs_key = !server.needs_key;
        break;
      case 8:
        world.reject_next = 1;
        break;
      default: {
        const int jobs = server.releases;
        server.restart(world.now);
        server = FakeServer{};
        server.releases = jobs;
      }
    }
    const OrderId id = world.order();
    const Seconds begun = world.now;
    const bool good = world.run_until_over(begun + 1000, id);
    ASSERT_TRUE(good || world.dead.contains(id)) << "order " << id << " has no end";
    (good ? made : failed) += 1;
    world.run(world.now + 20);
  }
  std::printf("  a day of faults: %d tracks, %d given up, %zu log lines\n", made, failed,
              world.log.size());
  EXPECT_GT(made, 300);
  EXPECT_LE(world.log.size(), 2u * static_cast<unsigned>(made + failed));
}

TEST(Planner, EachTrackMixesWithTheOneBefore) {
  using infinara::music::find_genre;
  using infinara::music::keys_mix;
  using infinara::music::parse_key;
  Planner planner(4);
  Wish wish;
  wish.genre = "jazz";
  Task last = planner.plan(wish);
  for (int i = 0; i < 300; ++i) {
    const Task task = planner.plan(wish);
    EXPECT_NE(task.prompt, last.prompt);
    EXPECT_TRUE(keys_mix(*parse_key(last.key), *parse_key(task.key)));
    EXPECT_LE(std::abs(task.bpm - last.bpm), last.bpm * 0.04);
    const double bars = task.duration * task.bpm / 240;
    EXPECT_NEAR(bars, std::round(bars), 0.01);
    EXPECT_TRUE(task.lyrics.starts_with("[Instrumental]\n\n[Intro"));
    EXPECT_GE(task.seed, 0);
    last = task;
  }
}

TEST(Planner, WhatThePersonSaysIsMeant) {
  Planner planner(4);
  Wish wish;
  wish.prompt = "warm jazz trio";
  wish.bpm = 96;
  wish.key = "F major";
  wish.duration = 60;
  wish.seed = 42;
  const Task task = planner.plan(wish);
  EXPECT_EQ(task.prompt, "warm jazz trio");
  EXPECT_EQ(task.bpm, 96);
  EXPECT_EQ(task.key, "F major");
  EXPECT_EQ(task.seed, 42);
  EXPECT_DOUBLE_EQ(task.duration, 60);
  Task base = task;
  suit_model(base, wish, "acestep-v15-base");
  EXPECT_EQ(base.steps, 50);
  EXPECT_EQ(base.shift, 1);
  Task turbo = task;
  suit_model(turbo, wish, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 8);
  EXPECT_EQ(turbo.shift, 3);
  wish.steps = 65;
  suit_model(turbo, wish, "acestep-v15-turbo");
  EXPECT_EQ(turbo.steps, 65);
}

// SPDX-License-Identifier: Apache-2.0
// A pool of simulated servers and the client's book before it, in simulated time: no clock, no
// socket.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "remote/acestep/order_book.hpp"

namespace infinara::remote {

/// One queue, one worker, no mercy: as ACE-Step does it.
struct FakeServer {
  using Kind = Error::Kind;
  using Phase = TaskState::Phase;
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
  Error bad_answer{Kind::kUnsafe, "the answer is over 1048576 bytes"};
  int silent_next = 0;
  Models models{"acestep-v15-turbo", {}, {}};
  std::string plays = "turbo";  // said of each result
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
  /// Stops as by SIGSTOP, from `since` until now.
  void was_stopped(Seconds since, Seconds now) {
    mute = false;
    for (auto& [id, job] : jobs)
      if (job.begun >= 0 && job.at_freeze < 1) job.begun += now - since;
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
      if (job.end == Phase::kSucceeded) out.songs = {{job.silent ? "" : "/v1/" + id, plays}};
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
  Response answer(const Request& ask, Seconds now) {
    if (!mute) advance(now);
    if (!up) return Error{Kind::kRefused, "Connection refused"};
    if (mute) return Error{Kind::kTimeout, "no answer"};
    if (ask.kind == Request::Kind::kHealth) return Health{!loading, std::nullopt};
    if (ask.kind == Request::Kind::kModels) return models;
    if (needs_key) return Error{Kind::kUnauthorized, "HTTP 401 Invalid API key"};
    switch (ask.kind) {
      case Request::Kind::kStats: {
        const int busy = line.empty() ? 0 : 1;
        return Stats{total, busy, static_cast<int>(line.size()) - busy, 200, ended, 5};
      }
      case Request::Kind::kRelease: {
        ++releases;
        if (full) return Error{Kind::kBusy, "HTTP 429"};
        if (broken && !ask.plain) return Error{Kind::kBroken, "HTTP 500"};
        const std::string id = "task-" + std::to_string(releases);
        Made job;
        if (fail_next > 0 || (ask.task.thinking && !has_lm)) job.end = Phase::kFailed;
        if (fail_next > 0) --fail_next;
        job.silent = silent_next > 0;
        if (silent_next > 0) --silent_next;
        jobs[id] = job;
        line.push_back(id);
        ++total;
        loading = false;
        advance(now);
        if (bad_releases > 0 && bad_releases-- > 0) return bad_answer;
        return Released{id};
      }
      case Request::Kind::kQuery: {
        ++queries;
        if (bad_queries > 0 && bad_queries-- > 0) return bad_answer;
        std::vector<TaskState> out;
        for (const auto& id : ask.task_ids) out.push_back(state(id, now));
        return out;
      }
      default:
        if (bad_fetches > 0 && bad_fetches-- > 0) return bad_answer;
        if (locks_audio) return Error{Kind::kUnauthorized, "HTTP 401 Invalid API key"};
        if (!has_audio) return Error{Kind::kNotFound, "HTTP 404 Audio file not found"};
        return Fetched{};
    }
  }
};

/// `count` servers that answer after 20 ms, the client before them, and all that it said.
struct World {
  explicit World(std::size_t count = 1, OrderBook::Limits limits = {}) : servers(count) {
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < count; ++i) urls.push_back("http://gpu" + std::to_string(i));
    book = std::make_unique<OrderBook>(urls, 1, limits);
  }

  void at(Seconds when, std::function<void()> what) { plans.emplace(when, std::move(what)); }

  OrderId order(double duration = 60, const std::string& model = "") {
    TrackRequest wanted;
    wanted.genre = "jazz";
    wanted.duration = duration;
    wanted.model = model;
    return book->order(now, wanted);
  }

  // Runs until `done` or `end`.
  void run(
      Seconds end, const std::function<bool()>& done = [] { return false; }) {
    for (int guard = 0; now < end && !done(); ++guard) {
      ASSERT_LT(guard, 20000) << "spins";
      for (auto& event : book->step(now)) take(event);
      if (done()) return;
      Seconds next = std::min(book->wake(now), end);
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
        const Request ask = answers.begin()->second;
        answers.erase(answers.begin());
        book->reply(now, ask.serial, servers[ask.server].answer(ask, now));
      }
    }
  }
  bool run_until_over(Seconds end, OrderId id) {
    run(end, [&] { return ready.contains(id) || dead.contains(id); });
    return ready.contains(id);
  }

  void take(Event& event) {
    if (auto* ask = std::get_if<Request>(&event)) {
      asked.push_back({now, *ask});
      const auto& server = servers[ask->server];
      answers.emplace(now + (server.mute && server.up ? ask->timeout : 0.02), *ask);
    } else if (auto* line = std::get_if<LogLine>(&event)) {
      log.push_back(line->text);
    } else if (auto* arrived = std::get_if<Arrived>(&event)) {
      const bool good = reject_next == 0;
      if (good)
        ready[arrived->order] = now;
      else
        --reject_next;
      book->outcome(now, arrived->order, good, "silent for 30 s");
    } else if (auto* gave_up = std::get_if<GaveUp>(&event)) {
      dead[gave_up->order] = {now, gave_up->reason};
      if (gave_up->for_want_of_a_key) want_a_key.insert(gave_up->order);
    } else if (auto* progressed = std::get_if<Progressed>(&event)) {
      progress[progressed->order] = progressed->progress;
    }
  }
  std::vector<Seconds> times_of(Request::Kind kind) const {
    std::vector<Seconds> out;
    for (const auto& [when, ask] : asked)
      if (ask.kind == kind) out.push_back(when);
    return out;
  }
  ServerView view(std::size_t server = 0) const { return book->servers(now)[server]; }
  std::vector<Task> ordered() const {
    std::vector<Task> out;
    for (const auto& [when, ask] : asked)
      if (ask.kind == Request::Kind::kRelease) out.push_back(ask.task);
    return out;
  }
  bool logged(const std::string& words) const {
    return std::ranges::any_of(
        log, [&](const auto& line) { return line.find(words) != std::string::npos; });
  }

  std::unique_ptr<OrderBook> book;
  std::vector<FakeServer> servers;
  Seconds now = 1000;
  int spins = 0;
  int reject_next = 0;
  std::multimap<Seconds, Request> answers;
  std::multimap<Seconds, std::function<void()>> plans;
  std::vector<std::pair<Seconds, Request>> asked;
  std::vector<std::string> log;
  std::map<OrderId, Seconds> ready;
  std::map<OrderId, std::pair<Seconds, std::string>> dead;
  std::set<OrderId> want_a_key;  // of the dead
  std::map<OrderId, double> progress;
};

}  // namespace infinara::remote

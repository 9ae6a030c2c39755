// SPDX-License-Identifier: Apache-2.0
#include "remote/simulation.hpp"

#include <algorithm>
#include <variant>

namespace infinara::remote {

void FakeServer::advance(Seconds now) {
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

void FakeServer::restart(Seconds now) {
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

void FakeServer::was_stopped(Seconds since, Seconds now) {
  mute = false;
  for (auto& [id, job] : jobs)
    if (job.begun >= 0 && job.at_freeze < 1) job.begun += now - since;
}

double FakeServer::progress(const Made& job, Seconds now) const {
  return job.frozen ? job.at_freeze : std::min(0.79, (now - job.begun) / job_seconds);
}

TaskState FakeServer::state(const std::string& id, Seconds now) {
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

Response FakeServer::answer(const Request& ask, Seconds now) {
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

World::World(std::size_t count, OrderBook::Limits limits) : servers(count) {
  std::vector<std::string> urls;
  for (std::size_t i = 0; i < count; ++i) urls.push_back("http://gpu" + std::to_string(i));
  book = std::make_unique<OrderBook>(urls, 1, limits);
}

OrderId World::order(double duration, const std::string& model) {
  TrackRequest wanted;
  wanted.genre = "jazz";
  wanted.duration = duration;
  wanted.model = model;
  return book->order(now, wanted);
}

void World::run(Seconds end, const std::function<bool()>& done) {
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

bool World::run_until_over(Seconds end, OrderId id) {
  run(end, [&] { return ready.contains(id) || dead.contains(id); });
  return ready.contains(id);
}

void World::take(Event& event) {
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

std::vector<Seconds> World::times_of(Request::Kind kind) const {
  std::vector<Seconds> out;
  for (const auto& [when, ask] : asked)
    if (ask.kind == kind) out.push_back(when);
  return out;
}

std::vector<Task> World::ordered() const {
  std::vector<Task> out;
  for (const auto& [when, ask] : asked)
    if (ask.kind == Request::Kind::kRelease) out.push_back(ask.task);
  return out;
}

bool World::logged(const std::string& words) const {
  return std::ranges::any_of(
      log, [&](const auto& line) { return line.find(words) != std::string::npos; });
}

}  // namespace infinara::remote

// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/order_book.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace infinara::remote {
namespace {

constexpr Seconds kLastWord = 12;
constexpr Seconds kCalm = 120;  // without a full queue, until the log says that it is free

std::string seconds(Seconds x) {
  const auto tenths = static_cast<long long>(std::llround(x * 10));
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

OrderBook::OrderBook(std::vector<std::string> servers, std::uint64_t seed, Limits limits)
    : urls_(std::move(servers)),
      limits_(limits),
      random_(seed),
      planner_(random_.next()),
      servers_(urls_.size()),
      told_states_(urls_.size(), ServerState::kLoading),
      last_busy_(urls_.size(), 0),
      seen_deaths_(urls_.size(), 0),
      silent_since_(urls_.size()),
      told_slow_(urls_.size(), false) {}

OrderId OrderBook::order(Seconds now, TrackRequest wanted) {
  const OrderId id = next_order_++;
  Order order;
  order.task = planner_.plan(wanted);
  order.wanted = std::move(wanted);
  order.placed = now;
  order.not_before = now;
  orders_.emplace(id, std::move(order));
  for (Server& server : servers_) server.nudge(now);
  return id;
}

void OrderBook::abandon(OrderId id) {
  const auto found = orders_.find(id);
  if (found == orders_.end()) return;
  for (auto& [serial, ask] : pending_)
    if (ask.order == id && ask.kind == Request::Kind::kFetch) events_.emplace_back(Cancel{serial});
  std::erase_if(pending_, [&](const auto& x) {
    return x.second.order == id && x.second.kind == Request::Kind::kFetch;
  });
  // There is no way to cancel a job, so it goes on for whoever wants its like.
  if (found->second.stage == Stage::kVerifying)
    jobs_.erase(found->second.job);
  else
    jobs_.leave(found->second.job);
  orders_.erase(found);
}

void OrderBook::hang_up() {
  while (!orders_.empty()) abandon(orders_.begin()->first);
  pending_.clear();
  events_.clear();
}

void OrderBook::outcome(Seconds now, OrderId id, bool good, const std::string& reason) {
  const auto found = orders_.find(id);
  if (found == orders_.end() || found->second.stage != Stage::kVerifying) return;
  Order& order = found->second;
  if (good) {
    last_prompt_ = order.task.prompt;
    jobs_.erase(order.job);
    orders_.erase(found);
    return;
  }
  if (auto* job = jobs_.find(order.job); job != nullptr && job->songs.size() > 1) {
    job->songs.erase(job->songs.begin());
    order.stage = Stage::kFetching;
    order.fetches = 0;
    order.not_before = now;
    return;
  }
  blame(now, order.server, "a track was rejected: " + reason);
  retry(now, id, "a track was rejected: " + reason, true);
}

void OrderBook::send(Request ask) {
  ask.serial = next_serial_++;
  pending_.emplace(ask.serial, ask);
  events_.emplace_back(std::move(ask));
}

bool OrderBook::is_asking(std::size_t server, Request::Kind kind) const {
  return std::ranges::any_of(
      pending_, [&](const auto& x) { return x.second.server == server && x.second.kind == kind; });
}

bool OrderBook::is_probing(std::size_t server) const {
  return is_asking(server, Request::Kind::kHealth) || is_asking(server, Request::Kind::kStats) ||
         is_asking(server, Request::Kind::kModels);
}

int OrderBook::open_jobs(std::size_t server) const {
  const auto coming = std::ranges::count_if(pending_, [&](const auto& x) {
    return x.second.server == server && x.second.kind == Request::Kind::kRelease;
  });
  return jobs_.running(server) + static_cast<int>(coming);
}

std::vector<Event> OrderBook::step(Seconds now) {
  probe(now);
  poll(now);
  watch(now);
  notice_states(now);  // before whoever would pass it on has been told to give up
  std::vector<OrderId> ids;
  for (const auto& [id, order] : orders_) ids.push_back(id);
  for (const OrderId id : ids)
    if (const auto found = orders_.find(id); found != orders_.end())
      dispatch(now, id, found->second);
  return std::exchange(events_, {});
}

Seconds OrderBook::wake(Seconds now) const {
  Seconds at = now + 30;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!is_probing(i)) at = std::min(at, servers_[i].due(any_open()).at);
    if (any_open() && servers_[i].patience_until() > now)
      at = std::min(at, servers_[i].patience_until());
    if (may_poll(now, i)) at = std::min(at, jobs_.next_poll(i).value_or(at));
    if (const auto late = jobs_.late_at(i); late && !silent_since_[i])
      at = std::min(at, *late + (is_asking(i, Request::Kind::kQuery) ? kLastWord : 0));
  }
  for (const auto& [id, order] : orders_) {
    at = std::min(at, patience_of(order));
    if (order.not_before > now) at = std::min(at, order.not_before);
    if (order.hopeless_since)
      for (const Seconds limit : {limits_.outage, limits_.silence})
        if (*order.hopeless_since + limit > now) at = std::min(at, *order.hopeless_since + limit);
  }
  return std::max(at, now);
}

void OrderBook::probe(Seconds now) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (is_probing(i)) continue;
    const Server::Due due = servers_[i].due(any_open());
    if (due.at > now) continue;
    const auto kind = due.probe == Server::Probe::kHealth  ? Request::Kind::kHealth
                      : due.probe == Server::Probe::kStats ? Request::Kind::kStats
                                                           : Request::Kind::kModels;
    send({.server = i, .kind = kind, .timeout = 5});
  }
}

bool OrderBook::may_poll(Seconds now, std::size_t i) const {
  const ServerState state = servers_[i].state(now);
  return state != ServerState::kDown && state != ServerState::kNeedsKey &&
         !servers_[i].is_unknown() && !is_asking(i, Request::Kind::kQuery);
}

void OrderBook::poll(Seconds now) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (!may_poll(now, i)) continue;
    if (const auto due = jobs_.next_poll(i); due && *due <= now)
      send({.server = i,
            .kind = Request::Kind::kQuery,
            .timeout = 10,
            .task_ids = jobs_.running_ids(i)});
  }
}

// What happens while nothing is heard: deadlines, deaths, old leftovers.
void OrderBook::watch(Seconds now) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].deaths() == seen_deaths_[i]) continue;
    seen_deaths_[i] = servers_[i].deaths();
    jobs_.died(i);
  }
  for (const auto& key : jobs_.late(now)) {
    const JobTable::Entry& open = *jobs_.find(key);
    // A server that was stopped goes on where it was.
    if (silent_since_[open.server] && now < *silent_since_[open.server] + kLongestTask) continue;
    // Of a server that could not be asked meanwhile, the answer may be a better one.
    if (now < open.job.late_at() + kLastWord && is_asking(open.server, Request::Kind::kQuery))
      continue;
    judged(now, key, nullptr, Job::Outcome::kLate);
  }
  notice_standstills(now);
  jobs_.expire(now);
}

// A job that stands still may hang: its server is not called healthy meanwhile.
void OrderBook::notice_standstills(Seconds now) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].doubt(silent_since_[i] ? "" : jobs_.standstill(now, i));
    const bool slow = pace_of(now, i) > 1;
    if (slow && !told_slow_[i]) tell(true, urls_[i] + ": " + note_of(now, i));
    told_slow_[i] = slow;
  }
}

// Seconds of work for one of music: as measured, or what a task that runs has needed already.
double OrderBook::pace_of(Seconds now, std::size_t i) const {
  const double measured = servers_[i].seconds_per_second().value_or(0);
  return silent_since_[i] ? measured : std::max(measured, jobs_.pace(now, i));
}

std::string OrderBook::note_of(Seconds now, std::size_t i) const {
  std::string note = servers_[i].other_model();
  if (const double pace = pace_of(now, i); pace > 1) {
    const auto tenths = static_cast<long long>(std::floor(pace * 10));
    if (!note.empty()) note += "; ";
    note += "slower than real time, measured " + std::to_string(tenths / 10) + "." +
            std::to_string(tenths % 10) +
            " x; on a small card its settings ACESTEP_OFFLOAD_TO_CPU=true and "
            "ACESTEP_OFFLOAD_DIT_TO_CPU=true may help";
  }
  return note;
}

// Until when an order waits for its track: longer if the one being made still moves.
Seconds OrderBook::patience_of(const Order& order) const {
  Seconds until = std::max(order.placed + limits_.patience, order.patience_until);
  const auto* job = jobs_.find(order.job);
  if (order.stage == Stage::kWaiting && job != nullptr && !job->is_finished())
    until = std::max(until, job->job.late_at());
  return until;
}

void OrderBook::dispatch(Seconds now, OrderId id, Order& order) {
  // Compared as wake() computes it: rounded differently, it would be woken for nothing for ever.
  if (now >= patience_of(order))
    return give_up({.order = id,
                    .reason = "no track within " + seconds(now - order.placed) +
                              (order.last_error.empty() ? "" : "; last: " + order.last_error)});
  if (order.stage == Stage::kSubmitting || order.stage == Stage::kVerifying) return;
  if (give_up_if_hopeless(now, id, order)) return;
  if (now < order.not_before) return;
  if (order.stage == Stage::kFetching) return fetch(id, order);
  if (order.stage == Stage::kWaiting) {
    // Another server can have it made before this one is back.
    const bool elsewhere =
        servers_[order.server].is_down() && now - servers_[order.server].down_since() >= 5 &&
        std::ranges::any_of(servers_,
                            [&](const Server& x) { return x.state(now) == ServerState::kHealthy; });
    if (!elsewhere) return;
    order.avoid = order.server;
    retry(now, id, urls_[order.server] + " is down", false);
    if (!orders_.contains(id)) return;
  }
  if (adopt(now, id, order)) return;

  std::optional<std::size_t> best;
  Seconds best_wait = std::numeric_limits<Seconds>::infinity();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const int open = open_jobs(i);
    if (!servers_[i].takes_jobs(now, open)) continue;
    Seconds wait = servers_[i].expected_wait(order.task.duration, open);
    // A trial goes to a doubtful server only when no sound one has room.
    if (servers_[i].state(now) != ServerState::kHealthy) wait += 1e6;
    if (order.avoid == i) wait += 1e3;
    if (wait < best_wait) {
      best = i;
      best_wait = wait;
    }
  }
  if (best) submit(now, id, order, *best);
}

bool OrderBook::give_up_if_hopeless(Seconds now, OrderId id, Order& order) {
  const auto may_work = [&](std::size_t i) {
    const Server& server = servers_[i];
    if (server.is_unknown()) return true;
    const bool asking = is_asking(i, Request::Kind::kHealth) || is_asking(i, Request::Kind::kStats);
    switch (server.state(now)) {
      case ServerState::kDown:
      case ServerState::kNeedsKey:  // it may have been restarted with another
        return asking || server.due(true).at <= now;
      case ServerState::kSuspect:
        return open_jobs(i) > 0 || server.takes_jobs(now, 0) || order.stage == Stage::kWaiting ||
               order.stage == Stage::kFetching;
      default:
        return true;
    }
  };
  bool hope = false;
  bool may_return = false;  // in a minute, by itself
  if (order.stage == Stage::kPlanned) {
    for (std::size_t i = 0; i < servers_.size(); ++i) {
      hope = hope || may_work(i);
      may_return = may_return || servers_[i].state(now) != ServerState::kNeedsKey;
    }
  } else {
    const ServerState state = servers_[order.server].state(now);
    hope = state != ServerState::kDown && state != ServerState::kNeedsKey;
    may_return = state != ServerState::kNeedsKey;
    if (state == ServerState::kNeedsKey) {
      for (std::size_t i = 0; i < servers_.size() && !hope; ++i)
        hope = i != order.server && may_work(i);
      if (hope) {
        retry(now, id, urls_[order.server] + ": " + servers_[order.server].reason(now), true);
        return true;
      }
    }
  }
  if (hope) {
    // An answer being awaited is no sign of life: the wait goes on from where it began.
    const auto alive = [&](const Server& x) { return !x.is_down(); };
    if (std::ranges::any_of(servers_, alive)) order.hopeless_since.reset();
    return false;
  }
  if (!order.hopeless_since) order.hopeless_since = now;
  const bool is_silent = order.stage != Stage::kPlanned && silent_since_[order.server].has_value();
  const Seconds outage = is_silent ? limits_.silence : limits_.outage;
  if (order.under_way && may_return && now < *order.hopeless_since + outage) return false;
  GaveUp end{.order = id, .for_want_of_a_key = !servers_.empty()};
  std::string& reason = end.reason;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    end.for_want_of_a_key &= servers_[i].state(now) == ServerState::kNeedsKey;
    if (!reason.empty()) reason += "; ";
    reason += urls_[i] + " is " + name_of(servers_[i].state(now)) + ": " + servers_[i].reason(now);
  }
  if (servers_.empty()) reason = "no server is named";
  give_up(std::move(end));
  return true;
}

bool OrderBook::adopt(Seconds now, OrderId id, Order& order) {
  // The words of the track before may have been other ones for this very reason.
  const auto repeats = [&](const Task& task) {
    return order.wanted.prompt.empty() &&
           (task.prompt == last_prompt_ || std::ranges::any_of(orders_, [&](const auto& x) {
              return x.first < id && x.second.task.prompt == task.prompt;
            }));
  };
  for (const bool finished : {true, false}) {
    const auto key = jobs_.find_spare(finished, [&](const JobTable::Entry& open) {
      const ServerState state = servers_[open.server].state(now);
      return state != ServerState::kDown && state != ServerState::kNeedsKey &&
             serves(open.wanted, order.wanted) && !repeats(open.task);
    });
    if (!key) continue;
    JobTable::Entry& open = *jobs_.find(*key);
    open.order = id;
    order.job = *key;
    order.server = open.server;
    order.task = open.task;
    order.under_way = true;
    order.stage = finished ? Stage::kFetching : Stage::kWaiting;
    order.fetches = 0;
    return true;
  }
  return false;
}

void OrderBook::submit(Seconds now, OrderId id, Order& order, std::size_t i) {
  Server& server = servers_[i];
  Task task = order.task;
  if (order.plain) task.model.clear();
  suit_model(task, order.wanted, server.plays(task.model));
  task.thinking = server.thinks(now) && !order.no_thinking && !order.plain;
  order.server = i;
  order.stage = Stage::kSubmitting;
  order.task = task;
  send({.server = i,
        .kind = Request::Kind::kRelease,
        .timeout = 10,
        .task = task,
        .plain = order.plain,
        .order = id});
}

void OrderBook::fetch(OrderId id, Order& order) {
  const bool asking = std::ranges::any_of(pending_, [&](const auto& x) {
    return x.second.order == id && x.second.kind == Request::Kind::kFetch;
  });
  const auto* job = jobs_.find(order.job);
  if (asking || job == nullptr || !job->is_finished() || servers_[order.server].is_down()) return;
  ++order.fetches;
  send({.server = order.server,
        .kind = Request::Kind::kFetch,
        .timeout = 10,
        .file = job->songs.front().file,
        .order = id});
}

void OrderBook::give_up(GaveUp end) {
  const OrderId id = end.order;
  events_.emplace_back(std::move(end));
  abandon(id);
}

void OrderBook::retry(Seconds now, OrderId id, const std::string& why, bool counted) {
  Order& order = orders_.at(id);
  order.last_error = why;
  // One that may still finish elsewhere is left to whoever comes.
  if (counted || order.stage != Stage::kWaiting)
    jobs_.erase(order.job);
  else
    jobs_.leave(order.job);
  order.job.clear();
  order.stage = Stage::kPlanned;
  order.under_way = true;
  order.hopeless_since.reset();
  order.not_before = now;
  order.task.seed = static_cast<std::int64_t>(random_.next() >> 32);
  if (counted) {
    order.avoid = order.server;
    if (++order.failures >= limits_.failures)
      return give_up(
          {.order = id, .reason = std::to_string(order.failures) + " tries failed; last: " + why});
    order.not_before = now + std::exp2(order.failures) * (0.75 + 0.5 * uniform());
  } else if (++order.losses >= limits_.losses) {
    return give_up(
        {.order = id, .reason = "lost " + std::to_string(order.losses) + " times; last: " + why});
  }
}

/// In one line: if that makes the server suspect, the one that says so has the reason.
void OrderBook::blame(Seconds now, std::size_t i, const std::string& why) {
  const bool was_suspect = servers_[i].state(now) == ServerState::kSuspect;
  servers_[i].failed(now, why);
  if (was_suspect || servers_[i].state(now) != ServerState::kSuspect)
    tell(true, urls_[i] + ": " + why);
}

void OrderBook::notice_states(Seconds now) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const Server& server = servers_[i];
    const ServerState state = server.state(now);
    if (state == ServerState::kBusy) last_busy_[i] = now;
    // A server that just came back is spoken of when its figures are known.
    if (state == told_states_[i] || server.is_unknown()) continue;
    // A short queue that others use is full and not full every few seconds.
    if (told_states_[i] == ServerState::kBusy && state == ServerState::kHealthy &&
        now < last_busy_[i] + kCalm)
      continue;
    told_states_[i] = state;
    std::string text = urls_[i] + " is " + name_of(state);
    if (state == ServerState::kHealthy)
      text += ": " + std::to_string(server.stats().running) + " running, " +
              std::to_string(server.stats().waiting) + " waiting";
    else
      text += ": " + server.reason(now);
    tell(state != ServerState::kHealthy && state != ServerState::kBusy, std::move(text));
  }
}

std::vector<ServerView> OrderBook::servers(Seconds now) const {
  std::vector<ServerView> out;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const Server& server = servers_[i];
    ServerView view{.url = urls_[i],
                    .state = server.state(now),
                    .reason = server.reason(now),
                    .model = server.model(),
                    .running = server.stats().running,
                    .waiting = server.stats().waiting,
                    .seconds_per_second = server.seconds_per_second().value_or(0),
                    .note = note_of(now, i),
                    .delivery = {},
                    .last_error = server.last_error(),
                    .jobs = jobs_.views(now, i)};
    out.push_back(std::move(view));
  }
  return out;
}

}  // namespace infinara::remote

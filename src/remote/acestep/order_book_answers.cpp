// SPDX-License-Identifier: Apache-2.0
// The half of the state machine that takes answers: what each of them changes.
#include <algorithm>

#include "remote/acestep/order_book.hpp"

namespace infinara::remote {
namespace {

using Kind = Error::Kind;

}  // namespace

void OrderBook::reply(Seconds now, std::uint64_t serial, const Response& reply) {
  const auto found = pending_.find(serial);
  if (found == pending_.end()) return;
  const Request ask = found->second;
  pending_.erase(found);
  notice_silence(now, ask, reply);
  Server& server = servers_[ask.server];
  const auto* error = std::get_if<Error>(&reply);
  switch (ask.kind) {
    case Request::Kind::kRelease:
      return released(now, ask, reply);
    case Request::Kind::kQuery:
      return queried(now, ask, reply);
    case Request::Kind::kFetch:
      return fetched(now, ask, reply);
    case Request::Kind::kModels:
      if (const auto* models = std::get_if<Models>(&reply)) return server.heard(now, *models);
      if (error->kind == Kind::kRefused) return on_error(now, ask.server, *error);
      return server.no_models();
    case Request::Kind::kHealth:
      if (const auto* health = std::get_if<Health>(&reply)) return server.heard(now, *health);
      return on_error(now, ask.server, *error);
    case Request::Kind::kStats:
      if (const auto* stats = std::get_if<Stats>(&reply))
        return jobs_.heard_load(ask.server, *stats), server.heard(now, *stats);
      return on_error(now, ask.server, *error);
  }
}

// A server that takes connections and answers nothing, since it loads a model or was stopped, does
// not work meanwhile; its tasks are given that time.
void OrderBook::notice_silence(Seconds now, const Request& ask, const Response& reply) {
  auto& since = silent_since_[ask.server];
  const auto* error = std::get_if<Error>(&reply);
  if (error != nullptr && error->kind == Kind::kTimeout) {
    if (!since && ask.kind != Request::Kind::kFetch) since = now - ask.timeout;
    return;
  }
  if (!since) return;
  // One that refuses connections has died, and its tasks with it.
  if (error == nullptr || error->kind != Kind::kRefused) {
    jobs_.was_silent(ask.server, now - *since);
    for (auto& [id, order] : orders_)
      if (order.server == ask.server) order.hopeless_since.reset();
  }
  since.reset();
}

void OrderBook::on_error(Seconds now, std::size_t i, const Error& error) {
  servers_[i].on_error(now, error, uniform());
}

/// The server has the task.
void OrderBook::taken(Seconds now, const Request& ask, const std::string& task_id) {
  Server& server = servers_[ask.server];
  server.took_job();
  JobTable::Entry made{.server = ask.server,
                       .wanted = {},
                       .task = ask.task,
                       .job = Job(now, server.estimate(now, ask.task.duration,
                                                       open_jobs(ask.server), ask.task.model)),
                       .since = now,
                       .thought = ask.task.thinking,
                       .is_suited = true};
  if (made.job.loads_model()) server.loads_model(now);
  const JobTable::Key key = JobTable::key_of(ask.server, task_id);
  // The order may be gone; its job is then for whoever wants its like.
  if (const auto found = orders_.find(ask.order); found != orders_.end()) {
    Order& order = found->second;
    made.order = ask.order;
    made.wanted = order.wanted;
    order.stage = Stage::kWaiting;
    order.job = key;
    order.fetches = 0;
    order.under_way = true;
    order.hopeless_since.reset();
  }
  jobs_.put(key, std::move(made));
}

void OrderBook::released(Seconds now, const Request& ask, const Response& reply) {
  if (const auto* released = std::get_if<Released>(&reply))
    return taken(now, ask, released->task_id);
  const auto* error = std::get_if<Error>(&reply);
  if (error == nullptr) return;
  if (error->kind == Kind::kBusy)
    servers_[ask.server].was_full(now, *error, uniform());
  else if (error->kind == Kind::kRefused || error->kind == Kind::kUnauthorized ||
           error->kind == Kind::kCut || error->kind == Kind::kTimeout)
    on_error(now, ask.server, *error);
  const auto found = orders_.find(ask.order);
  if (found == orders_.end()) return;
  Order& order = found->second;
  order.stage = Stage::kPlanned;
  order.last_error = error->detail;
  switch (error->kind) {
    case Kind::kBusy:
    case Kind::kRefused:
    case Kind::kUnauthorized:
      order.not_before = now;
      return;
    case Kind::kRejected:
    case Kind::kBroken:
      if (!order.plain) {
        tell(true, urls_[ask.server] + " does not take an order: " + error->detail +
                       "; asking in plainer words");
        order.plain = true;
        order.not_before = now;
        return;
      }
      [[fallthrough]];
    case Kind::kUnsafe:
      blame(now, ask.server, error->detail);
      return retry(now, ask.order, error->detail, true);
    default:
      // It may have been taken all the same; a stray job costs the card's time and no more.
      return retry(now, ask.order, error->detail, true);
  }
}

void OrderBook::queried(Seconds now, const Request& ask, const Response& reply) {
  if (const auto* error = std::get_if<Error>(&reply)) return on_error(now, ask.server, *error);
  const auto* states = std::get_if<std::vector<TaskState>>(&reply);
  if (states == nullptr) return;
  for (const TaskState& state : *states) {
    const JobTable::Key key = JobTable::key_of(ask.server, state.task_id);
    JobTable::Entry* open = jobs_.find(key);
    if (open == nullptr || open->is_finished()) continue;
    Job& job = open->job;
    const double before = job.progress();
    const std::string stage = job.stage();
    const Job::Outcome outcome = job.heard(now, state);
    if (outcome == Job::Outcome::kWait && open->order != 0 &&
        (job.progress() != before || job.stage() != stage))
      events_.emplace_back(Progressed{open->order, job.progress(), job.stage()});
    if (outcome != Job::Outcome::kWait) judged(now, key, &state, outcome);
  }
}

void OrderBook::judged(Seconds now, const std::string& key, const TaskState* state,
                       Job::Outcome outcome) {
  using Outcome = Job::Outcome;
  JobTable::Entry& open = *jobs_.find(key);
  Server& server = servers_[open.server];
  const std::string& url = urls_[open.server];
  const OrderId id = open.order;
  const Seconds age = now - open.job.submitted();
  const std::string after = " after " + std::to_string(static_cast<int>(age)) + " s";

  if (outcome == Outcome::kSucceeded) {
    for (const Song& song : state->songs)
      if (!song.file.empty()) open.songs.push_back(song);
    // Only what was seen to begin tells how fast the card is; a wait in the queue does not.
    const Seconds begun = open.job.started().value_or(open.since);
    const std::string played = open.songs.front().model;
    const auto run = open.job.loads_model() ? std::nullopt : std::optional(now - begun);
    if (server.finished(run, open.task.duration, open.job.longest_gap(), open.task.model, played))
      tell(true, url + " plays " + played + ", not " + open.task.model + " as asked");
    if (open.thought) server.learnt_thinking(now, true);
    jobs_.one_ended(now, open.server);
    // The model that plays is known from the first result. A base model with a turbo's steps only
    // hums.
    Task suited = open.task;
    suit_model(suited, open.wanted, played);
    if (open.is_suited && !played.empty() && suited.steps > open.task.steps) {
      const std::string why = played + " played, and with too few steps";
      jobs_.erase(key);
      if (id == 0) return;
      tell(false, url + ": " + why + "; asking again");
      orders_.at(id).job.clear();
      return retry(now, id, why, false);
    }
    if (id == 0) return;
    Order& order = orders_.at(id);
    order.stage = Stage::kFetching;
    order.not_before = now;
    order.patience_until = now + 2 * limits_.outage;
    return;
  }

  std::string why;
  switch (outcome) {
    case Outcome::kLost:
      why = "the server was restarted and forgot the track";
      break;
    case Outcome::kSilent:
      why = "the server made silence, or could not save the track";
      break;
    case Outcome::kStuck:
      why = "no progress at \"" + open.job.stage() + "\"" + after;
      break;
    case Outcome::kLate:
      why = "not finished" + after;
      break;
    default:
      why = state != nullptr && !state->error.empty()
                ? state->error
                : "the job failed; the server gives no reason";
  }
  const bool thought = open.thought;
  const std::size_t where = open.server;
  jobs_.erase(key);

  // A job that fails while nobody knows whether there is a language model probably lacks one.
  const bool blame_thinking = outcome == Outcome::kFailed && thought && !server.thinks_for_sure();
  if (blame_thinking) {
    // Two orders may fail of it at once.
    if (server.thinks(now))
      tell(true, urls_[where] + " fails with its language model: " + why +
                     "; going on without for a while");
    server.learnt_thinking(now, false);
  } else if (outcome == Outcome::kStuck || (outcome == Outcome::kLate && server.may_be_asked())) {
    server.stuck(now, why);
  } else if (outcome != Outcome::kLost) {
    blame(now, where, why);
  } else {
    tell(true, url + ": " + why + (id != 0 ? "; asking again" : ""));
  }
  if (id == 0) return;
  Order& order = orders_.at(id);
  order.job.clear();
  order.server = where;
  if (outcome == Outcome::kFailed) order.no_thinking = true;
  retry(now, id, why, outcome != Outcome::kLost && !blame_thinking);
}

void OrderBook::fetched(Seconds now, const Request& ask, const Response& reply) {
  const auto found = orders_.find(ask.order);
  if (found == orders_.end() || found->second.stage != Stage::kFetching) return;
  Order& order = found->second;
  if (std::holds_alternative<Fetched>(reply)) {
    servers_[ask.server].gave_track();
    order.stage = Stage::kVerifying;
    const auto* job = jobs_.find(order.job);
    std::string model = order.task.model.empty() ? servers_[ask.server].model() : order.task.model;
    if (job != nullptr && job->is_finished() && !job->songs.front().model.empty())
      model = job->songs.front().model;
    events_.emplace_back(Arrived{ask.order, ask.serial, order.task, model});
    return;
  }
  const auto* error = std::get_if<Error>(&reply);
  if (error == nullptr) return;
  order.last_error = error->detail;
  switch (error->kind) {
    case Kind::kDisk:
      return give_up({.order = ask.order, .reason = error->detail});
    case Kind::kUnauthorized:
      servers_[ask.server].locked_up(now, *error, uniform());
      order.not_before = now;
      return;
    case Kind::kRefused:
      // What is finished outlives a restart: wait for it within the outage allowed.
      on_error(now, ask.server, *error);
      order.not_before = now + 1;
      if (order.fetches < 20) return;
      break;
    case Kind::kCut:
    case Kind::kTimeout:
    case Kind::kBroken:
      order.not_before = now + 1;
      if (order.fetches < 2) return;
      break;
    default:
      break;
  }
  const std::string why = "the track cannot be fetched: " + error->detail;
  blame(now, ask.server, why);
  retry(now, ask.order, why, true);
}

}  // namespace infinara::remote

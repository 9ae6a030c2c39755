// SPDX-License-Identifier: Apache-2.0
#include "remote/acestep/server_state.hpp"

#include <algorithm>
#include <cmath>

namespace infinara::remote {
namespace {

using Kind = Error::Kind;

constexpr Seconds kFirstProbe = 2;
constexpr Seconds kLastProbe = 30;
constexpr Seconds kLastSilentProbe = 8;  // it may go on where it was stopped
constexpr Seconds kKeyAgain = 60;        // a server may be restarted with another key
constexpr Seconds kStatsWanted = 6;
constexpr Seconds kStatsIdle = 30;
constexpr Seconds kLoadingTrial = 20;  // ACESTEP_NO_INIT loads at the first job and never before
constexpr Seconds kLoadingExtra = 600;
constexpr Seconds kFirstTrial = 60;
constexpr Seconds kLastTrial = 600;
constexpr Seconds kThinkAgain = 600;
constexpr Seconds kThinkAgainAtLast = 4 * 3600;
constexpr int kOpenJobs = 2;  // one runs, one waits: the card is never idle, a restart loses little
constexpr int kFailuresInARow = 3;

// A value up to a quarter to either side, so that clients do not beat in step.
Seconds spread(Seconds x, double random) {
  return x * (0.75 + 0.5 * random);
}

}  // namespace

const char* name_of(ServerState state) {
  switch (state) {
    case ServerState::kLoading:
      return "LOADING";
    case ServerState::kHealthy:
      return "HEALTHY";
    case ServerState::kBusy:
      return "BUSY";
    case ServerState::kSuspect:
      return "SUSPECT";
    case ServerState::kNeedsKey:
      return "NEEDS_KEY";
    case ServerState::kDown:
      break;
  }
  return "DOWN";
}

Server::Due Server::due(bool wanted) const {
  if (reach_ == Reach::kUnasked || reach_ == Reach::kDown) return {Probe::kHealth, ask_at_};
  if (reach_ == Reach::kGreeting || needs_key_) return {Probe::kStats, ask_at_};
  if (!models_known_ || models_stale_) return {Probe::kModels, ask_at_};
  if (loading_) return {Probe::kHealth, ask_at_};
  const Seconds fresh = stats_at_ + (wanted ? kStatsWanted : kStatsIdle);
  return {Probe::kStats, misses_ > 0 ? ask_at_ : fresh};
}

void Server::nudge(Seconds now) {
  if (reach_ == Reach::kDown || needs_key_) ask_at_ = std::min(ask_at_, now);
}

void Server::heard(Seconds now, const Health& health) {
  if (reach_ == Reach::kUnasked || reach_ == Reach::kDown) {
    reach_ = Reach::kGreeting;
    ask_at_ = now;
  } else {
    ask_at_ = now + 5;
  }
  if (!health.ready && !loading_) loading_since_ = now;
  loading_ = !health.ready;
  if (health.language_model) {
    thinks_ = *health.language_model;
    thinks_again_at_ = *health.language_model ? 0 : now + kThinkAgain;
  }
}

void Server::heard(Seconds now, const Stats& stats) {
  if (stats.total < stats_.total && reach_ == Reach::kUp) forget_process();
  if (reach_ != Reach::kUp) models_known_ = false;
  reach_ = Reach::kUp;
  needs_key_ = false;
  misses_ = 0;
  down_delay_ = kFirstProbe;
  ask_at_ = now;
  stats_at_ = now;
  stats_ = stats;
  // A server that hung has something running. One with nothing to do, twice, is free of it.
  const bool idle = stats.running + stats.waiting == 0;
  if (suspect_ && idle && was_idle_ && failures_ == 0) suspect_ = false;
  was_idle_ = idle;
}

void Server::heard(Seconds now, const Models& models) {
  models_known_ = true;
  models_stale_ = false;
  models_ = models;
  if (!models.current.empty() || model_.empty()) model_ = models.current;
  misses_ = 0;
  ask_at_ = now;
}

void Server::forget_process() {
  ++deaths_;
  suspect_ = false;
  failures_ = 0;
  gave_track();
  trial_delay_ = kFirstTrial;
  thinks_.reset();
  thinks_delay_ = 0;
  loading_until_ = 0;
  doubt_.clear();
  models_ = {};
  plays_.clear();
  stats_ = {};
  was_idle_ = false;
  took_job();
  models_known_ = false;
}

void Server::go_down(Seconds now, double random, Seconds slowest) {
  if (reach_ != Reach::kDown && reach_ != Reach::kGreeting) down_since_ = now;
  reach_ = Reach::kDown;
  loading_ = false;
  needs_key_ = false;
  ask_at_ = now + spread(down_delay_, random);
  down_delay_ = std::min(down_delay_ * 2, slowest);
}

void Server::on_error(Seconds now, const Error& error, double random) {
  last_error_ = error.detail;
  refusal_ = error.detail;
  if (error.kind == Kind::kUnauthorized) {
    reach_ = Reach::kUp;
    needs_key_ = true;
    ask_at_ = now + kKeyAgain;
    return;
  }
  if (error.kind == Kind::kRefused) {
    if (reach_ == Reach::kUp) forget_process();
    return go_down(now, random, kLastProbe);
  }
  if (error.kind == Kind::kTimeout && now < loading_until_ && reach_ == Reach::kUp) {
    ask_at_ = now + 5;
    return;
  }
  // A stall of seconds is usual while its language model works; two misses are no answer.
  if (++misses_ >= 2 || reach_ != Reach::kUp)
    return go_down(now, random, error.kind == Kind::kTimeout ? kLastSilentProbe : kLastProbe);
  ask_at_ = now + spread(kFirstProbe, random);
}

void Server::locked_up(Seconds now, const Error& error, double random) {
  on_error(now, {error.kind, "its tracks cannot be fetched: " + error.detail}, random);
  locked_delay_ = std::clamp(locked_delay_ * 2, kKeyAgain, kLastTrial);
  locked_until_ = now + locked_delay_;
}

void Server::was_full(Seconds now, const Error& error, double random) {
  last_error_ = error.detail;
  fullness_ = error.detail;
  busy_until_ = now + std::min(60.0, spread(5 * std::exp2(std::min(busy_streak_, 4)), random));
  ++busy_streak_;
}

void Server::took_job() {
  busy_streak_ = 0;
  busy_until_ = 0;
}

bool Server::is_full() const {
  return stats_.room > 0 && stats_.waiting >= stats_.room;
}

void Server::loads_model(Seconds now) {
  loading_until_ = now + kLoadingExtra;
}

bool Server::finished(std::optional<Seconds> run, Seconds audio, Seconds gap,
                      const std::string& wanted, const std::string& played) {
  if (run) {
    const double speed = std::max(*run, 0.05) / std::max(audio, 1.0);
    speed_ = speed_ ? 0.7 * *speed_ + 0.3 * speed : speed;
  }
  gap_ = std::max(gap_ * 0.9, gap);
  models_stale_ = models_stale_ || !models_.unloaded.empty();
  failures_ = 0;
  suspect_ = false;
  trial_delay_ = kFirstTrial;
  loading_ = false;
  loading_until_ = 0;
  doubt_.clear();
  if (played.empty()) return false;
  model_ = played;
  const auto before = plays_.find(wanted);
  const bool is_new = before == plays_.end() || before->second != played;
  plays_[wanted] = played;
  return is_new && !wanted.empty() && wanted != played;
}

void Server::learnt_thinking(Seconds now, bool works) {
  thinks_ = works;
  thinks_delay_ = works ? 0 : std::clamp(thinks_delay_ * 2, kThinkAgain, kThinkAgainAtLast);
  thinks_again_at_ = now + thinks_delay_;
}

std::string Server::plays(const std::string& wanted) const {
  if (const auto known = plays_.find(wanted); known != plays_.end()) return known->second;
  const auto& names = models_.names;
  if (wanted.empty() || (!names.empty() && std::ranges::find(names, wanted) == names.end()))
    return models_.current.empty() ? model_ : models_.current;
  return wanted;
}

bool Server::must_load(const std::string& wanted) const {
  if (models_.unloaded.empty()) return false;
  return models_.names.empty() ||
         std::ranges::find(models_.unloaded, plays(wanted)) != models_.unloaded.end();
}

std::string Server::other_model() const {
  for (const auto& [wanted, played] : plays_)
    if (!wanted.empty() && wanted != played)
      return "plays " + played + ", not " + wanted + " as asked";
  return {};
}

void Server::failed(Seconds now, const std::string& why) {
  last_error_ = why;
  loading_until_ = 0;
  if (++failures_ < kFailuresInARow) return;
  stuck(now, std::to_string(failures_) + " jobs in a row: " + why);
}

void Server::stuck(Seconds now, const std::string& why) {
  last_error_ = why;
  suspicion_ = why;
  loading_until_ = 0;
  if (suspect_) trial_delay_ = std::min(trial_delay_ * 2, kLastTrial);
  suspect_ = true;
  was_idle_ = false;
  trial_at_ = now + trial_delay_;
}

ServerState Server::state(Seconds now) const {
  if (reach_ == Reach::kUnasked) return ServerState::kLoading;
  if (is_down()) return ServerState::kDown;
  if (needs_key_ || now < locked_until_) return ServerState::kNeedsKey;
  if (suspect_ || !doubt_.empty()) return ServerState::kSuspect;
  if (loading_ || now < loading_until_) return ServerState::kLoading;
  if (busy_streak_ > 0 || now < busy_until_ || is_full()) return ServerState::kBusy;
  return ServerState::kHealthy;
}

bool Server::takes_jobs(Seconds now, int open) const {
  if (!models_known_) return false;
  switch (state(now)) {
    case ServerState::kHealthy:
      return open < kOpenJobs;
    case ServerState::kBusy:
      return open < kOpenJobs && now >= busy_until_ && !is_full();
    case ServerState::kLoading:
      return open == 0 && reach_ == Reach::kUp && now >= loading_since_ + kLoadingTrial;
    case ServerState::kSuspect:
      return open == 0 && now >= trial_at_ && doubt_.empty();
    default:
      return false;
  }
}

Seconds Server::patience_until() const {
  if (suspect_) return std::max(trial_at_, locked_until_);
  if (loading_) return std::max(loading_since_ + kLoadingTrial, locked_until_);
  return std::max(busy_until_, locked_until_);
}

Seconds Server::expected_wait(Seconds duration, int open) const {
  const auto ahead = std::max<double>(static_cast<double>(stats_.waiting + stats_.running), open);
  const Seconds job =
      speed_ ? *speed_ * duration : (stats_.ended > 0 ? stats_.mean_job_seconds : duration / 4);
  return (ahead + 1) * job * std::exp2(std::min(failures_, 6));
}

Job::Estimate Server::estimate(Seconds now, Seconds duration, int open,
                               const std::string& wanted) const {
  Job::Estimate out;
  if (speed_) out.run = *speed_ * duration;
  const auto ahead = std::max<double>(static_cast<double>(stats_.waiting + stats_.running), open);
  out.queue = ahead * out.run.value_or(stats_.ended > 0 ? stats_.mean_job_seconds : 60);
  out.usual_gap = gap_;
  if (state(now) == ServerState::kLoading || must_load(wanted)) out.extra = kLoadingExtra;
  return out;
}

std::string Server::reason(Seconds now) const {
  switch (state(now)) {
    case ServerState::kHealthy:
      return {};
    case ServerState::kLoading:
      if (reach_ == Reach::kUnasked) return "not asked yet";
      return now < loading_until_ ? "it loads a model" : "its models are not loaded";
    case ServerState::kSuspect:
      return suspect_ ? suspicion_ : doubt_;
    case ServerState::kBusy:
      return fullness_.empty() ? "its queue is full" : fullness_;
    case ServerState::kNeedsKey:
    case ServerState::kDown:
      break;
  }
  return refusal_.empty() ? "it has only begun to answer" : refusal_;
}

}  // namespace infinara::remote

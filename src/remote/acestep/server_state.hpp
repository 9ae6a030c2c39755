// SPDX-License-Identifier: Apache-2.0
// What is known of one ACE-Step server: whether it answers, how fast it is, when to ask it again.
// No clock and no I/O.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "remote/acestep/api.hpp"
#include "remote/acestep/job.hpp"

namespace infinara::remote {

enum class ServerState {
  kLoading,  // not asked yet, or answers without its models
  kHealthy,
  kBusy,      // its queue is full
  kSuspect,   // takes jobs and does not finish them
  kNeedsKey,  // the key is missing or wrong
  kDown,
};
const char* name_of(ServerState state);

class Server {
 public:
  enum class Probe { kHealth, kStats, kModels };

  /// What to ask next, and when.
  struct Due {
    Probe probe;
    Seconds at;
  };
  /// `wanted`: somebody waits for a track, so its figures should be fresh.
  Due due(bool wanted) const;
  /// Somebody new asks for it: a server that is down or wants a key is asked again soon.
  void nudge(Seconds now);
  /// Nothing was ever heard of it, good or bad, or an answer is being awaited.
  bool is_unknown() const { return reach_ == Reach::kUnasked || reach_ == Reach::kGreeting; }

  void heard(Seconds now, const Health& health);
  void heard(Seconds now, const Stats& stats);
  void heard(Seconds now, const Models& models);
  /// Any call went wrong. `random` 0 … 1 spreads the next try.
  void on_error(Seconds now, const Error& error, double random);
  /// A track cannot be had for want of a key, though the figures may. Believed for a while that
  /// grows, since only another download can tell whether it still is so.
  void locked_up(Seconds now, const Error& error, double random);
  void gave_track() { locked_until_ = locked_delay_ = 0; }
  /// A model list that cannot be had is not an error.
  void no_models() { models_known_ = true; }
  /// A release was refused because the queue is full.
  void was_full(Seconds now, const Error& error, double random);

  void took_job();
  /// A job of ours makes it load a model. Until one ends, silence is no sign of its death: the
  /// server answers nothing while it loads.
  void loads_model(Seconds now);
  /// A job ended well. `run`: seconds of work, unless a model was loaded meanwhile. `wanted`: the
  /// model it was told, maybe none; `played`: the one that it says has played. True if that is
  /// another one, for the first time.
  bool finished(std::optional<Seconds> run, Seconds audio, Seconds gap, const std::string& wanted,
                const std::string& played);
  void failed(Seconds now, const std::string& why);
  void stuck(Seconds now, const std::string& why);
  /// A job of ours has not moved for long, and may have hung; empty if none has. It is SUSPECT
  /// meanwhile.
  void doubt(std::string why) { doubt_ = std::move(why); }

  ServerState state(Seconds now) const;
  /// May take a job now: healthy, or bad for so long that one job may prove otherwise.
  bool takes_jobs(Seconds now, int open) const;
  /// What must pass before takes_jobs() may change by itself.
  Seconds patience_until() const;
  /// Until a new job of `duration` seconds of music would be ready; more after failures.
  Seconds expected_wait(Seconds duration, int open) const;
  /// For a new job of `duration` seconds by the model `wanted`.
  Job::Estimate estimate(Seconds now, Seconds duration, int open, const std::string& wanted) const;

  /// Whether to let its language model plan: yes until a job fails that way, and again after ten
  /// minutes, then twenty and so on to four hours.
  bool thinks(Seconds now) const { return thinks_.value_or(true) || now >= thinks_again_at_; }
  bool thinks_for_sure() const { return thinks_.has_value() && *thinks_; }
  void learnt_thinking(Seconds now, bool works);

  /// The model that plays for an order of model `wanted`, which may be empty: what its results
  /// say, else what its list says. Empty if neither says.
  std::string plays(const std::string& wanted) const;
  /// Whether that model must be loaded first.
  bool must_load(const std::string& wanted) const;
  /// "plays A, not B as asked", if that is so.
  std::string other_model() const;

  const std::string& model() const { return model_; }
  const Stats& stats() const { return stats_; }
  std::optional<double> seconds_per_second() const { return speed_; }
  const std::string& last_error() const { return last_error_; }
  /// Why the state is what it is; empty when healthy.
  std::string reason(Seconds now) const;
  /// Grows with each death that was seen (refused connections, counters from zero).
  int deaths() const { return deaths_; }
  Seconds down_since() const { return down_since_; }
  bool is_down() const { return reach_ == Reach::kDown || reach_ == Reach::kGreeting; }
  /// It answers, and what it is asked is not refused for want of a key.
  bool may_be_asked() const { return reach_ == Reach::kUp && !needs_key_; }

 private:
  // kGreeting: it was down and has answered /health, its figures are still to come.
  enum class Reach { kUnasked, kDown, kGreeting, kUp };

  void go_down(Seconds now, double random, Seconds slowest);
  void forget_process();
  bool is_full() const;

  Reach reach_ = Reach::kUnasked;
  bool loading_ = false;
  Seconds loading_since_ = 0;
  bool needs_key_ = false;
  Seconds locked_until_ = 0;
  Seconds locked_delay_ = 0;
  bool models_known_ = false;
  int misses_ = 0;
  Seconds ask_at_ = 0;
  Seconds down_delay_ = 2;
  Seconds down_since_ = 0;
  Seconds stats_at_ = 0;
  Stats stats_;
  std::string model_;  // that played last, or would
  Models models_;
  bool models_stale_ = false;                 // the list may be longer now
  std::map<std::string, std::string> plays_;  // model wanted -> model that played
  std::optional<bool> thinks_;
  Seconds thinks_again_at_ = 0;
  Seconds thinks_delay_ = 0;
  Seconds loading_until_ = 0;
  std::optional<double> speed_;
  Seconds gap_ = 0;
  Seconds busy_until_ = 0;
  int busy_streak_ = 0;
  int failures_ = 0;
  bool suspect_ = false;
  bool was_idle_ = false;
  Seconds trial_at_ = 0;
  Seconds trial_delay_ = 60;
  int deaths_ = 0;
  std::string last_error_;
  std::string refusal_;  // why it is not reached, or does not let us in
  std::string fullness_;
  std::string suspicion_;
  std::string doubt_;
};

}  // namespace infinara::remote

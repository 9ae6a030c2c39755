// SPDX-License-Identifier: Apache-2.0
// One task that a server has taken: what its states mean over time. No clock: `now` is handed in,
// in seconds since any fixed moment.
#pragma once

#include <optional>
#include <string>

#include "remote/acestep/api.hpp"
#include "remote/time.hpp"

namespace infinara::remote {

class Job {
 public:
  /// What the server is thought to need.
  struct Estimate {
    std::optional<Seconds> run;  // for this task alone; nothing while its speed is unknown
    Seconds queue = 0;           // until it begins
    Seconds usual_gap = 0;       // longest pause between two changes in a good task
    Seconds extra = 0;           // models to be loaded first
  };
  enum class Outcome {
    kWait,
    kSucceeded,
    kFailed,
    kSilent,  // said to have succeeded, without a file
    kLost,    // the server forgot it, or died with it: ask again, nobody's fault
    kStuck,   // no change for too long
    kLate,    // past its deadline
  };

  Job(Seconds now, Estimate estimate);

  Outcome heard(Seconds now, const TaskState& state);
  /// Whether it is too late, also when nothing is heard.
  Outcome tick(Seconds now) const;

  /// The server answered nothing for `gap` seconds and goes on: they do not count.
  void was_silent(Seconds gap);
  /// The server refused connections, or counts from zero: what ran there is gone, though it may
  /// go on being called "running" for an hour.
  void server_died();
  /// The server says how many tasks it works on, and whether it has none at all: if so twice, while
  /// this one is said to run, it is lost.
  void server_load(bool idle, std::int64_t running);

  Seconds next_poll() const { return next_poll_; }
  /// When it is late, unless it moves until then: it may move on for an hour on a slow card.
  Seconds late_at() const;
  /// How long it has stood still, and where, if that is longer than one may expect.
  std::optional<Seconds> standstill(Seconds now) const;
  bool loads_model() const { return estimate_.extra > 0; }
  Seconds submitted() const { return submitted_; }
  /// When work on it was first seen after having been seen to wait.
  std::optional<Seconds> started() const { return started_; }
  Seconds longest_gap() const { return longest_gap_; }
  /// 0 … 1 as the server estimates, for showing only.
  double progress() const { return progress_.value_or(0); }
  const std::string& stage() const { return stage_; }

 private:
  Seconds patience() const;
  Outcome waiting(Seconds now, const TaskState& state);

  Seconds submitted_;
  Estimate estimate_;
  Seconds deadline_;
  Seconds next_poll_;
  Seconds changed_;
  Seconds longest_gap_ = 0;
  std::optional<Seconds> started_;
  std::optional<Seconds> unknown_since_;
  bool seen_waiting_ = false;
  bool changes_ = false;  // this dialect tells progress, so a standstill means something
  bool orphaned_ = false;
  int frozen_polls_ = 0;
  int alive_polls_ = 0;
  int idle_reports_ = 0;
  std::int64_t running_there_ = 0;
  TaskState::Phase phase_ = TaskState::Phase::kQueued;
  std::optional<double> progress_;
  std::string stage_;
};

}  // namespace infinara::remote

// SPDX-License-Identifier: Apache-2.0
// The double's queue and its one worker: jobs that wait, run, end well or badly, and what is left
// of them when the server dies.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "support/acestep_settings.hpp"
#include "support/acestep_shelf.hpp"
#include "support/acestep_words.hpp"

namespace support {

/// The server's own clock.
class FastClock {
 public:
  explicit FastClock(double speed) : speed_(speed) {}
  double now() const {
    return speed_ * std::chrono::duration<double>(std::chrono::steady_clock::now() - born_).count();
  }
  /// When `now()` will be `when`, at most some years from now.
  std::chrono::steady_clock::time_point real(double when) const;

 private:
  const double speed_;
  const std::chrono::steady_clock::time_point born_ = std::chrono::steady_clock::now();
};

/// Seconds since 1970, in thousandths.
std::int64_t wall_milliseconds();

class Jobs {
 public:
  /// `dies` is called on the worker's thread when a job kills the server.
  Jobs(const DoubleSettings& settings, Identity identity, Shelf& shelf, const FastClock& clock,
       std::function<void(bool gently)> dies);
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  ~Jobs();

  /// Whether the model is there; until it is, jobs wait.
  void set_loaded(bool loaded, int port);
  struct Taken {
    std::string id;
    int position;  // in the queue
  };
  /// Nothing if the queue is full.
  std::optional<Taken> take(const Asked& asked, Fault fault);
  /// What is told of an id, known or not.
  std::string entry_of(const AskedId& asked) const;
  /// The fault that this poll for this id is to meet; each job has two such polls.
  Fault poll(const std::string& id);
  /// What a process that ends does not remember. Finished jobs are in its cache on disk.
  void forget(bool gently);
  /// Lets the hung and the stalled job end, as failed.
  void unblock();

  /// Whether the server answers anything now: not while it is stopped or loads a model.
  bool answers() const;
  /// Whether a model has been loaded.
  bool has_model() const;

  Counts counts() const;
  int most_open() const;

 private:
  struct Job {
    std::string id;
    Asked asked;
    Fault fault = Fault::kNone;
    bool is_stranger = false;  // somebody else's: it makes nothing
    enum class State { kQueued, kRunning, kDone, kFailed } state = State::kQueued;
    std::int64_t created = 0;  // seconds since 1970
    double submitted = 0;      // server's clock
    double claimed = 0;
    std::optional<double> started{};
    double takes = 1;
    std::optional<Progress> frozen;  // it ran when the server died
    bool is_forgotten = false;       // there is no cache that would know of it
    int faulty_polls = 0;            // that are still to come
    std::string result;              // once it is over
  };

  // All with the lock held.
  void put_before(const Asked& asked, Fault fault);
  Job new_job(const Asked& asked, Fault fault);
  void forget_all(bool gently);
  Progress progress_of(const Job& job) const;
  bool is_blocked(const Job& job) const;
  bool fails(const Job& job) const;
  void claim();
  void work();
  void run(std::unique_lock<std::mutex>& lock, Job& job);
  void fail(Job& job);
  void succeed(Job& job, const std::vector<std::string>& contents);
  std::string store(const Job& job, const std::string& bytes);
  std::string uuid();
  Counts counted() const;
  template <typename Condition>
  bool wait_until(std::unique_lock<std::mutex>& lock, double when, Condition condition) {
    return changed_.wait_until(lock, clock_.real(when), condition);
  }

  const DoubleSettings& set_;
  const Identity identity_;
  Shelf& shelf_;
  const FastClock& clock_;
  const std::function<void(bool)> dies_;

  mutable std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  bool stopping_ = false;
  bool loaded_ = false;
  bool unblocked_ = false;
  bool answers_ = true;
  bool has_model_ = true;
  int generation_ = 0;  // of the process that this plays
  std::mt19937_64 random_;
  std::map<std::string, Job> jobs_;
  std::deque<std::string> queue_;
  std::deque<std::string> claimed_;  // called running and still to be worked on
  std::string last_line_;            // of the server's log
  Counts counts_;
  int leaked_ = 0;
  std::deque<double> job_seconds_;
  int most_open_ = 0;
  std::thread worker_;
};

}  // namespace support

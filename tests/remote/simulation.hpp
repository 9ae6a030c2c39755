// SPDX-License-Identifier: Apache-2.0
// A pool of simulated servers and the client's book before it, in simulated time: no clock, no
// socket.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
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

  void advance(Seconds now);
  void restart(Seconds now);
  /// Stops as by SIGSTOP, from `since` until now.
  void was_stopped(Seconds since, Seconds now);
  double progress(const Made& job, Seconds now) const;
  TaskState state(const std::string& id, Seconds now);
  Response answer(const Request& ask, Seconds now);
};

/// `count` servers that answer after 20 ms, the client before them, and all that it said.
struct World {
  explicit World(std::size_t count = 1, OrderBook::Limits limits = {});

  void at(Seconds when, std::function<void()> what) { plans.emplace(when, std::move(what)); }

  OrderId order(double duration = 60, const std::string& model = "");

  // Runs until `done` or `end`.
  void run(
      Seconds end, const std::function<bool()>& done = [] { return false; });
  bool run_until_over(Seconds end, OrderId id);

  void take(Event& event);
  std::vector<Seconds> times_of(Request::Kind kind) const;
  ServerView view(std::size_t server = 0) const { return book->servers(now)[server]; }
  std::vector<Task> ordered() const;
  bool logged(const std::string& words) const;

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

// SPDX-License-Identifier: Apache-2.0
// The state machine of a client of ACE-Step servers: time and answers in, requests and decisions
// out. It brings each order from PLANNED by SUBMITTING, WAITING, FETCHING and VERIFYING to a track,
// or says in bounded time why there is none. No clock, no I/O, no threads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "remote/acestep/job_table.hpp"
#include "remote/acestep/planner.hpp"
#include "remote/acestep/server_state.hpp"

namespace infinara::remote {

/// One request to be sent. Each is answered once, by OrderBook::reply() with its serial.
struct Request {
  enum class Kind { kHealth, kStats, kModels, kRelease, kQuery, kFetch };
  std::uint64_t serial = 0;
  std::size_t server = 0;
  Kind kind = Kind::kHealth;
  Seconds timeout = 5;  // for the whole call; of a fetch, without a byte
  Task task{};          // kRelease
  bool plain = false;
  std::vector<std::string> task_ids{};  // kQuery
  std::string file{};                   // kFetch, as the server named it
  OrderId order = 0;                    // kRelease, kFetch
};

struct Fetched {};  // the bytes are with whoever sent the request
using Response =
    std::variant<Error, Health, Stats, Models, Released, std::vector<TaskState>, Fetched>;

/// How far an order is. `progress` is the server's own estimate and may go down.
struct Progressed {
  OrderId order;
  double progress;
  std::string stage{};
};
/// The bytes of `fetch` are there: listen to them, then call outcome().
struct Arrived {
  OrderId order;
  std::uint64_t fetch;
  Task task;
  std::string model{};  // that played it, as far as the server says; else the one asked for
};
/// There will be no track.
struct GaveUp {
  OrderId order;
  bool for_want_of_a_key = false;  // every server wants one, or another
  std::string reason{};
};
/// The answer to this request is no longer wanted.
struct Cancel {
  std::uint64_t serial;
};
/// One line for the log.
struct LogLine {
  bool bad;
  std::string text{};
};
using Event = std::variant<Request, Progressed, Arrived, GaveUp, Cancel, LogLine>;

struct ServerView {
  std::string url{};
  ServerState state = ServerState::kLoading;
  std::string reason{};
  std::string model{};
  std::int64_t running = 0;
  std::int64_t waiting = 0;
  double seconds_per_second = 0;  // measured by us; 0: not yet
  std::string note{};             // what its operator should know though it works
  std::string delivery{};         // how its tracks come: "volume" or "HTTP"; empty: none came yet
  std::string last_error{};
  std::vector<JobView> jobs{};
  bool operator==(const ServerView&) const = default;
};

class OrderBook {
 public:
  struct Limits {
    int failures = 3;        // tries of one order that may end badly
    int losses = 5;          // tries that no one is to blame for
    Seconds patience = 900;  // from order to track
    Seconds outage = 60;     // an order under way waits so long for a server to come back,
    Seconds silence = 240;   // and so long where it takes connections but does not answer
  };

  /// `servers`: base URLs. The seed feeds back-off and planning.
  OrderBook(std::vector<std::string> servers, std::uint64_t seed, Limits limits);

  OrderId order(Seconds now, TrackRequest wanted);
  void abandon(OrderId order);
  /// What the audition says of an Arrived track. A bad one costs a try, with another seed.
  void outcome(Seconds now, OrderId order, bool good, const std::string& reason);

  void reply(Seconds now, std::uint64_t serial, const Response& reply);
  /// Decides what is due and returns all events since the last call.
  std::vector<Event> step(Seconds now);
  /// When step() must be called next, if nothing else happens.
  Seconds wake(Seconds now) const;

  /// Call when the client is closed: no answer to anything asked so far will come, and no order
  /// waits any more.
  void hang_up();

  std::vector<ServerView> servers(Seconds now) const;
  /// What outlives this process: for the next one's restore().
  std::vector<SavedTask> kept(Seconds now) const { return jobs_.saved(now, urls_); }
  void restore(Seconds now, const std::vector<SavedTask>& kept) { jobs_.restore(now, urls_, kept); }

 private:
  enum class Stage { kPlanned, kSubmitting, kWaiting, kFetching, kVerifying };

  struct Order {
    TrackRequest wanted;
    Task task;
    Stage stage = Stage::kPlanned;
    Seconds placed = 0;
    Seconds not_before = 0;
    Seconds patience_until = 0;  // later than usual, once its task was finished late
    std::optional<Seconds> hopeless_since{};
    std::optional<std::size_t> avoid{};
    bool under_way = false;
    bool plain = false;
    bool no_thinking = false;
    int failures = 0;
    int losses = 0;
    int fetches = 0;
    std::size_t server = 0;
    JobTable::Key job{};
    std::string last_error{};
  };
  void send(Request ask);
  bool is_asking(std::size_t server, Request::Kind kind) const;
  bool is_probing(std::size_t server) const;
  int open_jobs(std::size_t server) const;
  bool any_open() const { return !orders_.empty(); }
  double uniform() { return random_.uniform(); }
  void tell(bool bad, std::string text) { events_.emplace_back(LogLine{bad, std::move(text)}); }

  bool may_poll(Seconds now, std::size_t server) const;
  void probe(Seconds now);
  void poll(Seconds now);
  void watch(Seconds now);
  void dispatch(Seconds now, OrderId id, Order& order);
  bool adopt(Seconds now, OrderId id, Order& order);
  void submit(Seconds now, OrderId id, Order& order, std::size_t server);
  void fetch(OrderId id, Order& order);
  bool give_up_if_hopeless(Seconds now, OrderId id, Order& order);
  void give_up(GaveUp end);
  void retry(Seconds now, OrderId id, const std::string& why, bool counted);
  void notice_states(Seconds now);
  void blame(Seconds now, std::size_t server, const std::string& why);

  void released(Seconds now, const Request& ask, const Response& reply);
  void taken(Seconds now, const Request& ask, const std::string& task_id);
  void queried(Seconds now, const Request& ask, const Response& reply);
  void judged(Seconds now, const std::string& key, const TaskState* state, Job::Outcome outcome);
  void fetched(Seconds now, const Request& ask, const Response& reply);
  void on_error(Seconds now, std::size_t server, const Error& error);
  void notice_silence(Seconds now, const Request& ask, const Response& reply);
  void notice_standstills(Seconds now);
  double pace_of(Seconds now, std::size_t server) const;
  std::string note_of(Seconds now, std::size_t server) const;
  Seconds patience_of(const Order& order) const;

  std::vector<std::string> urls_{};
  Limits limits_;
  music::Random random_;
  Planner planner_;
  std::string last_prompt_{};  // of the track that was given out last
  std::vector<Server> servers_{};
  std::vector<ServerState> told_states_{};
  std::vector<Seconds> last_busy_{};
  std::vector<int> seen_deaths_{};
  std::vector<std::optional<Seconds>> silent_since_{};
  std::vector<bool> told_slow_{};
  std::map<OrderId, Order> orders_;
  JobTable jobs_;
  std::map<std::uint64_t, Request> pending_;
  std::vector<Event> events_{};
  OrderId next_order_ = 1;
  std::uint64_t next_serial_ = 1;
};

}  // namespace infinara::remote

// SPDX-License-Identifier: Apache-2.0
// The ACE-Step servers of this process, asked by one thread on behalf of every source that names
// the same ones. What OrderBook decides is carried out here: requests, files, the memory of tasks.
#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "remote/acestep/order_book.hpp"
#include "remote/spool.hpp"

namespace infinara::remote {

struct PoolSettings {
  std::vector<std::string> servers{};  // base URLs, from parse_addresses()
  std::string key{};                   // for those without one of their own
  std::vector<std::string> keys{};     // each server's own, or empty; may be shorter
  std::string output_dir{};            // our mount of the servers' folder; empty: none
  /// The servers' own name of it, looked for first. The folder is found by looking otherwise.
  std::string remote_dir = "/app/outputs";
  bool cleans = false;                  // deletes from output_dir what was taken
  std::string spool_dir{};              // where fetched tracks wait; empty: the temporary folder
  std::string state_file{};             // remembers tasks over our restart; empty: does not
  std::int64_t spool_most = 512 << 20;  // bytes
  auto operator<=>(const PoolSettings&) const = default;
};

struct Addresses {
  std::vector<std::string> servers{};  // base URLs without keys
  std::vector<std::string> keys{};     // one a server; empty: it has none
};

/// Comma-separated http or https URLs; a server's own key may stand before its host, as
/// http://KEY@HOST:PORT, percent-encoded. `keys`: one key for all servers without one of their own,
/// or a comma-separated list of as many as there are URLs. The error says what is wrong, and
/// never has a key.
Result<Addresses> parse_addresses(const std::string& text, const std::string& keys);
/// The servers of parse_addresses().
Result<std::vector<std::string>> parse_locations(const std::string& text);

/// Told how an order fares, on the pool's thread. Must not block, nor end its PlacedOrder.
class OrderObserver {
 public:
  virtual ~OrderObserver() = default;
  virtual void progressed(const Progressed& progress) = 0;
  virtual void arrived(const Arrived& arrived, std::shared_ptr<SpooledTrack> track) = 0;
  virtual void gave_up(const GaveUp& end) = 0;
  /// What is known of the servers has changed, by more than the age of tasks.
  virtual void servers_changed(const std::vector<ServerView>&) {}
  /// One line for the log; each is told to one observer alone.
  virtual void logged(const std::string&) {}
};

class Pool {
 public:
  /// The one pool of these settings in this process. What it knows of its servers lasts as long as
  /// the process; its thread runs while orders are placed.
  static std::shared_ptr<Pool> of(const PoolSettings& settings);
  /// Sets what receives each line for the log, on any thread. Call it once, before the first pool.
  static void set_log(void (*log)(bool bad, const std::string& line));

  explicit Pool(PoolSettings settings);
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// As of now. Any thread.
  std::vector<ServerView> servers() const;

 private:
  friend class PlacedOrder;
  class Worker;
  struct Cell;

  void enter();
  void leave();
  void post(std::function<void(Worker&)> what);

  const PoolSettings settings_;
  std::shared_ptr<Spool> spool_;

  std::mutex worker_mutex_;  // taken before view_mutex_; never by the pool's thread
  int placed_ = 0;
  std::unique_ptr<Worker> worker_;
  OrderBook book_;  // the pool's thread's alone while it runs
  bool restored_ = false;

  mutable std::mutex view_mutex_;
  std::vector<ServerView> view_;
  std::set<std::string> remembered_;     // the pool's thread's alone, as all below
  std::vector<std::string> deliveries_;  // by server: "volume", "HTTP", or not yet known
  std::string found_dir_;                // the servers' name of our output_dir, as found
  bool clean_told_ = false;
  bool state_told_ = false;
};

/// An order placed with a pool. Ends with its owner: then nothing more is told, and the pool's
/// thread goes when this was the last one. Not to be ended on the pool's thread.
class PlacedOrder {
 public:
  PlacedOrder(std::shared_ptr<Pool> pool, TrackRequest wanted, OrderObserver& observer);
  PlacedOrder(const PlacedOrder&) = delete;
  PlacedOrder& operator=(const PlacedOrder&) = delete;
  ~PlacedOrder();

  /// What the audition says of the track that arrived.
  void outcome(bool good, const std::string& reason);

 private:
  std::shared_ptr<Pool> pool_;
  std::shared_ptr<Pool::Cell> cell_;
};

}  // namespace infinara::remote
